#!/bin/sh
# Makes build/rust: Debian's packages of a newer Rust, which cannot be installed beside `rustc`, and wasm-bindgen, of
# crates.io. This Rust has no library for WebAssembly, so Cargo compiles it from its sources. Tests are skipped where
# Debian has no such packages.
set -u
ready=build/rust/ready
cmp -s tests/steps/rust.sh $ready && exit 0
rm -rf build/rust
mkdir -p build/rust/packages
library=$(apt-cache depends libstd-rust-web-dev 2>/dev/null | sed -n 's/ *Depends: \(libstd-rust-web-[0-9.]*\)$/\1/p')
[ -n "$library" ] || exit 0
(cd build/rust/packages && apt-get download -qq rustc-web cargo-web "$library" libstd-rust-web-dev rust-web-src) || exit 1
for package in build/rust/packages/*.deb; do dpkg -x "$package" build/rust || exit 1; done
rm -r build/rust/packages
export PATH="$PWD/build/rust/usr/bin:$PATH" LD_LIBRARY_PATH="$PWD/build/rust/usr/lib/x86_64-linux-gnu"
rustc --version || exit 1
version=$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' tests/compilers/rust/Cargo.toml)
cargo install --quiet --debug --root build/rust/wasm-bindgen --version "$version" wasm-bindgen-cli &&
  cp tests/steps/rust.sh $ready
