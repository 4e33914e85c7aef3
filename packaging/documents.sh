#!/bin/sh
# Writes what packages hold beside programs, compressed as Debian wants it:
#   documents.sh SHARE VERSION [SANDBOX]
# SHARE/man holds the pages of commands and files already; that of the sandbox comes from the program SANDBOX.
set -eu
share=$1 version=$2 sandbox=${3:-}
date=2026-11-26

[ -z "$sandbox" ] || "$sandbox" --manual > "$share/man/usher-sandbox.1"

cat > "$share/changelog" << END
usher ($version) unstable; urgency=medium

  * What changed stands in /usr/share/doc/usher/CHANGELOG.md.

 -- The usher developers <usher@example.org>  $(date -u -R -d "$date")
END
gzip -9nf "$share/changelog" "$share"/man/*.[15]
