#!/usr/bin/env bash
# People from a file onto a platform: planned, applied, and nothing left to do the second time.
#
#   examples/quickstart/run.sh               builds usher, plays, leaves everything in examples/quickstart/work
#   examples/quickstart/run.sh --stop        the same, and stops the sandbox at the end
#   examples/quickstart/run.sh --build DIR   uses the programs in DIR instead of building them
#   examples/quickstart/run.sh --work DIR    plays there instead
#
# Installs with apt what is missing (packaging/dependencies.sh says what). Starts from the beginning each time:
# what an earlier run left in work/ is removed. The platform is usher-sandbox on a free port of loopback; it
# keeps running so that you can go on playing, until examples/quickstart/stop.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$here/work
build=
stop=no
elsewhere=
while [ $# -gt 0 ]; do
  case $1 in
    --stop) stop=yes ;;
    --build) build=$(cd "$2" && pwd); shift ;;
    --work) work=$(realpath -m "$2"); elsewhere=yes; shift ;;
    *) sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 64 ;;
  esac
  shift
done

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

build_programs() {
  "$root/packaging/dependencies.sh" build
  build=$root/build/release
  cd "$root"
  [ -f "$build/build.ninja" ] || { say "Configuring"; cmake --preset release -DUSHER_TESTS=OFF > /dev/null; }
  say "Building usher and usher-sandbox (the first time takes some minutes)"
  cmake --build "$build" --target usher usher-sandbox
}

start_sandbox() {
  nohup "$build/usher-sandbox" --platform mainflux --port 0 --port-file "$work/sandbox.port" \
    --load "$here/world.json" > "$work/sandbox.log" 2>&1 < /dev/null &
  echo $! > "$work/sandbox.pid"
  for _ in $(seq 100); do
    [ -f "$work/sandbox.port" ] && break
    kill -0 "$(cat "$work/sandbox.pid")" 2>/dev/null || { cat "$work/sandbox.log" >&2; exit 1; }
    sleep 0.1
  done
  [ -f "$work/sandbox.port" ] || { echo "The sandbox did not start; see $work/sandbox.log" >&2; exit 1; }
  url=http://127.0.0.1:$(sed -n 's/^mainflux=//p' "$work/sandbox.port")
}

# step CODE REPORT WORD...: runs usher, keeps what it says in work/REPORT, and insists on how it ends.
step() {
  local expected=$1 report=$2 code=0
  shift 2
  say "\$ ./usher $*"
  ./usher "$@" | tee "$report" || code=$?
  echo "(exit $code)"
  [ "$code" -eq "$expected" ] || { echo "This should have ended with $expected." >&2; exit 1; }
}

[ -n "$build" ] || build_programs
"$here/stop.sh" "$work"
rm -rf "$work"
mkdir -p "$work"
trap '[ "$stop" = no ] || "$here/stop.sh" "$work"' EXIT
start_sandbox

cd "$work"
ln -s "$build/usher" usher
cp "$here/people.csv" people.csv
(umask 077 && echo 12345678 > sandbox-secret)
sed "s|@URL@|$url|" "$here/usher.yaml.in" > usher.yaml

say "1,000 people in people.csv; a Mainflux at $url that has drifted away from them"
step 0 validate.txt validate
step 2 plan.txt plan --out first.plan
./usher show --output json first.plan > plan.json
step 0 apply.txt apply first.plan
step 0 second-plan.txt plan --pull
step 0 status.txt status

say "Done. Everything is in $work:"
cat <<END
  usher.yaml, people.csv   the configuration and the people
  usher.db                 the state: sqlite3 usher.db 'select * from accounts limit 5'
  first.plan, *.txt, *.json  the plan that was applied, and the reports above

Go on playing there:  cd ${work#"$PWD/"}
  change a cell of people.csv      ./usher plan    shows exactly that change, and why
  delete a third of its rows       ./usher plan    the guard holds what would disable a third of the accounts
  then                             ./usher apply   or ./usher sync
END
[ "$stop" = yes ] || echo "The sandbox keeps running until: $here/stop.sh${elsewhere:+ $work}"
