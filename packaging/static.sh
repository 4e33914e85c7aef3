#!/usr/bin/env bash
# Builds a tarball whose program needs nothing but libc, libm and the loader, for Linux on x86-64 with libc 2.34 or newer:
# build/static/usher-VERSION-linux-x86_64.tar.gz. Runs on Debian 12.
#
#   packaging/static.sh            builds it
#   packaging/static.sh --check    and checks it (tests/static/run.py): what it needs, and in a bare Debian that it runs and
#                                  trusts what the system trusts. The last line says how many checks passed and failed.
#
# What Debian has as an archive is taken from its packages, the rest is built from its source packages (packaging/archives.sh).
# Installs with apt what is missing. USHER_JOBS says how many compilers run at once (standard: all cores).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
packaging/dependencies.sh static
jobs=${USHER_JOBS:-$(nproc)}
build=build/static
packaging/archives.sh build/archives
cmake --preset quickstart -B "$build" -DUSHER_STATIC=ON -DCMAKE_PREFIX_PATH="$PWD/build/archives" > /dev/null
cmake --build "$build" --parallel "$jobs" --target usher usher_share

version=$("$build/usher" version | awk '{ print $2 }')
name=usher-$version-linux-x86_64
rm -rf "${build:?}/$name"
cmake --install "$build" --prefix "$build/$name" --component usher --strip > /dev/null
# The same bytes whoever packs it, and whenever.
date=$(git log -1 --format=%cI 2> /dev/null || echo 2026-01-01)
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="$date" -C "$build" -cf - "$name" | gzip -9n > "$build/$name.tar.gz"
ls "$build/$name.tar.gz"
[ "${1:-}" = --check ] || exit 0

tests/static/run.py --tarball "$build/$name.tar.gz" --sandbox "$build/usher-sandbox"
