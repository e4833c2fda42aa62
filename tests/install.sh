#!/bin/sh
# Installs what weld's scripts need on Debian 12 and is missing: compilers, tools, and the npm packages that the lock
# files name. Quick when everything is there. Tests that need an optional package are skipped without it.
#   sh tests/install.sh [build|quick|pull|all|system]
# "build" is what the wasm build and the demo need, "quick", "pull" and "all" (the default) what these tiers of tests need;
# "system" the same without npm's.
set -eu
cd "$(dirname "$0")/.."
what=${1:-all}

build="cmake ninja-build g++ emscripten clang-19 lld-19 llvm-19 wasi-libc libclang-rt-19-dev-wasm32
  libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 googletest libgtest-dev"
test="clang clang-format clang-tidy libclang-rt-14-dev wabt chromium libfmt-dev nlohmann-json3-dev python3-venv csmith
  libcsmith-dev"
# LLVM 22 without its libc++, which Debian does not install beside that of LLVM 19: its clang takes that one.
optional="lld-22 llvm-22 clang-22 libclang-rt-22-dev-wasm32 rustc libstd-rust-dev-wasm32 cargo chromium-headless-shell"
[ "$what" != all ] || optional="$optional ldc"

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo

# Installs those of the packages that are missing.
has_lists=
apt_install() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "installing:$missing"
  [ -n "$has_lists" ] || $sudo apt-get update -qq || return 1
  has_lists=1
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
if [ "$what" = build ]; then
  apt_install $build
else
  apt_install $build $test
  for package in $optional; do
    apt_install "$package" || echo "continuing without the optional package $package" >&2
  done
fi

if ! command -v node >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ] ||
  ! command -v npm >/dev/null; then
  echo "weld's scripts need Node.js 18 or newer, with npm" >&2
  exit 1
fi

# An npm folder is installed again when its lock file changes. One that is a link belongs to another checkout: npm would
# empty it there.
npm_install() {
  [ -f "$1/package-lock.json" ] && [ ! -L "$1/node_modules" ] || return 0
  stamp="$1/node_modules/.weld-installed"
  if [ ! -f "$stamp" ] || ! cmp -s "$1/package-lock.json" "$stamp"; then
    echo "npm: $1"
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    cp "$1/package-lock.json" "$stamp"
  fi
}
[ "$what" != system ] || exit 0
folders="js web demo/tiny-language"
[ "$what" = build ] || folders="$folders tests tests/package"
[ "$what" = build ] || [ "$what" = quick ] || folders="$folders tests/others"
[ "$what" != all ] || folders="$folders tests/bundlers"
# Side by side: npm waits for the network most of the time.
running=
for folder in $folders; do
  npm_install "$folder" &
  running="$running $!"
done
for process in $running; do
  wait "$process" || failed=1
done
[ -z "${failed:-}" ]
