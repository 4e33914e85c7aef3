#!/usr/bin/env bash
# The slow proofs: what `.ci/run` has no time for. Run it by hand before a release; it takes some hours on two cores.
#
#   tests/nightly.sh            all of them; the last line says how many passed and failed
#   tests/nightly.sh NAME...    some of them: release threads faults histories switches auditor fuzz servers contract package static looks benchmarks tidy
#
# release     the release build without a warning, its golden tests and the examples
# threads     ThreadSanitizer over the engine's unit tests and the scenarios
# faults      every SQL statement fails once, every journal write is where the process is killed
# histories   500 random histories on platforms that are not kind, and one of 120 writes for each write and whatever can
#             happen to it; a kill with 100,000 operations under way
# switches    every switch of the platform that is not kind, and 200 pairs of them
# auditor     twelve questions over a generated year of a thousand people
# fuzz        ten minutes for each fuzzer
# servers     the real SCIM servers that npm has
# contract    what usher sends and the sandbox answers, against the vendors' specifications
# package     the Debian package: lintian, manual pages, systemd's own checks, installed and removed in a bare Debian
# static      the tarball whose program needs nothing but libc, run in a bare Debian
# looks       screenshots of the reports in Chromium
# benchmarks  benchmarks/run.sh at a million accounts
# tidy        clang-tidy over everything
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
proofs=("$@")
[ ${#proofs[@]} -gt 0 ] || proofs=(release threads faults histories switches auditor fuzz servers contract package static looks benchmarks tidy)
passed=0 failed=0 skipped=0

release() {
  cmake --preset release > /dev/null && cmake --build build/release &&
    ctest --test-dir build/release --output-on-failure --no-tests=error --label-regex '^(golden|examples)$'
}
threads() { PRESET=tsan tests/run.sh unit_engine && PRESET=tsan tests/run.sh scenarios; }
faults() { USHER_EVERY_FAULT=1 tests/run.sh scenarios; }
histories() {
  cmake --preset dev > /dev/null && cmake --build build/dev --target usher usher-sandbox &&
    tests/unkind/histories.py --build build/dev --histories 500 --seed "$RANDOM" &&
    tests/unkind/histories.py --build build/dev --every &&
    tests/unkind/open_rows.py --build build/dev --rows 100000
}
switches() {
  cmake --preset dev > /dev/null && cmake --build build/dev --target usher usher-sandbox shifted_clock &&
    tests/unkind/switches.py --build build/dev --pairs 200 --seed "$RANDOM"
}
auditor() {
  cmake --preset dev > /dev/null && cmake --build build/dev --target usher usher-sandbox &&
    python3 tests/auditor/run.py --build build/dev
}
fuzz() { FUZZ_SECONDS=600 tests/check.sh fuzz; }
servers() {
  packaging/dependencies.sh servers && cmake --preset dev > /dev/null && cmake --build build/dev --target usher &&
    python3 tests/servers/scim/run.py --build build/dev
}
contract() { tests/check.sh contract; }
package() { packaging/package.sh --check; }
static() { packaging/static.sh --check; }
looks() { if [ -x tests/looks.sh ]; then tests/looks.sh; else return 77; fi; }
benchmarks() { benchmarks/run.sh; }
tidy() { packaging/dependencies.sh check && cmake --preset dev > /dev/null && run-clang-tidy-14 -quiet -p build/dev; }

for proof in "${proofs[@]}"; do
  echo "== $proof"
  code=0
  "$proof" || code=$?
  case $code in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)); echo "$proof was skipped" ;;
    *) failed=$((failed + 1)); echo "$proof failed" ;;
  esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
