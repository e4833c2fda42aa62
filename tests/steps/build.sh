#!/bin/sh
# build.sh PRESET [TARGET...]: builds one of the presets of CMakePresets.json, with ccache where that is installed (not with
# WELD_CCACHE=0).
set -eu
preset=$1
shift
launcher=
if [ "${WELD_CCACHE:-1}" != 0 ] && command -v ccache >/dev/null; then
  launcher=ccache
  export EM_COMPILER_WRAPPER=ccache CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
fi
# Said each time: a folder that was configured with ccache is built without it once that is gone.
if [ "$preset" = wasm ]; then
  # em++ calls ccache itself; CMake has to know only what is in its way.
  together="$([ -n "$launcher" ] && echo OFF || echo ON)"
  cmake --preset wasm -DWELD_PRECOMPILED_HEADERS="$together" -DWELD_UNITY="$together"
else
  cmake --preset "$preset" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_C_COMPILER_LAUNCHER="$launcher"
fi
cmake --build "build/$preset" -j "$(nproc)" ${1:+--target "$@"}
