#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds and runs a program with nothing but the compiler and what pkg-config says.
# usage: pkg_config.sh PREFIX COMPILER SOURCE PROGRAM
set -euo pipefail
prefix=$1 compiler=$2 source=$3 program=$4

file=$(find "$prefix" -name holdfast.pc)
export PKG_CONFIG_PATH=${file%/*}
echo "holdfast $(pkg-config --modversion holdfast)"
read -ra flags < <(pkg-config --cflags holdfast)
read -ra libs < <(pkg-config --libs holdfast)
# All of the archive, so that a library the file forgets shows up as undefined.
for i in "${!libs[@]}"; do
  if [[ ${libs[i]} == -lholdfast ]]; then
    libs[i]="-Wl,--whole-archive,-lholdfast,--no-whole-archive"
  fi
done
set -x
"$compiler" -std=c++17 "${flags[@]}" -o "$program" "$source" "${libs[@]}"
"$program"
