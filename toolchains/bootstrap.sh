#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs what Holdfast is built and tested with, from the machine's own package sources.
set -euo pipefail

# To build the library and the examples.
build_packages=(
  ca-certificates cmake g++ ninja-build ccache git pkg-config
  libcurl4-openssl-dev libc-ares-dev libmbedtls-dev nlohmann-json3-dev libexpected-dev
  libsqlite3-dev libcpp-httplib-dev libcli11-dev libssl-dev
)
# To run the tests and examples/run.sh.
test_packages=(
  doctest-dev curl openssl procps python3 python3-yaml python3-jsonschema sqlite3
  cups-daemon cups-ipp-utils dbus-daemon ghostscript iproute2 util-linux
)
# To cross-build for ARM boards and run the result.
arm_packages=(
  g++-arm-linux-gnueabihf g++-aarch64-linux-gnu qemu-user-static
  gcc dpkg-dev xz-utils valgrind  # to build source packages and to look for races in them
)
# For the fuzz preset, and to format and check a change.
clang_packages=(
  clang libclang-rt-14-dev clang-format clang-tidy
)
# What tests/bench/run.sh compares with.
bench_packages=(
  nginx-light haproxy
)

usage() {
  cat <<'EOF'
usage: toolchains/bootstrap.sh [--help] [build] [test] [arm] [clang] [bench]

Installs groups of Debian packages with apt-get, as root or with sudo. Without an argument: build
and test. Installs nothing and needs no rights when all of them are there already.

  build   compiler, CMake, Ninja and the libraries that Holdfast uses
  test    what the tests and examples/run.sh need besides
  arm     cross compilers for armhf and aarch64, qemu to run their programs
  clang   clang for the fuzz preset, clang-format, clang-tidy
  bench   the proxies that tests/bench/run.sh compares with
EOF
}

packages=()
groups=("$@")
if [[ $# -eq 0 ]]; then groups=(build test); fi
for group in "${groups[@]}"; do
  case "$group" in
    -h | --help) usage; exit 0 ;;
    build) packages+=("${build_packages[@]}") ;;
    test) packages+=("${test_packages[@]}") ;;
    arm) packages+=("${arm_packages[@]}") ;;
    clang) packages+=("${clang_packages[@]}") ;;
    bench) packages+=("${bench_packages[@]}") ;;
    *)
      echo "bootstrap.sh: unknown group '$group'; known are build, test, arm, clang, bench" >&2
      exit 2
      ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "bootstrap.sh: this script knows Debian's apt-get only. Install the counterparts of:" >&2
  printf '  %s\n' "${packages[@]}" >&2
  exit 1
fi

# One query for all: dpkg-query lists what it knows and complains about the rest.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  if [[ $'\n'"$installed"$'\n' != *$'\n'"installed $package"$'\n'* ]]; then missing+=("$package"); fi
done
if [[ ${#missing[@]} -eq 0 ]]; then
  echo "bootstrap: all ${#packages[@]} packages of ${groups[*]} are installed"
  exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "bootstrap.sh: these packages are missing and neither root nor sudo is at hand:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    exit 1
  fi
  # Proxies and certificates of the caller's environment must reach apt-get.
  kept=$(compgen -e | grep -iE '^(.*_proxy|ssl_cert_.*|curl_ca_bundle|apt_config)$' | paste -sd, - || true)
  as_root=(sudo ${kept:+"--preserve-env=$kept"})
fi

echo "bootstrap: installing ${#missing[@]} packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "bootstrap.sh: apt-get $1 failed, see above" >&2
    exit 1
  fi
}
if [[ ${#as_root[@]} -gt 0 ]]; then "${as_root[@]}" true; fi  # sudo may ask; not into the log.
echo "bootstrap: apt-get update"
apt update -q
echo "bootstrap: apt-get install"
apt install -q -y --no-install-recommends "${missing[@]}"
echo "bootstrap: done"
