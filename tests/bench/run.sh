#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Compares Holdfast with what people would use instead; see --help and docs/benchmark.md.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: tests/bench/run.sh [--quick] [--out DIR] [--update] [--faults LIST] [--help]

Builds the bench preset in build/bench, measures Holdfast, a libcurl loop, nginx and HAProxy in front
of the same two servers through the same faults, prints tables (Markdown) and says which goals are
met. Writes bench.json, bench.md and bench.svg. About 12 minutes. Needs network namespaces: root,
user namespaces, or sudo without a password.

  --quick        fewer tries, about a minute; the 99th percentile is then the worst one
  --out DIR      where the results go (default: build/bench/results)
  --update       puts the tables and the plot into docs/benchmark.md and docs/benchmark.svg
  --faults LIST  only these, with commas: refused black_hole hang stopped unavailable handshake_hangs

HOLDFAST_JOBS sets the number of parallel compilations, HOLDFAST_BENCH_BUILD another build folder.
Exit code 0: all goals met; 1: not all; 2: it could not be measured.
HELP
}

out=
arguments=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --quick | --update) arguments+=("$1") ;;
    --out | --faults)
      if [[ $# -lt 2 ]]; then echo "tests/bench/run.sh: $1 needs a value" >&2; exit 2; fi
      if [[ $1 == --out ]]; then out=$(realpath -m "$2"); else arguments+=("$1" "$2"); fi
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "tests/bench/run.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
toolchains/bootstrap.sh build test bench >&2
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  export CCACHE_BASEDIR=${CCACHE_BASEDIR-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR-1}
fi
build=${HOLDFAST_BENCH_BUILD:-$PWD/build/bench}
cmake --preset bench -B "$build" >/dev/null
cmake --build "$build" --target bench_device holdfast-print-server \
  --parallel "${HOLDFAST_JOBS:-$(nproc)}" >&2
python=/usr/bin/python3
[[ -x $python ]] || python=python3
exec "$python" -B tests/bench/bench.py --device "$build/tests/bench/bench_device" \
  --server "$build/examples/print_server/holdfast-print-server" \
  --out "${out:-$build/results}" "${arguments[@]}"
