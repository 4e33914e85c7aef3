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
  "$build/usher" "$@" > output 2> errors || code=$?
  [ "$code" -eq "$expected" ] || { cat output errors; fail "usher $* ended with $code, not $expected"; }
}
# holds EXPRESSION: of the last report as JSON, in Python, as r.
holds() {
  python3 -c "import json, sys; r = json.load(open('output')); sys.exit(not ($1))" || { cat output; fail "not so: $1"; }
}

"$root/examples/quickstart/stop.sh" "$work"
rm -rf "$work"  # an earlier run of this test left files of somebody else's there
"$root/examples/quickstart/run.sh" --build "$build" --work "$work"
cd "$work"

# The second plan was empty everywhere, and said what cannot be done.
"$build/usher" plan --pull --output json > output
holds 'r["plan"]["changes"] == [] and {s["platform"] for s in r["summary"]} == {"flows", "hr", "iot", "payments", "radio"}'
holds '{n["kind"] for n in r["plan"]["notes"]} == {"reported"}'
holds 'all(n["platform"] == "payments" for n in r["plan"]["notes"])'

# One cell of the export changes one field of each of the person's accounts, and the plan says why.
sed -i 's/^\(E10002,[^,]*\),[^,]*,/\1,Peña-Curie,/' people.csv
ends 2 plan --output json
holds '[c["platform"] for c in r["plan"]["changes"]] == ["flows", "iot"] and len(r["plan"]["operations"]) == 2'
holds '[[f["path"] for f in c["fields"]] for c in r["plan"]["changes"]] == [["lastName"], ["name"]]'
holds 'all("Peña-Curie" in c["fields"][0]["after"] and c["because"] for c in r["plan"]["changes"])'
ends 0 sync --output json
holds 'r["apply"]["counts"] == {"flows": {"done": 1}, "iot": {"done": 1}}'

# A third of the rows gone is no third of the accounts disabled.
awk 'NR == 1 || NR % 3 != 0' people.csv > fewer && mv fewer people.csv
ends 4 sync --output json
holds '[(o["platform"], o["guard"]) for o in r["plan"]["plan"]["objections"]] == [("hr", "vanished-records")]'
holds 'all(o["held"] for o in r["plan"]["plan"]["operations"] if o["kind"] in ["disable", "delete"])'

# A person's question, answered by sqlite3.
[ "$(sqlite3 usher.db "select count(*) from accounts where platform = 'iot' and person = 'E10002'")" = 1 ] ||
  fail "the view 'accounts' does not show E10002"

# A folder that the script did not make is left alone; in its own it removes what it made, and nothing else.
foreign=$build/quickstart-foreign
rm -rf "$foreign" && mkdir -p "$foreign/photos" && echo kept > "$foreign/photos/a.jpg"
code=0
"$root/examples/quickstart/run.sh" --build "$build" --work "$foreign" 2> errors || code=$?
[ "$code" -eq 64 ] && grep -q "was not made by this script" errors || fail "run.sh took a folder of somebody else's: $(cat errors)"
[ "$(cat "$foreign/photos/a.jpg")" = kept ] || fail "run.sh removed what it did not make"
"$root/examples/quickstart/stop.sh" "$work"
mine=(notes.txt usher.db.mine usher.db-notes.txt usher.yaml.old)
for name in "${mine[@]}"; do echo mine > "$work/$name"; done
for _ in once again; do "$root/examples/quickstart/run.sh" --build "$build" --work "$work" > /dev/null; done
for name in "${mine[@]}"; do [ "$(cat "$work/$name")" = mine ] || fail "run.sh removed $name from its folder"; done

# What somebody puts there while it runs stays too, also when it is killed; and the next run goes through. A ports file
# of a sandbox that is gone starts nothing.
programs=$build/quickstart-programs
rm -rf "$programs" && mkdir -p "$programs"
ln -s "$build/usher-sandbox" "$programs/usher-sandbox"
for moment in validate status; do
  printf '#!/bin/sh\n[ "$1" != %s ] || { echo mine > letter-%s.txt; kill -9 $PPID; }\nexec "%s" "$@"\n' \
    "$moment" "$moment" "$build/usher" > "$programs/usher"
  chmod +x "$programs/usher"
  code=0
  { "$root/examples/quickstart/run.sh" --build "$programs" --work "$work" > /dev/null; } 2> errors || code=$?
  [ "$code" -eq 137 ] || fail "run.sh was not killed at $moment, it ended with $code: $(cat errors)"
  [ -f "$work/sandbox.ports" ] || fail "the killed run left no ports file"
  mkdir -p "$programs/broken"
  printf '#!/bin/sh\nexit 1\n' > "$programs/broken/usher-sandbox" && chmod +x "$programs/broken/usher-sandbox"
  code=0
  "$root/examples/quickstart/run.sh" --build "$programs/broken" --work "$work" > /dev/null 2> errors || code=$?
  [ "$code" -eq 1 ] && [ ! -e "$work/usher.yaml" ] || fail "run.sh went on without a sandbox: $code, $(cat errors)"
  "$root/examples/quickstart/run.sh" --build "$build" --work "$work" > output 2> errors ||
    fail "run.sh does not go through after it was killed at $moment: $(cat errors)"
  [ "$(cat "$work/letter-$moment.txt")" = mine ] || fail "run.sh removed what was put there while it ran"
done

# A file under a name that it needs is not written over.
"$root/examples/quickstart/stop.sh" "$work"
rm "$work/status.txt" && sed -i '/^status.txt$/d' "$work/.made" && echo mine > "$work/status.txt"
code=0
"$root/examples/quickstart/run.sh" --build "$build" --work "$work" > /dev/null 2> errors || code=$?
[ "$code" -eq 64 ] && grep -q "status.txt was not made by this script" errors || fail "run.sh ended with $code: $(cat errors)"
[ "$(cat "$work/status.txt")" = mine ] || fail "run.sh wrote over a file that it did not make"

# The same of the folder that it takes where none is named.
copy=$build/quickstart-copy
rm -rf "$copy" && mkdir -p "$copy" && cp -r "$root/examples" "$copy/examples"
rm -rf "$copy/examples/quickstart/work" && mkdir "$copy/examples/quickstart/work"
echo mine > "$copy/examples/quickstart/work/people.csv"
code=0
"$copy/examples/quickstart/run.sh" --build "$build" 2> errors || code=$?
[ "$code" -eq 64 ] && grep -q "was not made by this script" errors || fail "run.sh took a folder that it had not made: $(cat errors)"
[ "$(cat "$copy/examples/quickstart/work/people.csv")" = mine ] || fail "run.sh removed what it did not make"
