#!/bin/sh
# Runs a step with its output in a log, and counts the tests that its runner reports, or the step itself.
#   step.sh NAME COMMAND...
# The filter of the step, if there is one in WELD_FILTERS, is $FILTER for the command.
set -u
name=$1
shift
log=build/logs/$name.log
FILTER=
for word in ${WELD_FILTERS:-}; do
  [ "${word%%=*}" = "$name" ] && FILTER=${word#*=}
done
export FILTER
# Steps run side by side: where one links and runs, no other does.
export WELD_SCRATCH="${WELD_SCRATCH:-$PWD/build/scratch/$name}"
begin=$(date +%s)
"$@" >"$log" 2>&1
status=$?
# GoogleTest: "[  PASSED  ] 12 tests." and "[  FAILED  ] 3 tests, listed below:"; node:test: "# pass 12", "# fail 3".
total() {
  sed -n "$1" "$log" | awk '{n += $1} END {print n + 0}'
}
good=$(total 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p; s/^# pass \([0-9]*\)$/\1/p')
bad=$(total 's/^\[  FAILED  \] \([0-9]*\) test.*listed below.*/\1/p; s/^# fail \([0-9]*\)$/\1/p')
skipped=$(total 's/^# skipped \([0-9]*\)$/\1/p')
if grep -Eq '^(\[  PASSED  \] |# pass )' "$log"; then
  # A runner that died, or that ran nothing because no test has the name that was asked for.
  if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
elif [ $status = 0 ]; then good=1; else bad=1; fi
# "times" has a line for the shell and one for what it waited for: user time and system time, as 1m2.5s.
times >"$log.times" # not through a pipe, which would be a shell of its own
cpu=$(awk 'NR == 2 {split($1 "m" $2, part, /[ms]+/); printf "%d", (part[1] + part[3]) * 60 + part[2] + part[4]}' "$log.times")
rm "$log.times"
echo "$good $bad $skipped $(($(date +%s) - begin)) $cpu" >"build/logs/$name.count"

# A runner that says "not ok" says of those tests what is wrong.
failures() {
  if grep -q '^ *not ok ' "$log"; then
    awk '/^ *(not )?ok [0-9]/ {wanted = /^ *not ok/} /^ *(# |1\.\.)/ {wanted = 0} wanted' "$log" | cut -c 1-600 | head -n 200
  else
    tail -n 60 "$log"
  fi
}
if [ "$skipped" != 0 ]; then
  echo "$skipped skipped:"
  sed -n 's/^ *ok [0-9]* - \(.*\) # SKIP\(.*\)/\1:\2/p' "$log"
fi
[ "$bad" = 0 ] || { failures; exit 1; }
