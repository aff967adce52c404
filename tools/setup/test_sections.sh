# shellcheck shell=bash
# Sourced by tools/test.sh: its sections, each a function that fails when something in it fails.
# `level` is fast, default or long.

level=${level:-default}

# With ASan and UBSan, but for a quick look.
unit_preset=native-asan
[[ $level != fast ]] || unit_preset=native-debug

names=()
results=()
times=()

# section NAME COMMAND…: runs it under a heading and notes how it went and how long it took.
section() {
  local name=$1 status=0 start=$SECONDS
  shift
  printf '\n=== %s ===\n' "$name"
  set +e
  (
    set -e
    "$@"
  )
  status=$?
  set -e
  names+=("$name")
  results+=("$status")
  times+=($((SECONDS - start)))
  ((status == 0)) || printf -- '--- %s: FAILED (exit status %d)\n' "$name" "$status"
}

summary() {
  local i failed=0
  printf '\n=== summary ===\n'
  for i in "${!names[@]}"; do
    if ((results[i] == 0)); then
      printf 'ok      %4d s  %s\n' "${times[i]}" "${names[i]}"
    else
      printf 'FAILED  %4d s  %s\n' "${times[i]}" "${names[i]}"
      failed=$((failed + 1))
    fi
  done
  printf 'all     %4d s\n' "$SECONDS"
  printf 'sections: %d passed, %d failed\n' $((${#names[@]} - failed)) "$failed"
  ((failed == 0))
}

# several COMMAND --and COMMAND …: runs all of them, then fails if one failed.
several() {
  local command=() status=0 failed word
  for word in "$@" --and; do
    if [[ $word != --and ]]; then
      command+=("$word")
      continue
    fi
    # Not `if` or `||`: there the shell would go on after a failure within a function.
    set +e
    (
      set -e
      "${command[@]}"
    )
    failed=$?
    set -e
    if ((failed)); then
      printf 'failed: %s\n' "${command[*]}"
      status=1
    fi
    command=()
  done
  return "$status"
}

# Tracked and new files, without those that git ignores or that are deleted.
project_files() {
  local file
  while IFS= read -r -d '' file; do
    [[ ! -f $file ]] || printf '%s\0' "$file"
  done < <(git ls-files -z --cached --others --exclude-standard -- "$@")
}

clang_tool() { command -v "$1-14" || command -v "$1"; }

check_format() {
  several check_clang_format --and npm --prefix web run --silent format:check
}

check_clang_format() {
  local tool files
  tool=$(clang_tool clang-format)
  if [[ $("$tool" --version) != *"version 14."* ]]; then
    printf 'skipped: clang-format 14 is the one that decides, found %s\n' "$("$tool" --version)"
    return 0
  fi
  mapfile -d '' files < <(project_files '*.h' '*.cpp')
  ((${#files[@]}))
  "$tool" --dry-run -Werror "${files[@]}"
  printf 'clang-format: %d files\n' "${#files[@]}"
}

check_lint() {
  several check_shell --and python3 tools/layers/check_layers.py \
    --and npm --prefix web run --silent lint --and npm --prefix web run --silent typecheck
}

check_shell() {
  local files
  mapfile -d '' files < <(project_files '*.sh' tools/smartsynch .ci/run)
  shellcheck -x "${files[@]}"
  printf 'shellcheck: %d files\n' "${#files[@]}"
}

# In a fast run only what differs from the last commit; else the files that the sanitizers' build puts
# several sources into, which reads what they include once. The analyzer takes half of the time and
# runs by hand (--long).
check_clang_tidy() {
  local files options=('--checks=-clang-analyzer-*,-bugprone-suspicious-include')
  [[ $level != long ]] || options=('--checks=-bugprone-suspicious-include')
  mapfile -t files < <(tidy_files)
  if ((${#files[@]} == 0)); then
    printf 'clang-tidy: no changed file\n'
    return 0
  fi
  printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" "$(clang_tool clang-tidy)" --quiet "${options[@]}" \
    --header-filter='(core|wasm|tools)/.*\.(h|cpp)$' \
    --extra-arg=-Wno-unknown-warning-option -p "build/$unit_preset" 2> >(grep -v 'warnings generated' >&2)
  printf 'clang-tidy: %d files\n' "${#files[@]}"
}

tidy_files() {
  local file
  if [[ $level == fast ]]; then
    {
      git diff --name-only HEAD~1 -- core tools/cli 2>/dev/null || true
      git ls-files --others --exclude-standard -- core tools/cli
    } | sort -u | while IFS= read -r file; do
      [[ $file == *.cpp && -f $file ]] && printf '%s\n' "$file"
    done
  else
    python3 - "build/$unit_preset/compile_commands.json" <<'PYTHON'
import json, re, sys
for entry in json.load(open(sys.argv[1])):
    if re.search(r"/(core/src|core/CMakeFiles|tools/cli)/[^ ]*\.c(pp|xx)$", entry["file"]):
        print(entry["file"])
PYTHON
  fi
}

# run_preset PRESET [TARGET…]: builds it, or those of its targets, and runs its tests.
run_preset() {
  smartsynch_build "$@"
  run_ctest "$1"
}

# run_ctest PRESET [OPTION…]
run_ctest() {
  # Without colours: in WebAssembly doctest takes any output for a terminal.
  ctest --preset "$@" --verbose --timeout 1200 --no-tests=error |
    sed -n $'s/\e\\[[0-9;]*m//g; /^test [0-9]/,$p'
}

run_server_sanitized() {
  smartsynch_build native-asan smartsynch smartsynch_server_tests
  # What is freed is kept for a while; the tests bound the server's memory.
  ASAN_OPTIONS=quarantine_size_mb=16 \
    LSAN_OPTIONS="print_suppressions=0:suppressions=$SMARTSYNCH_HOME/tests/cli/leaks.supp" \
    several run_ctest native-asan -L server \
    --and run_server_built_with native-asan 'test_*.py'
}

# run_server_built_with PRESET PATTERN: those tests of the running server.
run_server_built_with() {
  SMARTSYNCH_CLI=$SMARTSYNCH_HOME/build/$1/tools/cli/smartsynch run_python_tests tests/server "$2"
}

# What the tests below take from the release build.
build_programs() {
  smartsynch_build native-release smartsynch kill_at_write smartsynch_tokenize_lines \
    smartsynch_embedding_lines smartsynch_server_tests
}

run_core_tests() {
  smartsynch_build "$unit_preset" smartsynch_core_tests
  run_ctest "$unit_preset" -LE server
}

# run_python_tests FOLDER PATTERN
run_python_tests() {
  timeout 900 "$SMARTSYNCH_VENV/bin/python" -m unittest discover -s "$1" -p "$2"
}

# Each script of tests/parity compares two implementations and closes with its counts.
run_parity_tests() {
  local script status=0 options random=20000
  [[ $level != long ]] || random=200000
  for script in tests/parity/*_parity.py; do
    options=()
    case $script in
      */tokenizer_parity.py)
        options=(--native build/native-release/tests/parity/smartsynch_tokenize_lines
          --wasm build/wasm-release/tests/parity/smartsynch_tokenize_lines.js --random "$random")
        ;;
    esac
    printf -- '- %s\n' "$script"
    timeout 1200 "$SMARTSYNCH_VENV/bin/python" "$script" "${options[@]}" || status=1
  done
  return "$status"
}

run_npm() { timeout 1200 npm --prefix web run --silent "$1"; }

run_damaged_model() {
  smartsynch_build native-release smartsynch_unit_tests
  build/native-release/tests/unit/smartsynch_unit_tests --no-skip -tc="the base model*"
}

run_interrupted_training() {
  SMARTSYNCH_INTERRUPT_TRAINING=1 timeout 3600 "$SMARTSYNCH_VENV/bin/python" -m unittest discover \
    -s tests/cli -p test_interrupted_writes.py
}

# The store's tests, which have threads, queues and a spool, and the running server.
run_tsan() {
  smartsynch_build native-tsan smartsynch smartsynch_store_tests
  TSAN_OPTIONS="halt_on_error=1 suppressions=$SMARTSYNCH_HOME/tests/server/tsan.supp" several \
    build/native-tsan/tests/server_store/smartsynch_store_tests \
    --and run_server_built_with native-tsan 'test_everything*.py' \
    --and run_server_built_with native-tsan 'test_slow*.py' \
    --and run_server_built_with native-tsan 'test_connections.py' \
    --and run_server_built_with native-tsan 'test_learning.py' \
    --and run_server_built_with native-tsan 'test_fine_tune*.py'
}

run_fuzz() {
  smartsynch_build native-fuzz smartsynch_fuzz
  tests/fuzz/run.py --seconds 60
}

run_audit() {
  tools/setup/pinned_venv.sh pip_audit
  tools/supply_chain/audit.py
}

run_shuffled() {
  local seed
  for seed in {1..20}; do
    build/native-asan/tests/unit/smartsynch_unit_tests --order-by=rand --rand-seed="$seed"
  done
}
