#!/usr/bin/env bash
# Builds the archives (.a) that a program needs which needs no library but libc, where Debian has only shared ones, or ones
# that need more than usher does. From packaging/static.sources:
#   packaging/archives.sh FOLDER    leaves them in FOLDER/lib; what was built from the same source in the same way is not
#                                   built again
# USHER_JOBS says how many compilers run at once (standard: all cores).
set -euo pipefail

packaging=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
jobs=${USHER_JOBS:-$(nproc)}
mirror=$("$packaging/mirror.sh")

fetch() {  # URL SHA256 FILE
  [ -e "$3" ] || curl -fsSL --retry 3 -o "$3.part" "$1" || {
    echo "$1 cannot be had. Debian removes a version when it publishes the next: pin that one in packaging/static.sources." >&2
    return 1
  }
  [ -e "$3" ] || mv "$3.part" "$3"
  echo "$2  $3" | sha256sum --check --quiet - || { rm -f "$3"; return 1; }
}

source_of() {  # NAME: unpacks the package into FOLDER/NAME, with Debian's patches
  local sha path file
  read -r sha path < <(grep "/$1_[^/]*\.dsc$" "$packaging/static.sources")
  fetch "$mirror/$path" "$sha" "$folder/${path##*/}"
  while read -r sha _ file; do
    case $file in *.asc) continue ;; esac
    fetch "$mirror/${path%/*}/$file" "$sha" "$folder/$file"
  done < <(awk '/^[A-Z]/ { in_sums = /^Checksums-Sha256:/ } in_sums && /^ / { print }' "$folder/${path##*/}")
  rm -rf "${folder:?}/$1"
  # The signature file of the authors is left out: what is unpacked was compared with the pinned sums.
  dpkg-source --no-check --no-copy -x "$folder/${path##*/}" "$folder/$1" > /dev/null
}

archive() {  # ARCHIVE NAME OPTION...: lib/ARCHIVE out of the package NAME
  local archive=$1 name=$2
  shift 2
  local stamp=$folder/$name.stamp made
  made=$(grep -E "/(fmtlib|$name)_[^/]*\.dsc$" "$packaging/static.sources"; printf '%s\n' "$@"; sha256sum < "$packaging/archives.cmake")
  [ ! -e "$folder/lib/$archive" ] || [ "$made" != "$(cat "$stamp" 2> /dev/null)" ] || return 0
  echo "building $archive" >&2
  rm -f "$stamp"
  source_of "$name"
  cmake -S "$folder/$name" -B "$folder/$name/static" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DCMAKE_PROJECT_INCLUDE="$packaging/archives.cmake" \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_C_FLAGS="-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2" \
    -DCMAKE_CXX_FLAGS="-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2" "$@" > "$folder/$name.log" 2>&1 &&
    cmake --build "$folder/$name/static" --parallel "$jobs" >> "$folder/$name.log" 2>&1 &&
    cmake --install "$folder/$name/static" >> "$folder/$name.log" 2>&1 || { tail -20 "$folder/$name.log" >&2; return 1; }
  [ -e "$folder/lib/$archive" ] || { echo "$name made no $archive" >&2; return 1; }
  printf '%s\n' "$made" > "$stamp"
}

archive libfmt.a fmtlib -DFMT_TEST=OFF -DFMT_DOC=OFF
archive libspdlog.a spdlog -DSPDLOG_FMT_EXTERNAL=ON -DSPDLOG_BUILD_EXAMPLE=OFF -Dfmt_DIR="$folder/lib/cmake/fmt"
archive libdate-tz.a howardhinnant-date -DBUILD_TZ_LIB=ON -DUSE_SYSTEM_TZ_DB=ON -DCOMPILE_WITH_C_LOCALE=ON
archive libyaml-cpp.a yaml-cpp -DYAML_BUILD_SHARED_LIBS=OFF -DYAML_CPP_BUILD_TESTS=OFF -DYAML_CPP_BUILD_TOOLS=OFF
archive libsimdjson.a simdjson -DSIMDJSON_DEVELOPER_MODE=OFF
archive libtbb.a onetbb -DTBB_TEST=OFF -DTBB_STRICT=OFF -DTBBMALLOC_BUILD=OFF -DTBB_DISABLE_HWLOC_AUTOMATIC_SEARCH=ON
# What usher speaks is HTTP, with TLS, HTTP/2 and gzip; nothing else of curl is in it.
archive libcurl.a curl -DHTTP_ONLY=ON -DCURL_USE_OPENSSL=ON -DUSE_NGHTTP2=ON -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF \
  -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF -DCURL_DISABLE_LDAP=ON -DBUILD_CURL_EXE=OFF \
  -DBUILD_TESTING=OFF -DCURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt -DCURL_CA_PATH=none

# What unwinds exceptions: that of GCC 12 asks for _dl_find_object of libc 2.35, that of GCC 11 does not.
cp "/usr/lib/gcc/$(gcc -dumpmachine)/11/libgcc_eh.a" "$folder/lib/"
