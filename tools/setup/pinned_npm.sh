#!/usr/bin/env bash
# tools/setup/pinned_npm.sh FOLDER…: the npm packages that FOLDER/package-lock.json pins, in
# FOLDER/node_modules; FOLDER is relative to the project. Safe to repeat. `tools/test.sh --long` runs
# it for what a few tests alone need: bundlers and test runners (tests/packages), drivers of browsers
# (tests/engines).
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$SMARTSYNCH_HOME/tools/setup/steps.sh"

mkdir -p "$SMARTSYNCH_STAMPS"
smartsynch_env
for folder in "$@"; do
  install_node_modules "$folder"
done
