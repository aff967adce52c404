#!/usr/bin/env bash
# tools/setup/schemathesis.sh: schemathesis for tests/server/test_schema.py, in .cache/schemathesis,
# pinned by hash. Safe to repeat. `tools/test.sh --long` runs it; without it that test is skipped.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$home/.cache/schemathesis
lock=$home/tools/setup/schemathesis.lock
[[ -s $venv/done && ! $lock -nt $venv/done ]] && exit 0
printf 'setup: installing schemathesis for the tests\n' >&2
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
  --only-binary :all: -r "$lock" >&2
printf 'installed\n' >"$venv/done"
