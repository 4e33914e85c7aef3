#!/usr/bin/env bash
# Builds usher and runs its tests.
#
#   tests/run.sh          every test
#   tests/run.sh NAME     one program of tests (unit_store, golden, …) or the tests whose name holds NAME
#
# Installs with apt what is missing (packaging/dependencies.sh says what). PRESET=asan, tsan or check in the
# environment builds and tests that way; without it, dev. The last line says how many tests passed and failed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PRESET:-dev}
build=build/$preset
part=${1:-}

packaging/dependencies.sh test
cmake --preset "$preset" > /dev/null
targets=()
programs=$(cd tests && sed -n 's/^usher_test(\([a-z_]*\) .*/\1/p' CMakeLists.txt)
select=()
if grep -qx -- "$part" <<< "$programs"; then
  targets=(--target "$part")
  select=(--label-regex "^$part\$")
elif [ -n "$part" ]; then
  select=(--tests-regex "$part")
fi
cmake --build "$build" "${targets[@]}"

export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/tests/tsan.supp}
results=$PWD/$build/results.xml
rm -f "$results"
code=0
ctest --test-dir "$build" --parallel "$(nproc)" --output-on-failure --no-tests=error \
  --output-junit "$results" "${select[@]}" || code=$?

count() { sed -n "/<testsuite /,/>/s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$results" | head -1; }
[ -s "$results" ] || { echo "No test ran." >&2; exit 1; }
failed=$(count failures)
skipped=$(($(count skipped) + $(count disabled)))
passed=$(($(count tests) - failed - skipped))
[ "$failed" -eq 0 ] || code=1
[ "$passed" -gt 0 ] || code=1
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
echo "$summary"
exit "$code"
