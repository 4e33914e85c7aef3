#!/usr/bin/env bash
# Measures usher and prints one table: what, figure, budget, and how much of the budget is used.
#
#   benchmarks/run.sh              everything, at a million accounts (about a quarter of an hour on two cores)
#   benchmarks/run.sh 100000       the whole program with fewer accounts, for a quick look
#
# Builds the release preset. Budgets stand in benchmarks/budgets.json; nothing fails here when one is missed,
# because a busy machine is no bug. Close other programs first.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
accounts=${1:-1000000}
build=build/release

packaging/dependencies.sh bench
cmake --preset release -DUSHER_TESTS=ON > /dev/null
cmake --build "$build" --target usher usher-sandbox usher-benchmarks usher-year
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
"$build/benchmarks/usher-benchmarks" --benchmark_out="$results/parts.json" --benchmark_out_format=json >&2
python3 benchmarks/whole_program.py "$build" "$accounts" > "$results/whole.json"
python3 benchmarks/answers.py "$build" "$accounts" > "$results/answers.json"
python3 benchmarks/table.py benchmarks/budgets.json "$results/parts.json" "$results/whole.json" "$results/answers.json"
