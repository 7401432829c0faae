#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds the small static libcurl that Holdfast's sizes are measured with: HTTP and HTTPS only, on
# mbedTLS 3.6, from the distribution's source packages. A scratch apt root fetches and checks them;
# nothing is installed and the machine's own apt stays as it is.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: toolchains/minimal_curl.sh armhf|aarch64|host [FOLDER]

Fills FOLDER (default build/deps-ARCH) with libcurl.a, libmbed*.a, their headers and their CMake
packages, for CMAKE_PREFIX_PATH or -DHOLDFAST_DEPS. Does nothing when the same was built there
before. The sources stay in build/deps-sources; remove that folder to have newer ones fetched.

  HOLDFAST_SOURCE_SUITE   the Debian suite whose sources are taken (default trixie)
  HOLDFAST_JOBS           parallel jobs (default: the number of processors)
USAGE
}

arch=${1:-}
case "$arch" in
  armhf) cross=arm-linux-gnueabihf- processor=arm ;;
  aarch64) cross=aarch64-linux-gnu- processor=aarch64 ;;
  host) cross="" processor=$(uname -m) ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
toolchains=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(dirname "$toolchains")/build
folder=${2:-$build/deps-$arch}
sources=$build/deps-sources
suite=${HOLDFAST_SOURCE_SUITE:-trixie}
jobs=${HOLDFAST_JOBS:-$(nproc)}
compiler=${cross}gcc
readonly fetch_limit_s=300 build_limit_s=1200

fail() { echo "minimal_curl.sh: $*" >&2; exit 1; }
for tool in "$compiler" cmake ninja dpkg-source apt-get; do
  command -v "$tool" >/dev/null || fail "$tool is missing: run toolchains/bootstrap.sh build arm"
done

# All that decides what comes out, except the sources, which add their versions below.
recipe=$(cat "${BASH_SOURCE[0]}" "$toolchains/minimal_mbedtls.h" <("$compiler" -v 2>&1) |
  sha256sum | cut -c1-16)
if [[ -f "$folder/complete" && "$(head -1 "$folder/complete")" == "$suite $recipe" ]]; then
  echo "minimal_curl: $arch is complete in $folder"
  exit 0
fi

