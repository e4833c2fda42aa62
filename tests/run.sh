#!/bin/sh
# Installs what is missing, builds, and runs the tests.
#   sh tests/run.sh                   the quick tier: what every change has to pass
#   sh tests/run.sh --all             everything
#   sh tests/run.sh STEP[=FILTER]...  these steps, with what they need; FILTER chooses some of a step's tests
#   sh tests/run.sh --list            the steps
# tests/steps/CMakeLists.txt has the steps, tests/README.md says which to run when. Logs are in build/logs. The last line
# is "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
export NODE_PATH=/usr/share/nodejs # em++ looks for acorn here

selection='-L quick'
names=
filters=
for argument in "$@"; do
  case $argument in
    --all) selection='-LE manual' WELD_TIER=all ;;
    --list) selection='-N' ;;
    -*) echo "there is no option $argument; see the top of tests/run.sh" >&2 && exit 2 ;;
    install) selection='-R ^packages$' ;;
    *)
      name=${argument%%=*}
      names="$names $name"
      [ "$name" = "$argument" ] || filters="$filters $argument"
      ;;
  esac
done
export WELD_TIER="${WELD_TIER:-quick}" WELD_FILTERS="$filters"

# A whole run has a step for the packages of npm, beside the builds. To name steps, the names are compared with npm's help.
install=system
[ -z "$names" ] || install=$WELD_TIER
sh tests/install.sh "$install" || exit 1
mkdir -p build
# The quick tier tests the native program that has sanitizers: tests/steps/CMakeLists.txt.
if [ "$selection" = '-L quick' ] && [ -z "$names" ]; then native=asan; else native=native; fi
cmake -S tests/steps -B build/steps -DWELD_NATIVE=$native >build/steps.log 2>&1 || { cat build/steps.log; exit 1; }
if [ -n "$names" ]; then
  node tests/steps/check_names.mjs $names || exit 2
  selection="-R ^($(echo $names | tr ' ' '|'))\$"
fi
rm -rf build/logs
mkdir build/logs
# Two more than there are processors: tests of pages wait half of the time.
ctest --test-dir build/steps --output-on-failure -j "${WELD_JOBS:-$(($(nproc) + 2))}" $selection
status=$?
[ "$selection" = -N ] || node tests/steps/count.mjs || status=1
exit $status
