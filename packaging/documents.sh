#!/bin/sh
# Writes what packages hold beside programs, compressed as Debian wants it:
#   documents.sh SOURCE SHARE VERSION [SANDBOX]
# SHARE/man holds the pages of the commands already; pages of files come from docs/ where lowdown is installed, that of the
# sandbox from the program SANDBOX.
set -eu
source=$1 share=$2 version=$3 sandbox=${4:-}
date=2026-11-26

page() {  # PAGE NAME ABOUT
  lowdown -s -tman -M "title=$2" -M section=5 -M "volume=Usher manual" -M "date=$date" "$source/docs/$1.md" |
    awk -v "name=$2" -v "about=$3" -f "$source/packaging/manual_page.awk" > "$share/man/$2.5"
}
if command -v lowdown > /dev/null; then
  page configuration usher.yaml "configuration of usher: where, who and what"
  page recipes usher-recipe "a platform described as data, for usher"
fi
[ -z "$sandbox" ] || "$sandbox" --manual > "$share/man/usher-sandbox.1"

cat > "$share/changelog" << END
usher ($version) unstable; urgency=medium

  * What changed stands in /usr/share/doc/usher/CHANGELOG.md.

 -- The usher developers <usher@example.org>  $(date -u -R -d "$date")
END
gzip -9nf "$share/changelog" "$share"/man/*.[15]
