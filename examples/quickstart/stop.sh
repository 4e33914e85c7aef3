#!/usr/bin/env bash
# Stops the sandbox that run.sh left running, in work/ or in the folder that is named; does nothing when there is
# none.
set -euo pipefail

work=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/work}
[ -f "$work/sandbox.pid" ] || exit 0
pid=$(cat "$work/sandbox.pid")
# The number may belong to somebody else by now.
if grep -qsz 'usher-sandbox$' "/proc/$pid/cmdline"; then kill "$pid"; fi
rm -f "$work/sandbox.pid"
