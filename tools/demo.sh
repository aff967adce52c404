#!/usr/bin/env bash
# Builds the page and serves it; see --help.
set -euo pipefail

usage() {
  cat <<'HELP'
tools/demo.sh [--port N] [--no-open] [--build-only] [--help]

Sets up this machine, builds the WebAssembly core and the page, and serves it on the loopback
address until you press Ctrl-C. A later start is quick when nothing changed.
  --port N       the port (default 8321)
  --no-open      prints the address and opens no browser
  --build-only   stops when web/dist is ready
HELP
}

port=8321
open=yes
serve=yes
while (($#)); do
  case $1 in
    --port)
      port=${2:-}
      shift
      ;;
    --port=*) port=${1#*=} ;;
    --no-open) open=no ;;
    --build-only) serve=no ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      printf 'demo: unknown argument %q\n' "$1" >&2
      usage >&2
      exit 2
      ;;
  esac
  (($#)) && shift
done
if [[ ! $port =~ ^[0-9]{1,5}$ ]] || ((10#$port < 1 || 10#$port > 65535)); then
  printf 'demo: --port: expected a number from 1 to 65535, found %q\n' "$port" >&2
  exit 2
fi

# shellcheck source-path=SCRIPTDIR source=setup/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup/env.sh"
smartsynch_ready web || "$SMARTSYNCH_HOME/tools/setup.sh" --web
smartsynch_env
# shellcheck source-path=SCRIPTDIR source=setup/build.sh
source "$SMARTSYNCH_HOME/tools/setup/build.sh"
smartsynch_build wasm-release smartsynch_wasm || exit 1
smartsynch_build_page || exit 1
if [[ $serve == no ]]; then
  printf 'demo: web/dist is ready\n' >&2
  exit 0
fi

address=http://127.0.0.1:$port/demo/
if [[ $open == yes && -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] && command -v xdg-open >/dev/null; then
  (
    for _ in {1..100}; do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        exec xdg-open "$address" >/dev/null 2>&1
      fi
      sleep 0.1
    done
  ) &
fi
exec node "$SMARTSYNCH_HOME/web/tools/serve.mjs" --root "$SMARTSYNCH_HOME/web/dist" --port "$port"
