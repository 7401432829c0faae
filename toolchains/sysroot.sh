#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes a private sysroot for a cross build, without a foreign architecture in the machine's dpkg and
# without any rights: a scratch apt root of the target's architecture downloads the packages from the
# mirror that this machine uses, dpkg-deb unpacks them, nothing is installed.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: toolchains/sysroot.sh armhf|aarch64 [FOLDER]

Fills FOLDER (default build/sysroot-ARCH) with the target's libraries and headers. Does nothing when
it is complete already. toolchains/ARCH.cmake finds it there, or through -DHOLDFAST_SYSROOT=FOLDER.
EOF
}

arch=${1:-}
case "$arch" in
  armhf) debian_arch=armhf ;;
  aarch64) debian_arch=arm64 ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${2:-$repository/build/sysroot-$arch}

packages=(
  libc6 libgcc-s1 libstdc++6 libatomic1
  libcurl4-openssl-dev libssl-dev libmbedtls-dev libc-ares-dev libsqlite3-dev
  nlohmann-json3-dev doctest-dev libexpected-dev
)
# The cross compiler brings these headers itself; a second copy would only come first by accident.
left_out='^(libc6-dev|linux-libc-dev|libcrypt-dev|libnsl-dev|libtirpc-dev|libstdc\+\+-.*-dev|rpcsvc-proto)_'

if [[ -f "$folder/complete" && "$(cat "$folder/complete")" == "${packages[*]}" ]]; then
  echo "sysroot: $arch is complete in $folder"
  exit 0
fi

# The distribution's main suite only: security suites of other architectures are not mirrored
# everywhere, and a board's libraries come from its own build in the end. The mirror is the one that
# apt itself has configured.
. /etc/os-release
mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Created-By: Packages' | awk -v suite="${VERSION_CODENAME:-}" \
  '$3 == "main" && ($2 == suite || $2 == "stable") { print $1, $2; exit }')
if [[ -z "$mirror" ]]; then
  echo "sysroot.sh: apt has no source with suite '${VERSION_CODENAME:-?}' and component 'main'" >&2
  exit 1
fi

echo "sysroot: downloading the $debian_arch libraries into $folder"
mkdir -p "$(dirname "$folder")"
scratch=$(mktemp -d "$(dirname "$folder")/sysroot-scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch"/{state/lists/partial,cache/archives/partial,etc/preferences.d,root}
: >"$scratch/status"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
options="arch=$debian_arch"
if [[ -f "$keyring" ]]; then options+=" signed-by=$keyring"; fi
echo "deb [$options] $mirror main" >"$scratch/etc/sources.list"

scratch_apt() {
  if ! apt-get -q -y \
    -o APT::Architecture="$debian_arch" -o APT::Architectures::="$debian_arch" \
    -o Dir::State="$scratch/state" -o Dir::State::status="$scratch/status" \
    -o Dir::Cache="$scratch/cache" \
    -o Dir::Etc::sourcelist="$scratch/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts="$scratch/etc/preferences.d" \
    -o Dir::Log="$scratch" -o APT::Sandbox::User="$(id -un)" "$@" >"$scratch/log" 2>&1; then
    cat "$scratch/log" >&2
    echo "sysroot.sh: apt-get for $debian_arch failed, see above" >&2
    exit 1
  fi
}
scratch_apt update
scratch_apt install --no-install-recommends --download-only "${packages[@]}"

count=0
for deb in "$scratch"/cache/archives/*.deb; do
  if [[ "${deb##*/}" =~ $left_out ]]; then continue; fi
  dpkg-deb -x "$deb" "$scratch/root"
  count=$((count + 1))
done
# doctest's CMake package names /usr outright; make it name its own root.
find "$scratch/root/usr" -path '*/cmake/*Targets.cmake' -exec sed -i \
  's|^set(_IMPORT_PREFIX "/usr")$|get_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)|' {} +
rm -rf "$scratch/root/usr/share/"{doc,man,locale,info,lintian,bug}

# Moved into place as a whole, so that an interrupted run leaves nothing that looks complete.
chmod 755 "$scratch/root"
printf '%s' "${packages[*]}" >"$scratch/root/complete"
if [[ -d "$folder" ]]; then
  # An option's default that hung on a missing library (HOLDFAST_CURL_OPENSSL) stays in the cache.
  echo "sysroot: this replaces an older one; configure builds that used it with cmake --fresh"
fi
rm -rf "$folder"
mv "$scratch/root" "$folder"
echo "sysroot: $count packages unpacked, $(du -sh "$folder" | cut -f1)"
