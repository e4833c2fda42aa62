#!/bin/sh
# Installs what is missing, builds natively (g++ and clang), with sanitizers and with em++, and runs every test.
#   sh tests/run.sh            everything
#   sh tests/run.sh STEP...    only these steps (their names are printed; builds are steps too)
# Logs are in build/logs. The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
root=$PWD
logs=$root/build/logs
mkdir -p "$logs"
export NODE_PATH=/usr/share/nodejs # em++ looks for acorn here
wanted=" $* "
passed=0
failed=0
jobs=$(nproc)

# Runs one step; counts the tests that its runner reports, or the step itself.
step() {
  name=$1
  shift
  [ "$wanted" = "  " ] || case "$wanted" in *" $name "*) ;; *) return 0 ;; esac
  begin=$(date +%s)
  log=$logs/$name.log
  "$@" >"$log" 2>&1
  status=$?
  # GoogleTest: "[  PASSED  ] 12 tests." and "[  FAILED  ] 3 tests, listed below:"; node:test: "# pass 12", "# fail 3"
  good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p; s/^# pass \([0-9]*\)$/\1/p; s/^ℹ pass \([0-9]*\)$/\1/p' "$log" |
    awk '{n += $1} END {print n + 0}')
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*listed below.*/\1/p; s/^# fail \([0-9]*\)$/\1/p; s/^ℹ fail \([0-9]*\)$/\1/p' "$log" |
    awk '{n += $1} END {print n + 0}')
  if [ "$good" = 0 ] && [ "$bad" = 0 ]; then
    [ $status = 0 ] && good=1 || bad=1
  elif [ $status != 0 ] && [ "$bad" = 0 ]; then
    bad=1 # the runner died
  fi
  skipped=$(sed -n 's/^# skipped \([0-9]*\)$/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
  passed=$((passed + good))
  failed=$((failed + bad))
  printf '%-22s %4d passed, %d failed  (%d s)\n' "$name" "$good" "$bad" $(($(date +%s) - begin))
  if [ "$skipped" != 0 ]; then
    echo "    | $skipped SKIPPED:"
    sed -n 's/^ *ok [0-9]* - \(.*\) # SKIP\(.*\)/    | \1:\2/p' "$log"
  fi
  if [ "$bad" != 0 ]; then
    failures "$log" | sed 's/^/    | /'
  fi
}

# The part of a log that tells what is wrong: of a runner that says "not ok", those tests with what they said.
failures() {
  if grep -q '^ *not ok ' "$1"; then
    awk '/^ *(not )?ok [0-9]/ {wanted = /^ *not ok/} /^ *(# |1\.\.)/ {wanted = 0} wanted' "$1" | cut -c 1-600 | head -n 200
  else
    tail -n 60 "$1"
  fi
}

build() {
  cmake --preset "$1" && cmake --build "build/$1" -j "$jobs"
}

node_tests() {
  node --test --test-reporter=tap "$@"
}

fuzz() {
  corpus=build/fuzz/$1
  mkdir -p "$corpus" tests/fuzz/crashes/"$1"
  node tests/fuzz/seeds.mjs "$1" "$corpus" &&
    "build/asan/$1" -max_total_time="${WELD_FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=4096 -max_len=65536 \
      -artifact_prefix="build/fuzz/$1-" "$corpus" &&
    { [ -z "$(ls tests/fuzz/crashes/"$1")" ] || "build/asan/$1" tests/fuzz/crashes/"$1"/*; }
}

format() {
  git ls-files 'core/**.cpp' 'core/**.h' 'js/native/*.cpp' 'tests/**.cpp' 'tests/**.h' | xargs clang-format --dry-run -Werror
}

tidy() {
  git ls-files 'core/**.cpp' | xargs -P "$jobs" -n 4 clang-tidy -p build/clang --quiet
}

step install sh tests/install.sh
step build-native build native
step build-wasm build wasm
step package sh -c 'cd js && node build.mjs'
step build-clang build clang
step build-asan build asan
step unit-native build/native/weld_tests
step unit-clang build/clang/weld_tests
step unit-asan build/asan/weld_tests
step unit-wasm node --no-experimental-fetch build/wasm/weld_tests.js
step format format
step tidy tidy
step types sh -c 'cd js && npx tsc --noEmit && cd ../web && npx tsc --noEmit && cd ../tests && npx tsc --noEmit && cd ../demo/tiny-language && npx tsc --noEmit'
step package-tests node_tests js/test/*.test.mjs
step harness node_tests tests/support/*.test.mjs
step cases node_tests tests/cases.mjs
step bad-input node_tests tests/bad.mjs
step cases-asan env WELD=build/asan/weld WELD_LINKERS=native node --test --test-reporter=tap tests/cases.mjs tests/bad.mjs
step demangle node tests/differential/demangle.mjs build/native/demangle_lines
step units node_tests tests/units.test.mjs
step differential node_tests tests/differential/*.test.mjs
step bench node tests/bench/bench.mjs --quick
step programs node_tests tests/programs/*.test.mjs
step self-link node tests/programs/self_link.mjs
step self-linked env WELD_LINKERS=wasm WELD_WASM=build/self/js/bin/weld.mjs \
  node --test --test-reporter=tap tests/cases.mjs tests/bad.mjs build/self/js/test/*.test.mjs
step packaging node_tests tests/package/*.test.mjs
step page node_tests tests/browser/*.test.mjs
step demo sh demo/run.sh --no-serve
step tiny-language sh -c 'npm run --prefix demo/tiny-language build &&
  node --test --test-reporter=tap demo/tiny-language/test/*.test.mjs'
step fuzz-parse fuzz parse_fuzzer
step fuzz-link fuzz link_fuzzer
step fuzz-inspect fuzz inspect_fuzzer
step fuzz-snapshot fuzz snapshot_fuzzer

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
