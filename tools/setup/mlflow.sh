#!/usr/bin/env bash
# tools/setup/mlflow.sh: a real MLflow server for the tests, in .cache/mlflow (about 850 MB), pinned
# by hash. Safe to repeat. `tools/test.sh --long` runs it; without it those tests are skipped.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$home/.cache/mlflow
lock=$home/tools/setup/mlflow.lock
[[ -s $venv/done && ! $lock -nt $venv/done ]] && exit 0
printf 'setup: installing MLflow for the tests\n' >&2
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
  --only-binary :all: -r "$lock" >&2
printf 'installed\n' >"$venv/done"
