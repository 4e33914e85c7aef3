#!/usr/bin/env bash
# Stops the sandbox that run.sh left running, in work/ or in the folder that is named.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$here/../quickstart/stop.sh" "${1:-$here/work}"
