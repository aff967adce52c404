# shellcheck shell=bash
# Sourced by the scripts in tools/: paths and the look that tells a finished setup in milliseconds.
#   SMARTSYNCH_HOME      the project's root
#   smartsynch_ready P   true when setup P (native, web, all) was done here and nothing changed since
#   smartsynch_env       puts the right Node.js on PATH
# No command is started where the shell itself can answer: every use of tools/smartsynch passes here.

SMARTSYNCH_HOME=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export SMARTSYNCH_HOME
SMARTSYNCH_CACHE=$SMARTSYNCH_HOME/.cache
SMARTSYNCH_VENV=$SMARTSYNCH_CACHE/venv
SMARTSYNCH_STAMPS=$SMARTSYNCH_CACHE/setup

# What, when newer than a stamp, makes that setup run again.
smartsynch_inputs() {
  SMARTSYNCH_INPUTS=("$SMARTSYNCH_HOME"/tools/setup.sh "$SMARTSYNCH_HOME"/tools/setup/*
    "$SMARTSYNCH_HOME"/tools/fetch.py "$SMARTSYNCH_HOME"/tools/*.lock*
    "$SMARTSYNCH_HOME"/tools/cmake/OnnxRuntime.cmake)
  if [[ $1 != native* ]]; then
    SMARTSYNCH_INPUTS+=("$SMARTSYNCH_HOME"/web/package.json "$SMARTSYNCH_HOME"/web/package-lock.json)
  fi
}

smartsynch_ready() {
  local stamp=$SMARTSYNCH_STAMPS/$1.stamp file home=""
  [[ -s $stamp ]] || return 1
  smartsynch_inputs "$1"
  for file in "${SMARTSYNCH_INPUTS[@]}"; do
    [[ ! $file -nt $stamp ]] || return 1
  done
  # First the root for which it was done, then files that must be there.
  while IFS= read -r file; do
    if [[ -z $home ]]; then
      home=$file
      [[ $home == "$SMARTSYNCH_HOME" ]] || return 1
    else
      [[ -s $file ]] || return 1
    fi
  done <"$stamp"
  smartsynch_node_unchanged || return 1
  smartsynch_missing "$1"
  ((${#SMARTSYNCH_MISSING[@]} == 0))
}

# Fills SMARTSYNCH_MISSING with the package column of every row of setup $1 whose check fails.
smartsynch_missing() {
  local parts part check package
  case $1 in
    native) parts=" base native " ;;
    web) parts=" base web " ;;
    all) parts=" base native web test " ;;
    *) parts=" $1 " ;;
  esac
  SMARTSYNCH_MISSING=()
  while read -r part check package; do
    [[ $part != "" && $part != \#* && $parts == *" $part "* ]] || continue
    smartsynch_has "$check" || SMARTSYNCH_MISSING+=("$package")
  done <"$SMARTSYNCH_HOME/tools/setup/system_packages.txt"
}

smartsynch_has() {
  local names name
  IFS=, read -ra names <<<"${1#*:}"
  for name in "${names[@]}"; do
    case $1 in
      cmd:*) command -v "$name" >/dev/null && return 0 ;;
      header:*) [[ -e /usr/include/$name || -e /usr/local/include/$name ]] && return 0 ;;
      file:*) [[ -s $name ]] && return 0 ;;
      venv) [[ -x $SMARTSYNCH_VENV/bin/python ]] ||
        python3 -c 'import ensurepip, venv' 2>/dev/null && return 0 ;;
    esac
  done
  return 1
}

# The file node_bin holds the folder of an own Node.js, or "=" and the path of the one on PATH.
smartsynch_node_unchanged() {
  local bin=""
  [[ ! -s $SMARTSYNCH_STAMPS/node_bin ]] || IFS= read -r bin <"$SMARTSYNCH_STAMPS/node_bin"
  case $bin in
    =*) [[ $(command -v node) == "${bin#=}" ]] ;;
    ?*) [[ -x $bin/node ]] ;;
  esac
}

smartsynch_env() {
  local bin=""
  [[ ! -s $SMARTSYNCH_STAMPS/node_bin ]] || IFS= read -r bin <"$SMARTSYNCH_STAMPS/node_bin"
  [[ -z $bin || $bin == =* || $PATH == "$bin":* ]] || export PATH="$bin:$PATH"
}
