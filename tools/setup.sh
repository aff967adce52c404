#!/usr/bin/env bash
# Installs what the project needs on this machine; see --help.
set -euo pipefail

usage() {
  cat <<'HELP'
tools/setup.sh [--native | --web | --all] [--help]

Installs what is missing and returns at once when nothing is.
  --native      the command line tool: compiler, CMake, ONNX Runtime
  --web         the page: Emscripten, Node.js, npm packages
  --all         both, and what the tests need: Chromium, linters, Python references (default)

System packages come from apt (Debian 12, Ubuntu 24.04 or newer), with sudo when you are not root;
without apt you are told what to install. Everything else goes below .cache/ and into the
node_modules of web/ and web/examples/: nothing outside the project changes. Node.js is the one on PATH when it has npm and is new enough
(20.19, 22.12 or later), else one in .cache/venv. Exit status: 0 ready, 1 with what is missing, 2
wrong usage.
HELP
}

profile=all
for argument in "$@"; do
  case $argument in
    --native | --web | --all) profile=${argument#--} ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      printf 'setup: unknown argument %q\n' "$argument" >&2
      usage >&2
      exit 2
      ;;
  esac
done

# shellcheck source-path=SCRIPTDIR source=setup/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup/env.sh"
if smartsynch_ready "$profile"; then
  exit 0
fi

# shellcheck source-path=SCRIPTDIR source=setup/steps.sh
source "$SMARTSYNCH_HOME/tools/setup/steps.sh"
[[ $(uname -s) == Linux ]] || die "expected Linux, found $(uname -s)"
mkdir -p "$SMARTSYNCH_STAMPS"
install_system_packages "$profile"

# One at a time; whoever waited finds the work done and passes quickly.
exec 9>"$SMARTSYNCH_STAMPS/lock"
flock 9
started=$SMARTSYNCH_STAMPS/started.$$
: >"$started"
trap 'rm -f "$started"' EXIT

check_versions "$profile"
make_venv
needed=("$SMARTSYNCH_VENV/bin/python")
groups=()
if [[ $profile != web ]] && ! has_system_onnxruntime; then
  groups+=(onnxruntime)
  needed+=("$SMARTSYNCH_CACHE/onnxruntime/lib/libonnxruntime.so.1"
    "$SMARTSYNCH_CACHE/onnxruntime/include/onnxruntime_cxx_api.h")
fi
if [[ $profile != web ]]; then
  groups+=(plots)
  needed+=("$SMARTSYNCH_CACHE/plots/uPlot.iife.min.js" "$SMARTSYNCH_CACHE/plots/uPlot.min.css")
fi
choose_node
smartsynch_env
if [[ $profile == all ]]; then
  pip_install "$SMARTSYNCH_HOME/tools/requirements.lock" "the tests' Python packages"
  groups+=(reference)
  needed+=("$SMARTSYNCH_CACHE/reference/tokenizer.json")
fi
((${#groups[@]})) && fetch_files "${groups[@]}"
if [[ $profile != native ]]; then
  install_node_modules web
  needed+=("$SMARTSYNCH_HOME/web/node_modules/.package-lock.json")
fi
if [[ $profile == all ]]; then
  install_node_modules web/examples
  needed+=("$SMARTSYNCH_HOME/web/examples/node_modules/.package-lock.json")
fi

# As old as the start: a file that changed meanwhile makes the next run look again.
printf '%s\n' "$SMARTSYNCH_HOME" "${needed[@]}" >"$SMARTSYNCH_STAMPS/$profile.new"
touch -r "$started" "$SMARTSYNCH_STAMPS/$profile.new"
mv "$SMARTSYNCH_STAMPS/$profile.new" "$SMARTSYNCH_STAMPS/$profile.stamp"
say "ready ($profile)"
