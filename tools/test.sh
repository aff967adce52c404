#!/usr/bin/env bash
# Sets up this machine and runs the tests; see --help.
set -euo pipefail

usage() {
  cat <<'HELP'
tools/test.sh [--fast | --long] [--help]

Sets up this machine and runs every test, as continuous integration does (up to 30 minutes on two
cores from a fresh clone). A failing section does not hide the others; the exit status is then 1.
  --fast   5 minutes: linters on what changed, unit tests natively and in WebAssembly, Python and
           TypeScript tests
  --long   by hand: all of it, then unit tests under sanitizers in many orders, more random texts, the
           page's memory over a long session, emulated older processors, the backlog example in Ray, the
           server's memory under load, the npm package in bundlers and test runners,
           Firefox and WebKitGTK, ThreadSanitizer, coverage, mutants, fuzzing, every write interrupted

SMARTSYNCH_EXTRA_DATA names a folder with public data sets; tests that need it report themselves as
skipped without it.
HELP
}

level=default
for argument in "$@"; do
  case $argument in
    --fast | --long) level=${argument#--} ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      printf 'test: unknown argument %q\n' "$argument" >&2
      usage >&2
      exit 2
      ;;
  esac
done

# shellcheck source-path=SCRIPTDIR source=setup/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup/env.sh"
cd "$SMARTSYNCH_HOME"
# shellcheck source-path=SCRIPTDIR source=setup/build.sh
source tools/setup/build.sh
# shellcheck source-path=SCRIPTDIR source=setup/test_sections.sh
source tools/setup/test_sections.sh

export NO_COLOR=1
section "setup" tools/setup.sh --all
smartsynch_env
section "format" check_format
section "lint" check_lint
section "unit tests, native" run_core_tests
section "clang-tidy" check_clang_tidy
section "unit tests, WebAssembly" run_preset wasm-release
section "page" smartsynch_build_page
section "build, native release" build_programs
section "unit tests, server" run_ctest native-release -L server
section "tool tests" run_python_tests tests/tools '*_test.py'
if [[ $level == long ]]; then
  section "browsers and emulator for the tests" tools/setup/engines.sh
  export SMARTSYNCH_EMULATED_TITLES=100
fi
[[ $level != long ]] || section "MLflow for the tests" tools/setup/pinned_venv.sh mlflow
section "command line tests" run_python_tests tests/cli 'test_*.py'
[[ $level != long ]] || section "schemathesis for the tests" tools/setup/pinned_venv.sh schemathesis
[[ $level != long ]] || section "Ray for the tests" tools/setup/pinned_venv.sh ray
section "server tests" run_python_tests tests/server 'test_*.py'
section "parity" run_parity_tests
section "TypeScript tests" run_npm test
if [[ $level != fast ]]; then
  section "browser tests" run_npm test:browser
  section "README commands" "$SMARTSYNCH_VENV/bin/python" tests/readme/run_readme.py
fi
if [[ $level == long ]]; then
  section "npm packages for the tests" tools/setup/pinned_npm.sh tests/packages tests/engines
  section "package in bundlers and test runners" timeout 1200 npm --prefix tests/packages test --silent
  section "Firefox and WebKitGTK" timeout 1200 npm --prefix tests/engines test --silent
fi
if [[ $level == long ]]; then
  section "training killed at every write" run_interrupted_training
  section "base model damaged" run_damaged_model
  section "unit tests, server, sanitizers" run_server_sanitized
  section "ThreadSanitizer" run_tsan
  section "coverage of the core" tests/quality/coverage.py
  section "mutants" tests/quality/mutants.py
  section "fuzzing" run_fuzz
  section "known weaknesses of what is locked" run_audit
  section "bill of materials" tools/supply_chain/sbom.py --out build/sbom.cdx.json
fi
[[ $level != long ]] || section "memory of a long session" run_npm test:soak
[[ $level != long ]] || section "memory of the server under load" tests/server/measure_memory.py --check
[[ $level != long ]] || section "unit tests, sanitizers, other orders" run_shuffled
summary
