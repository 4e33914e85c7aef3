#!/usr/bin/env bash
# Measures usher and prints two tables: figures beside their budgets and beside other programs, and how time and memory
# grow with the number of accounts.
#
#   benchmarks/run.sh [--compare] [--ten-million] [ACCOUNTS]
#
#   ACCOUNTS       the largest number of accounts, 1000000 unless said otherwise; 10000 for a quick look. Measured are
#                  10000, 100000 and 1000000 as far as they are not above it, and this number
#   --compare      also measures DuckDB and sqlite3 with the same data; installs DuckDB below build/ (npm)
#   --ten-million  also measures 10000000 accounts; takes hours, some 20 GB of memory and 30 GB in $TMPDIR
#
# Builds the release preset first. Budgets stand in benchmarks/budgets.json, those of the whole program for a million
# accounts or ten. A budget that is missed is no failure, because a busy machine is no bug; a program that fails is one,
# and its lines say "not measured". Close other programs first.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
largest=1000000
compare=
more=()
usage() { sed -n '2,/^set /s/^# \{0,1\}//p' benchmarks/run.sh; }
for word in "$@"; do
  case $word in
    --compare) compare=yes ;;
    --ten-million) more=(10000000) ;;
    --help) usage; exit 0 ;;
    *[!0-9]* | '' | 0*) usage >&2; exit 64 ;;
    *) largest=$word ;;
  esac
done
sizes=()
for size in 10000 100000 1000000; do [ "$size" -ge "$largest" ] || sizes+=("$size"); done
sizes+=("$largest" ${more[@]+"${more[@]}"})

build=build/release
packaging/dependencies.sh bench
[ -z "$compare" ] || packaging/dependencies.sh compare || echo "DuckDB is not to be had" >&2
cmake --preset release -DUSHER_TESTS=ON > /dev/null
cmake --build "$build" --target usher usher-sandbox usher-benchmarks usher-year
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0
export PYTHONDONTWRITEBYTECODE=1

# measure NAME COMMAND...: keeps what the command prints, unless it fails.
measure() {
  local name=$1
  shift
  "$@" > "$results/$name.json" || { echo "failed: $*" >&2; rm "$results/$name.json"; failed=1; }
}

"$build/benchmarks/usher-benchmarks" --benchmark_out="$results/parts.json" --benchmark_out_format=json >&2
for size in "${sizes[@]}"; do
  measure "whole-$size" python3 benchmarks/whole_program.py "$build" "$size"
  measure "memberships-$size" python3 benchmarks/memberships.py "$build" "$size"
  # A year of syncs is generated for a million accounts at most.
  [ "$size" -gt 1000000 ] || measure "answers-$size" python3 benchmarks/answers.py "$build" "$size"
  [ -z "$compare" ] || measure "compare-$size" python3 benchmarks/compare.py "$size"
done
shopt -s nullglob
python3 benchmarks/table.py benchmarks/budgets.json "$results"/{parts,whole,memberships,answers,compare}*.json
exit "$failed"
