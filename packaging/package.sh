#!/usr/bin/env bash
# Builds the Debian packages usher and usher-sandbox below build/package.
#
#   packaging/package.sh            builds them
#   packaging/package.sh --check    and checks them: lintian, manual pages, systemd's own checks, and where debootstrap can make
#                                   a bare Debian, installs and removes them there
#
# Installs with apt what is missing. The last line of --check says how many checks passed and failed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
packaging/dependencies.sh package
build=build/package
cmake --preset release -B "$build" -DUSHER_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/usr > /dev/null
cmake --build "$build" --target usher usher-sandbox usher_share
(cd "$build" && rm -f ./*.deb && cpack -G DEB > cpack.log) || { cat "$build/cpack.log"; exit 1; }
ls "$build"/*.deb
[ "${1:-}" = --check ] || exit 0

passed=0 failed=0 skipped=0
check() {
  local name=$1 code=0
  shift
  "$@" > "$build/check.log" 2>&1 || code=$?
  case $code in
    0) passed=$((passed + 1)); echo "ok       $name" ;;
    77) skipped=$((skipped + 1)); echo "skipped  $name: $(tail -1 "$build/check.log")" ;;
    *) failed=$((failed + 1)); echo "failed   $name"; sed 's/^/         /' "$build/check.log" ;;
  esac
}

manual_pages() {
  local page
  ls "$build"/share/man/usher.yaml.5.gz "$build"/share/man/usher-recipe.5.gz || return 1
  for page in "$build"/share/man/*.gz; do gzip -dc "$page" | mandoc -Tlint -W warning || { echo "$page"; return 1; }; done
}

completions() {
  bash -n "$build/share/completion/usher" && zsh -n "$build/share/completion/_usher" &&
    fish --no-execute "$build/share/completion/usher.fish"
}

hardening() {
  local exposure
  systemd-analyze security --offline=true packaging/systemd/usher@.service | tail -1 | tee "$build/exposure"
  exposure=$(grep -oE '[0-9]+\.[0-9]+' "$build/exposure" | head -1)
  awk -v exposure="$exposure" 'BEGIN { exit !(exposure <= 2.0) }'
}

units() {
  local root=$build/units
  rm -rf "$root" && mkdir -p "$root/usr/lib/systemd/system" "$root/usr/bin"
  cp packaging/systemd/usher@.* "$root/usr/lib/systemd/system/"
  cp "$build/usher" "$root/usr/bin/usher"
  systemd-analyze verify --man=no --root="$root" --recursive-errors=no usher@example.service usher@example.timer
}

installed() {
  [ "$(id -u)" -eq 0 ] && command -v debootstrap > /dev/null || { echo "needs root and debootstrap"; return 77; }
  local root mirror
  mirror=$(packaging/mirror.sh)
  root=$(mktemp -d)
  trap "rm -rf '$root'; trap - RETURN" RETURN
  debootstrap --variant=minbase bookworm "$root" "$mirror" || { echo "debootstrap could not make a bare Debian"; return 77; }
  [ ! -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$root/etc/apt/"
  cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  cp "$build"/*.deb "$root/tmp/"
  chroot "$root" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /tmp/*.deb' &&
    chroot "$root" usher version && chroot "$root" usher-sandbox --help > /dev/null &&
    chroot "$root" usher connector list &&
    chroot "$root" sh -c 'usher schema | cmp - /usr/share/usher/schemas/usher.schema.json' &&
    chroot "$root" sh -c 'usher schema recipe | cmp - /usr/share/usher/schemas/usher-recipe.schema.json' &&
    chroot "$root" sh -c 'apt-get remove -y -qq usher usher-sandbox && ! command -v usher'
}

check "lintian" lintian --fail-on=error,warning "$build"/*.deb
check "manual pages" manual_pages
check "completions" completions
check "units" units
check "hardening of the service" hardening
check "installed and removed in a bare Debian" installed
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
