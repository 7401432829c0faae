#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds the fuzz targets and runs them; see --help.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: tests/fuzz/run.sh [SECONDS] [TARGET...]

Builds the fuzz preset (clang, libFuzzer, ASan, UBSan) in build/fuzz and runs each target for
SECONDS (default 10), or only those named: config, json, ... as the files in tests/fuzz are called.
Starts from tests/fuzz/corpus/TARGET and from what earlier runs have kept in
build/fuzz/corpus/TARGET. Fails on the first input of a target that crashes, objects, hangs for 10 s
or takes 1 GiB; such an input is kept in build/fuzz/findings and named at the end.

HOLDFAST_JOBS sets the number of parallel jobs of the build (default: the number of processors),
HOLDFAST_FUZZ_DIR another folder than build/fuzz.
USAGE
}

fail() {
  echo "tests/fuzz/run.sh: $*" >&2
  exit 2
}

seconds=10
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  usage
  exit 0
fi
if [[ ${1:-} =~ ^[1-9][0-9]*$ ]]; then
  seconds=$1
  shift
fi
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
known=()
for folder in tests/fuzz/corpus/*/; do known+=("$(basename "$folder")"); done
targets=("$@")
if [[ $# -eq 0 ]]; then targets=("${known[@]}"); fi
for target in "${targets[@]}"; do
  if [[ " ${known[*]} " != *" $target "* ]]; then
    fail "no target '$target'; there are ${known[*]} (and SECONDS comes first)"
  fi
done

command -v clang++ >/dev/null || fail "clang is missing; 'toolchains/bootstrap.sh build test clang' installs it"
build=${HOLDFAST_FUZZ_DIR:-build/fuzz}
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
fi
log=$(cmake --preset fuzz -B "$build" 2>&1) || fail "cmake: $log"
cmake --build "$build" --target fuzz_targets --parallel "${HOLDFAST_JOBS:-$(nproc)}"

mkdir -p "$build/findings"
findings=()
for target in "${targets[@]}"; do
  kept=$build/corpus/$target
  output=$build/findings/$target.log
  mkdir -p "$kept"
  outcome=ok
  "$(find "$build" -name "fuzz_$target" -type f -perm -u+x)" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=1024 -max_len=4096 -dict=tests/fuzz/json.dict -print_final_stats=1 \
    -artifact_prefix="$build/findings/$target-" "$kept" "tests/fuzz/corpus/$target" \
    >"$output" 2>&1 </dev/null || outcome=FINDING
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$output")
  printf '%-12s %-8s %10s executions\n' "$target" "$outcome" "${executions:-?}"
  if [[ $outcome == ok && ${executions:-0} -eq 0 ]]; then outcome=FINDING; fi
  if [[ $outcome != ok ]]; then
    tail -n 40 "$output" >&2
    findings+=("$(sed -n 's/.*Test unit written to //p' "$output" | tail -n 1)")
  fi
done
if [[ ${#findings[@]} -gt 0 ]]; then
  echo "tests/fuzz/run.sh: ${#findings[@]} findings: ${findings[*]}" >&2
  exit 1
fi
