#!/usr/bin/env bash
# Everybody from a Mainflux to a Kestra, with their groups: looked at, moved, compared, and nothing left to do the second
# time.
#
#   examples/migration/run.sh               builds usher, plays, leaves everything in examples/migration/work
#   examples/migration/run.sh --stop        the same, and stops the sandbox at the end
#   examples/migration/run.sh --build DIR   uses the programs in DIR instead of building them
#   examples/migration/run.sh --work DIR    plays there instead
#
# Both platforms are played by usher-sandbox on free ports of loopback; it keeps running until
# examples/migration/stop.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=examples/sandbox/play.sh
. "$here/../sandbox/play.sh"
options "$@"
begin --platform mainflux --platform kestra --users 1100 --load "$here/world.json"
note usher.yaml ids.csv first-secrets
note_state usher.old-to-new.db
sed "s|@MAINFLUX@|$(url mainflux)|; s|@KESTRA@|$(url kestra)|" "$here/usher.yaml.in" > usher.yaml

say "1,100 users on a Mainflux, 1,004 of them active; a Kestra that has their groups and knows three people"
step 0 rules.yaml migrate --from old --to new --print-config
step 2 look.txt migrate --from old --to new --dry-run
step 0 migrate.txt migrate --from old --to new --yes --id-map ids.csv --first-secrets first-secrets
say "How the parity report begins, and the id map"
sed -n '/^Parity/,$p' migrate.txt
head -n 3 ids.csv
step 0 second.txt migrate --from old --to new --yes
sed -n '/^Parity/,$p' second.txt

say "Done. Everything is in $work:"
cat <<END
  usher.yaml         both platforms, and nothing else
  rules.yaml         how one becomes the other; change it and give it with --rules
  ids.csv            old and new ids
  first-secrets      the first secrets of the new accounts
  usher.old-to-new.db  the state; ./usher runs --state usher.old-to-new.db lists the runs, and
                     ./usher show RUN --state usher.old-to-new.db shows what became of one
END
farewell
