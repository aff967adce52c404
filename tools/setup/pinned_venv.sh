#!/usr/bin/env bash
# tools/setup/pinned_venv.sh NAME: the Python packages of tools/setup/NAME.lock, pinned by hash, in
# .cache/NAME. Safe to repeat. `tools/test.sh --long` runs it for what a few tests alone need: mlflow (a
# real MLflow server, about 850 MB), schemathesis and ray (450 MB); without it those tests are skipped.
set -euo pipefail

name=$1
home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$home/.cache/$name
lock=$home/tools/setup/$name.lock
[[ -s $venv/done && ! $lock -nt $venv/done ]] && exit 0
printf 'setup: installing %s for the tests\n' "$name" >&2
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
  --only-binary :all: -r "$lock" >&2
printf 'installed\n' >"$venv/done"
