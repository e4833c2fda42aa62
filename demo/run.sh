#!/bin/sh
# The main job, from nothing: installs what is missing (Debian 12), builds weld's WebAssembly module and its page, links
# a real C program and a real C++ program with it in Node, runs both, and serves the page; then the tiny language's.
#   sh demo/run.sh              ends with the pages at http://localhost:8080/ and http://localhost:8081/
#   sh demo/run.sh --no-serve   ends after the programs
set -eu
cd "$(dirname "$0")/.."
export NODE_PATH=/usr/share/nodejs # em++ looks for acorn here

sh tests/install.sh build
mkdir -p build/logs
quietly() {
  "$@" >build/logs/demo.log 2>&1 || { cat build/logs/demo.log; exit 1; }
}
quietly cmake --preset wasm
quietly cmake --build build/wasm --target weld_js -j "$(nproc)"
quietly sh -c 'cd js && node build.mjs'

mkdir -p build/demo
clang-19 --target=wasm32-wasi -O2 -c demo/first-link/primes.c -o build/demo/primes.o
clang-19 --target=wasm32-wasi -O2 -c demo/first-link/count.c -o build/demo/count.o
clang++-19 --target=wasm32-wasi -O2 -fno-exceptions -c demo/first-link/words.cpp -o build/demo/words.o
node --no-warnings demo/first-link/link.mjs build/demo
node --no-warnings demo/tiny-language/run.mjs

[ "${1:-}" = --no-serve ] && exit 0
quietly sh -c 'cd web && npm run build'
quietly sh -c 'cd demo/tiny-language && npm run build'
echo
echo "The page: http://localhost:8080/, the tiny language: http://localhost:8081/ (Ctrl-C ends)"
(cd demo/tiny-language && exec node node_modules/vite/bin/vite.js preview >/dev/null) &
trap 'kill $!' EXIT
trap exit INT TERM
cd web && npx vite preview
