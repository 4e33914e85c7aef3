#!/usr/bin/env bash
# Holds what usher sends, and what the sandbox answers, against the vendors' own specifications.
#
#   tests/contract/run.sh [PLATFORM…]     without one: mainflux gr4vy kestra sigfox
#
#   --build DIR            the folder with usher and usher-sandbox (standard: build/dev)
#   --specifications DIR   where mainflux.yml gr4vy.yml kestra.yml sigfox.json stand; also USHER_SPECIFICATIONS
#                          (standard: ../shared/platforms/specs beside the checkout)
#
# A validating proxy (Prism) stands between usher and the sandbox and answers with an error whatever the
# specification does not allow, in a request or in a reply. Through it go a plan, an apply and a second plan, which
# must be empty. Where a specification itself is wrong, NAME/corrections.yaml says how and why. Needs node and npm;
# Prism is installed below build/contract. Everything is left there: build/contract/NAME/proxy.log says what passed.
# The last line says how many platforms passed, failed and were skipped; 77 when none could be checked.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/dev
specifications=${USHER_SPECIFICATIONS:-$root/../shared/platforms/specs}
platforms=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$(cd "$2" && pwd); shift ;;
    --specifications) specifications=$2; shift ;;
    mainflux | gr4vy | kestra | sigfox) platforms+=("$1") ;;
    *) sed -n '2,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 64 ;;
  esac
  shift
done
[ ${#platforms[@]} -gt 0 ] || platforms=(mainflux gr4vy kestra sigfox)

skip() { echo "$1" >&2; echo "0 passed, 0 failed, ${#platforms[@]} skipped"; exit 77; }
[ -d "$specifications" ] || skip "There are no specifications in $specifications; --specifications DIR names another folder."
command -v npm > /dev/null || skip "There is no npm; packaging/dependencies.sh contract installs it."
for program in usher usher-sandbox; do
  [ -x "$build/$program" ] || { echo "$build/$program is not built." >&2; exit 1; }
done

work=$root/build/contract
mkdir -p "$work"
cp "$here/package.json" "$here"/*.mjs "$work"
if ! [ -x "$work/node_modules/.bin/prism" ] || [ "$here/package.json" -nt "$work/node_modules/.package-lock.json" ]; then
  echo "Installing the proxy below build/contract (npm)" >&2
  npm install --prefix "$work" --no-fund --no-audit --loglevel=error >&2 || skip "npm could not install the proxy."
fi

pids=()
stop() { [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true; pids=(); }
trap stop EXIT

# await SECONDS COMMAND…: until the command succeeds.
await() {
  local left=$(($1 * 10))
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.1
  done
}

# step CODE WORD…: runs usher and insists on how it ends.
step() {
  local expected=$1 code=0
  shift
  "$build/usher" "$1" --no-progress "${@:2}" > usher.txt 2> usher.log || code=$?
  { echo "\$ usher $*"; cat usher.txt usher.log; echo "(exit $code)"; } >> usher-all.txt
  [ "$code" -eq "$expected" ] && return 0
  echo "  usher $* ended with $code, not $expected:"
  cat usher.txt usher.log | tail -n 20 | sed 's/^/    /'
  return 1
}

check() {
  local platform=$1 specification=$specifications/$1.yml switches=() port
  [ -f "$specification" ] || specification=$specifications/$1.json
  rm -rf "${work:?}/$platform"
  mkdir -p "$work/$platform"
  cd "$work/$platform"
  node ../specification.mjs "$specification" "$here/$platform/corrections.yaml" specification.json
  node ../world.mjs "$platform" .
  cp "$here/$platform/usher.yaml" .
  [ ! -f "$here/$platform/switches" ] || mapfile -t switches < <(sed 's/^/--set=/' "$here/$platform/switches")

  "$build/usher-sandbox" --platform "$platform" --load world.json --port 0 --port-file sandbox.port "${switches[@]}" \
    > sandbox.log 2>&1 &
  pids+=($!)
  await 20 test -f sandbox.port || { cat sandbox.log; return 1; }
  local sandbox=http://127.0.0.1:$(sed 's/.*=//' sandbox.port)
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
  node ../relay.mjs "$sandbox" > relay.address 2> relay.log &
  pids+=($!)
  await 10 test -s relay.address || { cat relay.log; return 1; }
  ../node_modules/.bin/prism proxy --errors --host 127.0.0.1 --port "$port" specification.json "$(cat relay.address)" > proxy.log 2>&1 &
  pids+=($!)
  await 60 grep -qs 'is listening' proxy.log || { cat proxy.log; return 1; }

  export CONTRACT_SECRET=12345678 CONTRACT_URL=http://127.0.0.1:$port
  [ "$platform" != sigfox ] || CONTRACT_URL+=/v2
  local failed=0
  step 2 plan --out first.plan && step 0 apply first.plan && step 0 plan --pull || failed=1
  # What usher lives with (a find that is refused, a self that is not there) must not go by unseen either.
  if grep -nE 'violation|did not pass|\[VALIDATOR\].*(error|✖)|Error:' proxy.log > violations.txt; then
    echo "  the proxy objected:"
    head -n 20 violations.txt | sed 's/^/    /'
    failed=1
  fi
  stop
  return $failed
}

passed=0 failed=0
for platform in "${platforms[@]}"; do
  if (trap stop EXIT; check "$platform"); then
    passed=$((passed + 1))
    echo "$platform: $(grep -c 'The upstream call to' "$work/$platform/proxy.log" || true) requests and replies as specified"
  else
    failed=$((failed + 1))
    echo "$platform: FAILED, see build/contract/$platform"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
