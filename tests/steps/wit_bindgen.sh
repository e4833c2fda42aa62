#!/bin/sh
# Makes build/wit-bindgen, of crates.io, for the tests of components. They are skipped where there is no Rust that is new
# enough.
set -u
version=0.63.0
ready=build/wit-bindgen/ready
[ "$(cat $ready 2>/dev/null)" = $version ] && exit 0
rm -rf build/wit-bindgen
cargo install --quiet --root build/wit-bindgen --version $version --no-default-features --features c wit-bindgen-cli &&
  echo $version >$ready
exit 0
