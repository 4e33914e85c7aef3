#!/usr/bin/env bash
# Looks at the reports in a real Chromium: opens, clicks, searches, sorts, and compares pictures with those that somebody
# looked at (tests/looks/pictures).
#
#   tests/looks.sh [--build DIR]    DIR holds usher and usher-sandbox (standard: build/dev)
#
# USHER_ACCEPT=1 replaces the pictures: look at each of them before the commit. Installs with apt and npm what is missing.
# Pictures of this run and of what differs stand in DIR/looks. The last line says how many checks passed and failed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/dev
[ "${1:-}" != --build ] || build=$2
[ -x "$build/usher" ] && [ -x "$build/usher-sandbox" ] || { echo "Build first: tests/run.sh golden" >&2; exit 64; }
packaging/dependencies.sh looks
modules=$build/looks/modules
mkdir -p "$modules"
cp tests/looks/package.json "$modules/"
npm install --prefix "$modules" --no-audit --no-fund --no-package-lock --silent >&2
cp tests/looks/*.mjs "$modules/"
exec node "$modules/looks.mjs" "$(cd "$build" && pwd)" "$PWD/tests/looks/pictures"
