#!/bin/sh
# The C++ is formatted as .clang-format says.
git ls-files 'core/**.cpp' 'core/**.h' 'js/native/*.cpp' 'js/native/*.h' 'tests/**.cpp' 'tests/**.h' | xargs clang-format --dry-run -Werror
