#!/bin/sh
# Prints the mirror of Debian that apt's own sources name.
cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null |
  sed -nE 's/^(deb|URIs:) *(\[[^]]*\] *)?(http[^ ]*).*/\3/p' | grep -v security | grep debian | head -n 1 | grep . ||
  { echo "apt's sources name no mirror of Debian" >&2; exit 1; }
