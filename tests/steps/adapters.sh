#!/bin/sh
# Makes build/adapters: the adapters for WASI 0.1, of a package of npm without what it depends on.
set -eu
package=$(sed -n "s/^const jco = '\(.*\)';\$/\1/p" web/adapter.mjs) # which takes a file of it, too
ready=build/adapters/ready
[ "$(cat $ready 2>/dev/null)" = "$package" ] && exit 0
rm -rf build/adapters
mkdir -p build/adapters
(cd build/adapters && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz && rm ./*.tgz)
echo "$package" >$ready
