#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Code and data of each module in a build, against tests/size_budget.txt.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tests/size.sh BUILD [--update]

Prints a table of each module's code and data in BUILD (build/armhf, say) and fails when one is over
its budget or has none. --update also writes the table to docs/size.md. A module's objects are linked
together first, so that a template instantiated in many files counts once. TARGET_PREFIX names the
binutils (default arm-linux-gnueabihf-).
EOF
}

build=""
update=no
for argument in "$@"; do
  case "$argument" in
    --update) update=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "tests/size.sh: unknown option '$argument'" >&2; exit 2 ;;
    *) build=$argument ;;
  esac
done
if [[ -z $build ]]; then usage >&2; exit 2; fi

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
budget="$repository/tests/size_budget.txt"
prefix=${TARGET_PREFIX-arm-linux-gnueabihf-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mapfile -t folders < <(find "$build/lib" -type d -name 'holdfast_*.dir' \
  ! -name '*_verify_interface_header_sets.dir' | sort)
if [[ ${#folders[@]} -eq 0 ]]; then
  echo "tests/size.sh: no modules in $build: build it first" >&2
  exit 1
fi

row() { printf '| %-10s | %11s | %11s | %12s | %12s |' "$@"; }
table=$(row module "code, bytes" "data, bytes" "budget: code" "budget: data")
table+=$'\n'$(row :--------- ---------: ---------: ----------: ----------:)
problems=()
seen=" "
total_code=0
total_data=0
for folder in "${folders[@]}"; do
  module=${folder##*/holdfast_}
  module=${module%.dir}
  mapfile -t objects < <(find "$folder" -name '*.o')
  if [[ ${#objects[@]} -eq 0 ]]; then continue; fi
  "${prefix}ld" -r -o "$scratch/$module.o" "${objects[@]}"
  # Berkeley format: text holds code and constants, data and bss what lies in RAM.
  read -r text data bss _ < <("${prefix}size" "$scratch/$module.o" | tail -1)
  code=$text
  ram=$((data + bss))
  read -r code_budget ram_budget < <(
    awk -v module="$module" '$1 == module { print $2, $3; found = 1 } END { if (!found) print "- -" }' "$budget")
  table+=$'\n'$(row "$module" "$code" "$ram" "$code_budget" "$ram_budget")
  if [[ $code_budget == - ]]; then
    problems+=("$module has no budget")
  else
    if ((code > code_budget)); then problems+=("$module: code $code is over its budget $code_budget"); fi
    if ((ram > ram_budget)); then problems+=("$module: data $ram is over its budget $ram_budget"); fi
  fi
  seen+="$module "
  total_code=$((total_code + code))
  total_data=$((total_data + ram))
done
while read -r module _; do
  if [[ $seen != *" $module "* ]]; then problems+=("the budget names '$module', which isn't built"); fi
done < <(grep -vE '^(#|$)' "$budget")
table+=$'\n'$(row "**all**" "$total_code" "$total_data" "" "")

echo "$table"
if [[ $update == yes ]]; then
  page="$repository/docs/size.md"
  static_programs=$(sed -n '/^## Static programs$/,$p' "$page")  # of tests/size_static.sh
  {
    cat <<'EOF'
<!-- SPDX-FileCopyrightText: 2026 The Holdfast authors -->
<!-- SPDX-License-Identifier: Apache-2.0 -->
# Size

Code (with constants) and data (initialised and zeroed) of each module: armhf, `-Os`, no exceptions,
no RTTI, GCC 12. Libraries below (libcurl, mbedTLS, the C++ library) are not counted, and a linker
with `--gc-sections` leaves out what a program doesn't use, so a product is smaller than the sum.
Written by `tests/size.sh build/armhf --update`; budgets are in `tests/size_budget.txt`, and
`tests/run.sh --all` fails when a module outgrows its own.

EOF
    echo "$table"
    if [[ -n $static_programs ]]; then printf '\n%s\n' "$static_programs"; fi
  } >"$page"
  echo "written: docs/size.md"
fi
if [[ ${#problems[@]} -gt 0 ]]; then
  printf 'size: %s\n' "${problems[@]}" >&2
  exit 1
fi
