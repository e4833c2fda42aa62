#!/bin/sh
# Makes build/python, an environment with wasmtime, which runs the program for WASI, with what builds wheels, and Meson.
set -eu
[ -e build/python/ready ] && exit 0
rm -rf build/python
python3 -m venv build/python
build/python/bin/pip install --quiet --disable-pip-version-check wasmtime hatchling meson
touch build/python/ready
