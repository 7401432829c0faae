#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Sizes of whole programs as they are shipped: static, stripped, on the minimal libcurl.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: tests/size_static.sh BUILD [--update]

Links small programs with the library of BUILD (build/armhf-static, say) and with the libraries that
BUILD was configured with, statically, and prints their sizes stripped. --update also writes the
table to docs/size.md. Fails when the largest is over HOLDFAST_STATIC_LIMIT_KB (default 2048).
USAGE
}

build=""
update=no
for argument in "$@"; do
  case "$argument" in
    --update) update=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "tests/size_static.sh: unknown option '$argument'" >&2; exit 2 ;;
    *) build=$argument ;;
  esac
done
if [[ -z $build ]]; then usage >&2; exit 2; fi
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
limit_kb=${HOLDFAST_STATIC_LIMIT_KB:-2048}

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt" | head -1; }
if [[ ! -f "$build/CMakeCache.txt" || ! -f "$build/lib/libholdfast.a" ]]; then
  echo "tests/size_static.sh: no library in $build: build it first" >&2
  exit 1
fi
deps=$(cached CMAKE_PREFIX_PATH)
expected=$(cached tl-expected_DIR)
compiler=$(sed -n 's/^set(CMAKE_CXX_COMPILER "\(.*\)")$/\1/p' \
  "$build"/CMakeFiles/*/CMakeCXXCompiler.cmake | head -1)
for library in libcurl.a libmbedtls.a libmbedx509.a libmbedcrypto.a; do
  [[ -f "$deps/lib/$library" ]] ||
    { echo "tests/size_static.sh: $build isn't built on a minimal libcurl: no $library" >&2; exit 1; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flags=(-std=c++17 -Os -ffunction-sections -fdata-sections -fno-exceptions -fno-rtti -Wno-psabi
  -I"$repository/include" -I"${expected%%/share/*}/include" -I"${expected%%/lib/*}/include")
libraries=("$build/lib/libholdfast.a" "$deps"/lib/lib{curl,mbedtls,mbedx509,mbedcrypto}.a)
table="| program | stripped, KB |"$'\n'"| :------ | -----------: |"
largest_kb=0
# measure NAME SOURCE: adds a row.
measure() {
  # Static glibc warns of getaddrinfo(), which libcurl has and the library doesn't call.
  "$compiler" "${flags[@]}" -static -Wl,--gc-sections -s -o "$scratch/program" "$2" \
    "${libraries[@]}" 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
  largest_kb=$((($(stat -c %s "$scratch/program") + 1023) / 1024))
  table+=$'\n'"| $1 | $largest_kb |"
}
echo 'int main() { return 0; }' >"$scratch/empty.cc"
printf '%s\n' '#include <cstdio>' '#include <string>' \
  'int main(int n, char** v) { std::string s(v[n - 1]); return std::printf("%s", s.c_str()); }' \
  >"$scratch/hello.cc"
measure "nothing (the C library)" "$scratch/empty.cc"
measure "std::string and printf" "$scratch/hello.cc"
measure "the transport: HTTPS with libcurl and mbedTLS" "$repository/tests/size/transport.cc"
measure "a whole host: login, list, release, printing into a folder" "$repository/tests/size/panel.cc"
echo "$table"

if [[ $update == yes ]]; then
  page="$repository/docs/size.md"
  modules=$(sed '/^## Static programs$/,$d' "$page")
  {
    printf '%s\n\n' "$modules"
    cat <<TEXT
## Static programs

What a board has to store: static glibc, stripped, \`-Os\`, \`--gc-sections\`, on the minimal libcurl
and mbedTLS of [toolchains](toolchains.md) ($(tail -1 "$deps/complete" | sed 's/ / and /')). Written by
\`tests/size_static.sh build/armhf-static --update\`.

TEXT
    echo "$table"
  } >"$page"
  echo "written: docs/size.md"
fi
if ((largest_kb > limit_kb)); then
  echo "size: the host is $largest_kb KB, over its limit of $limit_kb" >&2
  exit 1
fi
