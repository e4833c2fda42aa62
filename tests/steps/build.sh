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
# em++ calls ccache itself; CMake has to know only that precompiled headers are in its way.
if [ "$preset" = wasm ]; then
  cmake --preset wasm -DWELD_PRECOMPILED_HEADERS="$([ -n "$launcher" ] && echo OFF || echo ON)"
else
  # Said each time: a folder that was configured with ccache is built without it once that is gone.
  cmake --preset "$preset" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_C_COMPILER_LAUNCHER="$launcher"
fi
cmake --build "build/$preset" -j "$(nproc)" ${1:+--target "$@"}
