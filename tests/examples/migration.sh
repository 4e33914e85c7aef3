#!/usr/bin/env bash
# The migration example as a newcomer plays it, and what docs/migration.md promises: migration.sh BUILD. Needs python3
# and curl.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
work=$build/migration
trap '"$root/examples/migration/stop.sh" "$work"' EXIT

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
# asks PLATFORM PATH: of the sandbox.
asks() { curl -sf "http://127.0.0.1:$(sed -n "s/^$1=//p" sandbox.ports)/__sandbox/$2" "${@:3}"; }

rm -rf "$work"  # what an earlier test left there
"$root/examples/migration/run.sh" --build "$build" --work "$work"
cd "$work"

# What the example said is what is there: everybody who may log in, once, in the groups they were in.
cat > compare.py <<'END'
import json, sys
old, new = (json.load(open(name)) for name in ["mainflux.json", "kestra.json"])
names = {group["id"]: group["name"] for group in old["groups"]}
wanted = {}
for user in old["users"]:
    if user["status"] == "enabled" and user["credentials"]["identity"] != "admin@example.com":
        first, _, last = user["name"].partition(" ")
        groups = sorted(names[p["object"]] for p in old["policies"] if p["subject"] == user["id"])
        wanted[user["credentials"]["identity"].lower()] = [first, last, groups]
names = {group["id"]: group["name"] for group in new["groups"]}
held = {}
for user in new["users"]:
    assert user["email"] not in held, user["email"]
    held[user["email"]] = [user.get("firstName", ""), user.get("lastName", ""),
                           sorted(names[group["id"]] for group in user["groups"])]
wrong = [mail for mail in wanted if held.get(mail) != wanted[mail]]
for mail in wrong[:5]:
    print(mail, wanted[mail], held.get(mail))
others = set(held) - set(wanted)
assert others == {"admin@example.com", "scheduler@devices.plantly.example"}, others
assert len(wanted) >= 1000, len(wanted)
sys.exit(bool(wrong))
END
compare() {
  asks mainflux world > mainflux.json
  asks kestra world > kestra.json
  python3 compare.py || fail "the platforms differ"
}
compare
python3 - <<'END' || fail "the id map is not right"
import csv, json
rows = list(csv.DictReader(open("ids.csv")))
old = {user["id"]: user["credentials"]["identity"].lower() for user in json.load(open("mainflux.json"))["users"]}
new = {user["id"]: user["email"] for user in json.load(open("kestra.json"))["users"]}
assert len(rows) >= 1000 and len({row["new id"] for row in rows}) == len(rows)
assert all(old[row["old id"]] == new[row["new id"]] == row["key"] for row in rows)
assert sum(row["how"] != "created" for row in rows) == 2
END
[ "$(stat -c %a ids.csv)" = 600 ] && [ "$(stat -c %a first-secrets)" = 600 ] || fail "somebody else can read ids or secrets"

# Rules that were printed and given back are the same migration.
ends 0 migrate --from old --to new --rules rules.yaml --dry-run --output json
holds 'r["plan"]["plan"]["changes"] == [] and not r["proposed"]'

# A dump in each format is a source; from it, nobody is left to be moved, or is another person.
for format in json yaml csv; do
  ends 0 dump old --out "old.$format"
  "$build/usher" dump old --offline --format "$format" | cmp - "old.$format"
  sed "s|^platforms:|platforms:\n  file: {connector: $format, path: old.$format, key: id}|" usher.yaml > file.yaml
  ends 0 migrate --config file.yaml --state "$format.db" --from file --to new --dry-run --output json
  holds 'r["plan"]["plan"]["changes"] == [] and len(r["plan"]["plan"]["links"]) >= 1000'
done
[ "$(stat -c %a old.csv)" = 600 ] || fail "others can read the dump"

# Killed in the middle, again and again: it goes on, and nobody is created twice.
asks kestra reset -X POST > /dev/null
asks kestra faults -X POST -d '[{"method": "POST", "path": "/api/v1/users", "every": 1, "delay_ms": 40}]' > /dev/null
created() { asks kestra requests | python3 -c 'import json, sys; print(json.load(sys.stdin).get("POST /api/v1/users", 0))'; }
for enough in 50 400 700; do
  "$build/usher" migrate --from old --to new --yes --state killed.db > killed.log 2>&1 &
  pid=$!
  while [ "$(created)" -lt "$enough" ]; do
    kill -0 "$pid" 2>/dev/null || { cat killed.log; fail "ended before it could be killed"; }
  done
  kill -9 "$pid"
  wait "$pid" 2>/dev/null || true
done
asks kestra faults -X POST -d '[]' > /dev/null
ends 0 migrate --from old --to new --yes --state killed.db --output json
holds 'r["parity"]["clean"]'
compare
before=$(asks kestra journal | wc -c)
ends 0 migrate --from old --to new --yes --state killed.db --output json
holds 'r["plan"]["plan"]["changes"] == [] and r["apply"] is None and r["parity"]["clean"]'
[ "$before" = "$(asks kestra journal | wc -c)" ] || fail "the second migration wrote something"

# A configuration that says it all is gone by, and other platforms it has rules for are left alone.
{
  sed 's|^platforms:|platforms:\n  third: {connector: mainflux, url: "http://127.0.0.1:9", identity: a@example.com, secret: x}|' usher.yaml
  sed '/^#/d' rules.yaml
  printf '  third:\n    set: {credentials.identity: person.mail}\n'
} > whole.yaml
ends 0 migrate --config whole.yaml --state whole.db --from old --to new --dry-run --output json
holds '[s["platform"] for s in r["plan"]["plan"]["seals"]] == ["old", "new"] and not r["proposed"]'
