#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds Holdfast and runs its tests; see --help.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: tests/run.sh [--all] [--help]

Installs what is missing, builds the dev preset in build/dev and runs all tests of it.

  --all   besides: unit tests, cases and the simulator under ASan+UBSan, unit tests under TSan, unit
          tests and cases without exceptions and RTTI, the same built for armhf and run under qemu, the transport on a minimal static
          libcurl with mbedTLS 3.6 (toolchains/minimal_curl.sh), on this machine and for armhf under
          qemu, the size of each module against its budget (tests/size_budget.txt) and of static
          programs, and each fuzz target for five seconds

HOLDFAST_JOBS sets the number of parallel jobs (default: the number of processors).
EOF
}

all=no
for argument in "$@"; do
  case "$argument" in
    --all) all=yes ;;
    -h | --help) usage; exit 0 ;;
    *)
      echo "tests/run.sh: unknown option '$argument'; known are --all and --help" >&2
      exit 2
      ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=${HOLDFAST_JOBS:-$(nproc)}
unrandomized=()
summary=()
failed=0

if [[ -e build && ! -w build ]]; then
  echo "tests/run.sh: $PWD/build belongs to $(stat -c %U build) and $(id -un) can't write it;" \
    "remove it or run as that user" >&2
  exit 1
fi

# Builds, tests and reports one preset. A failure is kept for the end, so that one run tells all.
run_preset() {
  local preset=$1 started=$SECONDS outcome=passed
  echo
  echo "== $preset: configure and build in build/$preset"
  if ! configure "$preset" || ! cmake --build --preset "$preset" --parallel "$jobs"; then
    outcome="BUILD FAILED"
  else
    echo "== $preset: tests"
    "${unrandomized[@]}" ctest --preset "$preset" --parallel "$jobs" || outcome="TESTS FAILED"
  fi
  note "$preset" "$outcome" $((SECONDS - started))
}

# CMake's pages of checks matter only when they fail.
configure() {
  local log
  log=$(cmake --preset "$1" 2>&1) || { echo "$log" >&2; return 1; }
}

note() {
  summary+=("$(printf '%-12s %-13s %4d s' "$1" "$2" "$3")")
  if [[ $2 != passed ]]; then failed=1; fi
}

groups=(build test)
if [[ $all == yes ]]; then groups+=(arm clang); fi
toolchains/bootstrap.sh "${groups[@]}"
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  # A clone in another folder finds what this one compiled; precompiled headers need the second line.
  export CCACHE_BASEDIR=${CCACHE_BASEDIR-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR-1}
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS-pch_defines,time_macros}
fi

run_preset dev
if [[ $all == no ]]; then exit $failed; fi

run_preset asan
# GCC 12's thread sanitizer gives up where the kernel randomizes addresses over more bits than it knows.
if setarch "$(uname -m)" -R true 2>/dev/null; then unrandomized=(setarch "$(uname -m)" -R); fi
run_preset tsan
unrandomized=()
run_preset noexcept
toolchains/sysroot.sh armhf
run_preset armhf

# Built once and kept; the programs are then linked statically, as a firmware ships them.
for target in host armhf; do
  started=$SECONDS
  if toolchains/minimal_curl.sh "$target"; then outcome=passed; else outcome="BUILD FAILED"; fi
  note "deps-$target" "$outcome" $((SECONDS - started))
done
run_preset host-minimal
run_preset armhf-static

echo
echo "== size of each module and of static programs, armhf"
started=$SECONDS
if tests/size.sh build/armhf && tests/size_static.sh build/armhf-static; then
  outcome=passed
else
  outcome="OVER BUDGET"
fi
note size "$outcome" $((SECONDS - started))

echo
echo "== fuzz: each target for 5 seconds, in build/fuzz"
started=$SECONDS
if HOLDFAST_JOBS=$jobs tests/fuzz/run.sh 5; then outcome=passed; else outcome=FAILED; fi
note fuzz "$outcome" $((SECONDS - started))

echo
echo "== summary"
printf '%s\n' "${summary[@]}"
exit $failed
