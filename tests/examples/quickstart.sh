#!/usr/bin/env bash
# The quickstart as a newcomer plays it, and what the README promises to whoever goes on playing:
# quickstart.sh BUILD. Needs python3.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
work=$build/quickstart
trap '"$root/examples/quickstart/stop.sh" "$work"' EXIT

fail() { echo "$*" >&2; exit 1; }
# ends CODE WORD...: usher must end so.
ends() {
  local expected=$1 code=0
  shift
  "$build/usher" "$@" > output 2>&1 || code=$?
  [ "$code" -eq "$expected" ] || { cat output; fail "usher $* ended with $code, not $expected"; }
}
# holds EXPRESSION: of the last report as JSON, in Python, as r.
holds() {
  python3 -c "import json, sys; r = json.load(open('output')); sys.exit(not ($1))" || { cat output; fail "not so: $1"; }
}

"$root/examples/quickstart/run.sh" --build "$build" --work "$work"
cd "$work"

# One cell of the export changes one field of one account, and the plan says why.
sed -i 's/^\(E10002,[^,]*\),[^,]*,/\1,Peña-Curie,/' people.csv
ends 2 plan --output json
holds 'len(r["plan"]["changes"]) == 1 and len(r["plan"]["operations"]) == 1'
holds '[f["path"] for f in r["plan"]["changes"][0]["fields"]] == ["name"]'
holds '"Peña-Curie" in r["plan"]["changes"][0]["fields"][0]["after"] and r["plan"]["changes"][0]["because"]'
ends 0 sync --output json
holds 'r["apply"]["counts"]["iot"] == {"done": 1}'

# A third of the rows gone is no third of the accounts disabled.
awk 'NR == 1 || NR % 3 != 0' people.csv > fewer && mv fewer people.csv
ends 4 sync --output json
holds 'any(o["guard"] == "disable" for o in r["plan"]["plan"]["objections"])'
holds 'not any(not o["held"] for o in r["plan"]["plan"]["operations"] if o["kind"] == "disable")'

# A person's question, answered by sqlite3.
[ "$(sqlite3 usher.db "select count(*) from accounts where platform = 'iot' and person = 'E10002'")" = 1 ] ||
  fail "the view 'accounts' does not show E10002"
