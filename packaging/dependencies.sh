#!/usr/bin/env bash
# Installs with apt what usher needs and is not yet there.
#   packaging/dependencies.sh build    to build usher and the sandbox
#   packaging/dependencies.sh test     the same and what tests, benchmarks and checks need
#   packaging/dependencies.sh bench    the same and what benchmarks/run.sh compares with
#   packaging/dependencies.sh compare  the same, node, and DuckDB from npm, for benchmarks/run.sh --compare
#   packaging/dependencies.sh check    what tests/check.sh needs on top: clang, its sanitizers and clang-format
#   packaging/dependencies.sh package  what packaging/package.sh needs on top: mandoc, lintian, systemd's checks
#   packaging/dependencies.sh static   what packaging/static.sh needs on top: archives, debootstrap
#   packaging/dependencies.sh looks    what tests/looks.sh needs on top: Chromium, fonts, node and npm
#   packaging/dependencies.sh servers  what tests/servers needs on top: node, and servers of others from npm
#   packaging/dependencies.sh promtool build/tools/promtool, out of Debian's package of Prometheus, which is not installed; `test` tries it
#   packaging/dependencies.sh contract what tests/contract/run.sh needs on top: node and npm
set -euo pipefail

build=(g++ cmake ninja-build pkg-config ca-certificates libcurl4-openssl-dev nlohmann-json3-dev libsimdjson-dev
  libsqlite3-dev libsqlitecpp-dev libspdlog-dev libfmt-dev libboost-program-options-dev libtbb-dev libyaml-cpp-dev
  libexpected-dev libxxhash-dev libutf8proc-dev libhowardhinnant-date-dev libcsv-dev libre2-dev libcpp-httplib-dev
  libssl-dev zlib1g-dev libbrotli-dev libzstd-dev tzdata sqlite3)
test=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev curl python3
  pyflakes3 fish zsh)
bench=(wrk)
check=(clang-14 libclang-rt-14-dev llvm-14 clang-format-14 clang-tidy-14)
package=(dpkg-dev fakeroot mandoc lintian systemd fish zsh debootstrap)
static=(dpkg-dev binutils libnghttp2-dev libgcc-11-dev debootstrap)
looks=(chromium fonts-liberation fonts-noto-color-emoji)
contract=()
# A node that did not come with apt will do.
command -v node > /dev/null || contract+=(nodejs)
command -v npm > /dev/null || contract+=(npm)

# promtool is one program; the server it comes with, and that server's service, are not wanted here.
get_promtool() {
  local tools folder
  tools=$(dirname "${BASH_SOURCE[0]}")/../build/tools
  [ ! -x "$tools/promtool" ] && ! command -v promtool > /dev/null || return 0
  folder=$(mktemp -d)
  mkdir -p "$tools"
  (cd "$folder" && apt-get download -qq prometheus > /dev/null 2>&1 && dpkg -x prometheus_*.deb .) &&
    install -m 0755 "$folder/usr/bin/promtool" "$tools/promtool" ||
    { echo "promtool is not to be had: apt-get download prometheus failed" >&2; rm -rf "$folder"; return 1; }
  rm -rf "$folder"
}

case "${1:-build}" in
  promtool) get_promtool; exit ;;
  build) wanted=("${build[@]}") ;;
  test) wanted=("${build[@]}" "${test[@]}") ;;
  bench) wanted=("${build[@]}" "${test[@]}" "${bench[@]}") ;;
  compare) wanted=("${build[@]}" "${test[@]}" "${bench[@]}" "${contract[@]}") ;;
  check) wanted=("${build[@]}" "${test[@]}" "${check[@]}") ;;
  package) wanted=("${build[@]}" "${package[@]}") ;;
  static) wanted=("${build[@]}" "${static[@]}") ;;
  looks) wanted=("${looks[@]}" "${contract[@]}") ;;
  contract | servers) wanted=("${contract[@]}") ;;
  *) echo "usage: packaging/dependencies.sh [build|test|bench|compare|check|package|static|looks|promtool|contract|servers]" >&2; exit 64 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
# What comes from npm.
npm_packages() {
  local root folder
  root=$(dirname "${BASH_SOURCE[0]}")/..
  case "${1:-}" in
    servers) folder=$root/tests/servers/scim ;;
    compare)
      folder=$root/build/compare
      mkdir -p "$folder"
      cp "$root/benchmarks/package.json" "$folder"
      ;;
    *) return 0 ;;
  esac
  npm install --prefix "$folder" --no-audit --no-fund --no-package-lock >&2
}
if [ ${#missing[@]} -eq 0 ]; then
  npm_packages "$@"
  [ "${1:-}" != test ] || get_promtool || true
  exit 0
fi

echo "Installing with apt: ${missing[*]}" >&2
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Run this as root, or install sudo: apt-get needs it." >&2; exit 1; }
  root=(sudo)
fi
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
npm_packages "$@"
[ "${1:-}" != test ] || get_promtool || true
