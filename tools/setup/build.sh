# shellcheck shell=bash
# Sourced by the scripts in tools/: quiet builds.
#   smartsynch_build PRESET [TARGET…]   configures if needed and builds; returns 1 after showing why not
# Nothing reaches standard output; standard error gets a line now and then while a build takes long,
# and the errors when it fails. Two builds of one preset wait for each other.

smartsynch_build() {
  local preset=$1 folder=$SMARTSYNCH_HOME/build/$1 log watcher status=0
  shift
  log=$folder.log
  mkdir -p "$SMARTSYNCH_HOME/build"
  exec 8>"$folder.lock"
  flock 8
  # A build folder that was made for another place (the project was moved) is of no use.
  if [[ -f $folder/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$SMARTSYNCH_HOME" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  smartsynch_watch_build "$preset" "$log" 8>&- >/dev/null </dev/null &
  watcher=$!
  smartsynch_configure_and_build "$preset" "$folder" "$@" >"$log" 2>&1 </dev/null 8>&- || status=1
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
  exec 8>&-
  if ((status)); then
    grep -E -A12 'error|FAILED|CMake Error' "$log" | tail -n 80 >&2 || tail -n 40 "$log" >&2
    printf 'build: %s failed; the whole output is in build/%s.log\n' "$preset" "$preset" >&2
  fi
  return "$status"
}

smartsynch_configure_and_build() {
  local preset=$1 folder=$2
  shift 2
  if [[ ! -f $folder/build.ninja ]]; then
    (cd "$SMARTSYNCH_HOME" && cmake --preset "$preset") || return 1
  fi
  ninja -C "$folder" "$@"
}

# Says what the build is at: on a terminal every second, elsewhere now and then.
smartsynch_watch_build() {
  local line pause=3
  # Its pauses hold no file open: whoever reads the output need not wait for their end.
  while sleep "$pause" 2>/dev/null; do
    # A background process does not hear Ctrl-C.
    kill -0 "$$" 2>/dev/null || return 0
    line=$(tail -n 1 "$2" 2>/dev/null) || line=""
    if [[ -t 2 ]]; then
      pause=1
      printf '\rbuilding %s: %s\033[K' "$1" "${line:0:60}" >&2
    else
      pause=15
      printf 'building %s: %s\n' "$1" "${line:0:100}" >&2
    fi
  done
}

# Builds web/dist unless nothing that it is made of has changed.
smartsynch_build_page() {
  local web=$SMARTSYNCH_HOME/web stamp=$SMARTSYNCH_STAMPS/page.stamp new inputs
  inputs=("$web"/src "$web"/demo "$web"/tools "$web"/*.json "$SMARTSYNCH_HOME"/models
    "$SMARTSYNCH_HOME"/build/wasm-release/wasm/*.{mjs,wasm} "$web"/node_modules/.package-lock.json)
  if [[ -e $stamp && -s $web/dist/index.js && -s $web/dist/node.js && -s $web/dist/demo/index.html ]]; then
    new=$(find "${inputs[@]}" -newer "$stamp" -print -quit) || new=unknown
    [[ -n $new ]] || return 0
  fi
  : >"$stamp.new"
  printf 'building the page\n' >&2
  if ! npm --prefix "$web" run --silent build >"$SMARTSYNCH_HOME/build/page.log" 2>&1 </dev/null; then
    tail -n 60 "$SMARTSYNCH_HOME/build/page.log" >&2
    printf 'build: the page failed; the whole output is in build/page.log\n' >&2
    return 1
  fi
  mv "$stamp.new" "$stamp"
}
