#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Measures logins without a server at 100,000 users; see --help and docs/benchmark_offline.md.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: tests/bench/offline/run.sh [--quick] [--users N] [--out DIR] [--update] [--help]

Builds the bench preset in build/bench, synchronises a list of users from a print server over TLS
into a credential cache on the disk, logs users in from it, prints tables (Markdown) and says which
goals are met. Writes offline.json, offline.md and measured.json. About 10 minutes.

  --quick     5,000 users, few tries, two minutes
  --users N   that many, 1000 to 200000
  --work DIR  where cache and server live meanwhile (default: TMPDIR); a disk, not a RAM file system
  --out DIR   where the results go (default: build/bench/results)
  --update    puts the tables into docs/benchmark_offline.md

HOLDFAST_JOBS sets the number of parallel compilations, HOLDFAST_BENCH_BUILD another build folder.
Exit code 0: all goals met; 1: not all; 2: it could not be measured.
HELP
}

out=
arguments=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --quick | --update) arguments+=("$1") ;;
    --out | --users | --work)
      if [[ $# -lt 2 ]]; then echo "tests/bench/offline/run.sh: $1 needs a value" >&2; exit 2; fi
      case "$1" in
        --out) out=$(realpath -m "$2") ;;
        --work) arguments+=("$1" "$(realpath "$2")") ;;
        *) arguments+=("$1" "$2") ;;
      esac
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "tests/bench/offline/run.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
toolchains/bootstrap.sh build test bench >&2
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  export CCACHE_BASEDIR=${CCACHE_BASEDIR-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR-1}
fi
build=${HOLDFAST_BENCH_BUILD:-$PWD/build/bench}
cmake --preset bench -B "$build" >/dev/null
cmake --build "$build" --target bench_offline holdfast-print-server \
  --parallel "${HOLDFAST_JOBS:-$(nproc)}" >&2
python=/usr/bin/python3
[[ -x $python ]] || python=python3
exec "$python" -B tests/bench/offline/offline.py --device "$build/tests/bench/offline/bench_offline" \
  --server "$build/examples/print_server/holdfast-print-server" \
  --out "${out:-$build/results}" "${arguments[@]}"
