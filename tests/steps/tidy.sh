#!/bin/sh
# clang-tidy over the files of core/ that differ from where they left main, or from WELD_BASE; on main itself, from the
# commit before the last; over all of them when everything is tested. The quick tier leaves out the static analyzer, which takes
# four fifths of the time.
set -eu
cmake --preset clang
if [ "${WELD_TIER:-quick}" = all ]; then
  files=$(git ls-files 'core/**.cpp')
else
  base=${WELD_BASE:-$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)}
  [ "$(git rev-parse "$base")" != "$(git rev-parse HEAD)" ] || base=HEAD^
  # Of a header, a file that includes it is read.
  files=$(git diff --name-only --diff-filter=d "$base" -- 'core/**.cpp' 'core/**.h' | while read -r file; do
    case $file in
      *.h) [ -f "${file%.h}.cpp" ] && echo "${file%.h}.cpp" || git grep -lF "\"$file\"" -- 'core/**.cpp' | head -n 1 ;;
      *) echo "$file" ;;
    esac
  done | sort -u)
fi
echo "$files"
checks=
[ "${WELD_TIER:-quick}" != quick ] || checks=-clang-analyzer-\*
[ -z "$files" ] || echo "$files" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/clang --quiet --checks="$checks"
