#!/bin/sh
# The types of everything in TypeScript, and of the tests' JavaScript.
set -e
for folder in js web tests demo/tiny-language; do
  (cd "$folder" && npx tsc --noEmit)
done
