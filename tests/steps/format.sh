#!/bin/sh
# The C++ is formatted as .clang-format says, TypeScript and JavaScript as .biome.json says. With --write, files are
# rewritten.
set -u
write=${1:-}
if [ "$write" = --write ]; then cxx=-i; else cxx='--dry-run -Werror'; fi
status=0
git ls-files 'core/**.cpp' 'core/**.h' 'js/native/*.cpp' 'js/native/*.h' 'tests/**.cpp' 'tests/**.h' |
  xargs clang-format $cxx || status=1
tests/node_modules/.bin/biome format $write --max-diagnostics=50 . || status=1
exit $status
