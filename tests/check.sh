#!/usr/bin/env bash
# Checks that the tests do not make: a second compiler, sanitizers, coverage, formatting, the built-in recipes.
#
#   tests/check.sh            all of them; the last line says how many passed and failed
#   tests/check.sh NAME...    some of them: format, lint, sanitizers, coverage, fuzz, contract
#
# Installs with apt what is missing. `sanitizers` builds everything with clang (every warning is an error, the lock
# annotations are checked) with AddressSanitizer and UndefinedBehaviorSanitizer, and runs the unit tests and scenarios;
# `coverage` prints which share of the lines those tests ran, and fails when it is below the number in tests/coverage.least
# where that file exists; `fuzz` lets each fuzzer run for a few seconds over its seeds.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
packaging/dependencies.sh check
checks=("$@")
[ ${#checks[@]} -gt 0 ] || checks=(format lint sanitizers coverage fuzz contract)
passed=0 failed=0 skipped=0

# The build with sanitizers also counts coverage: one build for both.
instrumented() {
  cmake --preset check > /dev/null && cmake --build build/check "$@"
}

format() {
  git ls-files '*.cpp' '*.hpp' | xargs -r clang-format-14 --dry-run -Werror
}

lint() {
  local usher=build/check/usher
  [ -x "$usher" ] || usher=build/dev/usher
  [ -x "$usher" ] || { instrumented --target usher && usher=build/check/usher; }
  for recipe in connectors/recipes/*.yaml; do "$usher" connector lint "$recipe" || return 1; done
}

sanitizers() {
  instrumented || return 1
  rm -rf build/check/profile
  LLVM_PROFILE_FILE=$PWD/build/check/profile/%p-%m.profraw ASAN_OPTIONS=detect_leaks=1 \
    ctest --test-dir build/check --parallel "$(nproc)" --output-on-failure --no-tests=error \
    --label-regex '^(unit_.*|scenarios|golden)$'
}

coverage() {
  [ -d build/check/profile ] || sanitizers || return 1
  local programs=() program
  for program in build/check/tests/*; do [ -f "$program" ] && [ -x "$program" ] && programs+=(-object "$program"); done
  llvm-profdata-14 merge -sparse build/check/profile/*.profraw -o build/check/all.profdata || return 1
  llvm-cov-14 report -instr-profile build/check/all.profdata "${programs[@]}" \
    -ignore-filename-regex '(/tests/|/usr/|/generated/|/examples/)' 2> /dev/null > build/check/coverage.txt || return 1
  local lines least
  lines=$(awk '$1 == "TOTAL" { sub("%", "", $10); print $10 }' build/check/coverage.txt)
  [ -n "$lines" ] || return 1
  echo "coverage: $lines % of the lines (build/check/coverage.txt has every file)"
  [ -f tests/coverage.least ] || { echo "no least is set: tests/coverage.least would hold it"; return 0; }
  least=$(cat tests/coverage.least)
  echo "coverage: at least $least % are asked for"
  awk -v lines="$lines" -v least="$least" 'BEGIN { exit !(lines >= least) }'
}

fuzz() {
  cmake --preset fuzz > /dev/null || return 1
  local targets=() source name
  for source in tests/fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" .cpp)"); done
  cmake --build build/fuzz --target "${targets[@]}" || return 1
  for name in "${targets[@]}"; do
    mkdir -p "build/fuzz/corpus/$name"
    [ ! -d "tests/fuzz/corpus/${name%_fuzz}" ] || cp -n "tests/fuzz/corpus/${name%_fuzz}"/* "build/fuzz/corpus/$name/"
    "build/fuzz/tests/$name" "build/fuzz/corpus/$name" -max_total_time="${FUZZ_SECONDS:-5}" -timeout=20 -rss_limit_mb=2048 \
      > "build/fuzz/$name.log" 2>&1 || { tail -30 "build/fuzz/$name.log"; return 1; }
    grep -h "^Done" "build/fuzz/$name.log" | sed "s/^/$name: /"
  done
}

contract() {
  [ -d ../shared/platforms/specs ] || { echo "skipped: the vendors' specifications are not beside this checkout"; return 77; }
  tests/contract/run.sh --build build/dev
}

for check in "${checks[@]}"; do
  echo "== $check"
  code=0
  "$check" || code=$?
  case $code in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)); echo "$check failed" ;;
  esac
done
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
