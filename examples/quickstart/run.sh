#!/usr/bin/env bash
# People from one file onto four platforms: planned, applied, and nothing left to do the second time.
#
#   examples/quickstart/run.sh               builds usher, plays, leaves everything in examples/quickstart/work
#   examples/quickstart/run.sh --stop        the same, and stops the sandbox at the end
#   examples/quickstart/run.sh --build DIR   uses the programs in DIR instead of building them
#   examples/quickstart/run.sh --work DIR    plays there instead
#
# Installs with apt what is missing (packaging/dependencies.sh says what). Starts from the beginning each time:
# what an earlier run left in work/ is removed. The platforms are played by usher-sandbox on free ports of
# loopback; it keeps running so that you can go on playing, until examples/quickstart/stop.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=examples/sandbox/play.sh
. "$here/../sandbox/play.sh"
options "$@"
begin --platform mainflux --platform gr4vy --platform kestra --platform sigfox --load "$here/world.json"
note people.csv usher.yaml first.plan plan.json first-secrets
note_state usher.db

cp "$here/people.csv" people.csv
sed "s|@MAINFLUX@|$(url mainflux)|; s|@GR4VY@|$(url gr4vy)|; s|@KESTRA@|$(url kestra)|; s|@SIGFOX@|$(url sigfox)|" \
  "$here/usher.yaml.in" > usher.yaml

say "1,000 people in people.csv; a Mainflux, a Gr4vy, a Kestra and a Sigfox that have drifted away from them"
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
farewell
