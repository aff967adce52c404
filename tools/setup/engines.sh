#!/usr/bin/env bash
# tools/setup/engines.sh: Firefox, WebKitGTK, a processor emulator, and Clang 14 with libFuzzer and
# coverage, from the system's packages. Safe to repeat. `tools/test.sh --long` runs it for the tests that
# need more than Chromium on this processor; whatever cannot be installed is named here, and its tests are
# skipped.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$SMARTSYNCH_HOME/tools/setup/steps.sh"

mkdir -p "$SMARTSYNCH_STAMPS"
for part in firefox webkit emulator clang; do
  (install_system_packages "$part") || say "$part is missing: its tests will be skipped"
done
