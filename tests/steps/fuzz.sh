#!/bin/sh
# fuzz.sh FUZZER: what crashed once, then so many seconds of new inputs (WELD_FUZZ_SECONDS).
set -eu
corpus=build/fuzz/$1
mkdir -p "$corpus"
crashes=$(find "tests/fuzz/crashes/$1" -type f 2>/dev/null || true)
[ -z "$crashes" ] || echo "$crashes" | xargs "build/fuzzers/$1"
node tests/fuzz/seeds.mjs "$1" "$corpus"
if [ "${WELD_TIER:-quick}" = all ]; then seconds=60; else seconds=10; fi
"build/fuzzers/$1" -max_total_time="${WELD_FUZZ_SECONDS:-$seconds}" -timeout=10 -rss_limit_mb=4096 -max_len=65536 \
  -artifact_prefix="build/fuzz/$1-" "$corpus"

# What was accepted is valid.
if [ "$1" = link_fuzzer ]; then
  outputs=build/fuzz/$1-outputs
  rm -rf "$outputs"
  mkdir -p "$outputs"
  WELD_FUZZ_OUTPUT=$outputs "build/fuzzers/$1" -runs=0 -timeout=10 -rss_limit_mb=4096 -max_len=65536 "$corpus"
  node tests/fuzz/validate.mjs "$outputs"
fi