mkdir -p "$build" "$(dirname "$folder")"
folder=$(realpath -m "$folder")
scratch=$(mktemp -d "$build/deps-scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# Runs a step with a time limit; what it says is shown only when it fails.
step() {
  local limit_s=$1 what=$2
  shift 2
  if ! timeout --kill-after=10 "$limit_s" "$@" >"$scratch/log" 2>&1 </dev/null; then
    tail -n 60 "$scratch/log" >&2
    fail "$what failed, or took more than $limit_s s; see above"
  fi
}

scratch_apt() {
  step "$fetch_limit_s" "apt-get $1 for the sources of $suite" apt-get -q -y \
    -o Dir::State="$scratch/state" -o Dir::State::status="$scratch/status" \
    -o Dir::Cache="$scratch/cache" \
    -o Dir::Etc::sourcelist="$scratch/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts="$scratch/etc/preferences.d" \
    -o Dir::Log="$scratch" -o APT::Sandbox::User="$(id -un)" \
    -o APT::Get::AllowUnauthenticated=false -o Acquire::AllowInsecureRepositories=false \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 "$@"
}

# A mirror's index can be ahead of its files for a while. Then this revision will do; its hashes vouch
# for it, and dpkg-source compares those that the .dsc names.
known_curl() {
  local mirror=$1 hash file
  echo "minimal_curl: the mirror has no files of the newest curl; taking 8.14.1-2+deb13u5" >&2
  rm -f "$scratch"/sources/curl_*
  while read -r hash file; do
    step 120 "fetching $file" /usr/lib/apt/apt-helper -o Acquire::Retries=2 download-file \
      "${mirror%/}/pool/main/c/curl/${file//+/%2b}" "$scratch/sources/$file" "SHA256:$hash"
  done <<'EOF'
9a9a2c95cdc8b5d76892c70858f25eaf2dc0b0a475a1e43e0b4ad428414752df curl_8.14.1-2+deb13u5.dsc
6766ada7101d292b42b8b15681120acd68effa4a9660935853cf6d61f0d984d4 curl_8.14.1.orig.tar.gz
39cc2ec8ddc39d04e3e7101bbed46d858d0875cbb297a6bfa20959fa2bc7d5c7 curl_8.14.1.orig.tar.gz.asc
ebdfcfab1c2001c7a539fe2a4044dbf666a544393f191bedce9ee2d07c4ea925 curl_8.14.1-2+deb13u5.debian.tar.xz
EOF
}

# The mirror is the one that apt itself has configured for this system; its signed index vouches for
# each file of a source package.
fetch_sources() {
  . /etc/os-release
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=""
  mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' | awk -v suite="${VERSION_CODENAME:-}" \
    '$3 == "main" && ($2 == suite || $2 == "stable") { print $1; exit }')
  [[ -n "$mirror" ]] ||
    fail "apt has no source with suite '${VERSION_CODENAME:-?}' and component 'main'"
  if [[ -f "$keyring" ]]; then signed="[signed-by=$keyring]"; fi
  echo "minimal_curl: fetching the sources of curl and mbedTLS from $suite"
  mkdir -p "$scratch"/{state/lists/partial,cache/archives/partial,etc/preferences.d,sources}
  : >"$scratch/status"
  echo "deb-src $signed $mirror $suite main" >"$scratch/etc/sources.list"
  scratch_apt update
  (cd "$scratch/sources" && scratch_apt source --download-only --only-source mbedtls)
  if ! (cd "$scratch/sources" && scratch_apt source --download-only --only-source curl); then
    [[ $suite == trixie ]] || fail "no source of curl in $suite"
    known_curl "$mirror"
  fi
  echo "$suite" >"$scratch/sources/complete"
  rm -rf "$sources"
  mv "$scratch/sources" "$sources"
}
if [[ "$(cat "$sources/complete" 2>/dev/null)" != "$suite" ]]; then fetch_sources; fi

for package in curl mbedtls; do
  dsc=("$sources/${package}_"*.dsc)
  [[ ${#dsc[@]} -eq 1 && -f "${dsc[0]}" ]] ||
    fail "$sources holds no source of $package, or several: remove the folder"
  # apt has checked the files; dpkg-source compares their hashes once more and applies the patches.
  step 120 "unpacking $package" dpkg-source -q --no-check -x "${dsc[0]}" "$scratch/$package"
done
versions=$(cd "$sources" && ls -- *.dsc | sed 's/\.dsc$//' | paste -sd' ')

mbedtls_config="$scratch/mbedtls/include/mbedtls/mbedtls_config.h"
[[ -f "$mbedtls_config" ]] || fail "mbedTLS of $suite isn't a 3.x: $versions"
cat "$toolchains/minimal_mbedtls.h" >>"$mbedtls_config"

common=(
  -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER="$compiler"
  "-DCMAKE_C_FLAGS=-Os -ffunction-sections -fdata-sections"
  -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF
)
if [[ -n "$cross" ]]; then
  common+=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$processor")
fi
if command -v ccache >/dev/null; then
  common+=(-DCMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER-ccache}")
  export CCACHE_BASEDIR=$scratch CCACHE_NOHASHDIR=1
fi

# Paths inside the packages are absolute, so it is built where it will stay; `complete` comes last.
rm -rf "$folder"
build_and_install() {
  local name=$1
  shift
  echo "minimal_curl: building $name for $arch"
  step "$build_limit_s" "configuring $name" cmake -S "$scratch/$name" -B "$scratch/build-$name" \
    "${common[@]}" "$@"
  step "$build_limit_s" "building $name" cmake --build "$scratch/build-$name" --parallel "$jobs"
  step "$build_limit_s" "installing $name" cmake --install "$scratch/build-$name"
}

build_and_install mbedtls \
  -DENABLE_PROGRAMS=OFF -DENABLE_TESTING=OFF -DGEN_FILES=OFF -DMBEDTLS_FATAL_WARNINGS=OFF

# HTTP_ONLY leaves no other protocol. The threaded resolver is off: names are Holdfast's to look up,
# and a library that starts threads of its own is not for a panel.
build_and_install curl \
  -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DBUILD_EXAMPLES=OFF -DBUILD_LIBCURL_DOCS=OFF \
  -DBUILD_MISC_DOCS=OFF -DENABLE_CURL_MANUAL=OFF -DBUILD_STATIC_LIBS=ON -DCURL_USE_PKGCONFIG=OFF \
  -DHTTP_ONLY=ON -DENABLE_THREADED_RESOLVER=OFF -DENABLE_ARES=OFF -DENABLE_UNIX_SOCKETS=OFF \
  -DCURL_USE_MBEDTLS=ON -DCURL_USE_OPENSSL=OFF -DMBEDTLS_INCLUDE_DIR="$folder/include" \
  -DMBEDTLS_LIBRARY="$folder/lib/libmbedtls.a" -DMBEDX509_LIBRARY="$folder/lib/libmbedx509.a" \
  -DMBEDCRYPTO_LIBRARY="$folder/lib/libmbedcrypto.a" \
  -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none -DCURL_CA_FALLBACK=OFF \
  -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF \
  -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_GSSAPI=OFF \
  -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_AWS=ON -DCURL_DISABLE_BASIC_AUTH=ON \
  -DCURL_DISABLE_BEARER_AUTH=ON -DCURL_DISABLE_BINDLOCAL=ON -DCURL_DISABLE_COOKIES=ON \
  -DCURL_DISABLE_DIGEST_AUTH=ON -DCURL_DISABLE_DOH=ON -DCURL_DISABLE_FORM_API=ON \
  -DCURL_DISABLE_GETOPTIONS=ON -DCURL_DISABLE_HEADERS_API=ON -DCURL_DISABLE_HSTS=ON \
  -DCURL_DISABLE_HTTP_AUTH=ON -DCURL_DISABLE_IPFS=ON -DCURL_DISABLE_KERBEROS_AUTH=ON \
  -DCURL_DISABLE_MIME=ON -DCURL_DISABLE_NEGOTIATE_AUTH=ON -DCURL_DISABLE_NETRC=ON \
  -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_PROXY=ON -DCURL_DISABLE_PARSEDATE=ON -DCURL_DISABLE_PROGRESS_METER=ON \
  -DCURL_DISABLE_SHA512_256=ON -DCURL_DISABLE_SHUFFLE_DNS=ON -DCURL_DISABLE_SRP=ON \
  -DCURL_DISABLE_VERBOSE_STRINGS=ON -DCURL_DISABLE_WEBSOCKETS=ON

printf '%s\n' "$suite $recipe" "$versions" >"$folder/complete"
echo "minimal_curl: $versions in $folder"
