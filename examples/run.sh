#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# Shows what Holdfast does with real processes; see --help.
set -euo pipefail

usage() {
  cat <<'EOT'
usage: examples/run.sh [--keep] [--help]

Builds what is missing in build/dev, starts two print servers that share nothing and a virtual printer
on loopback, submits PDFs to both servers, and logs users in and prints their documents while the
first server is killed, stopped, made to hang, to answer 503, and drained. Prints what happens, then
how long users waited, and whether each document came out once and byte for byte.

Then two more servers, with https and client certificates, and a printer that remembers their users:
both servers die, and users log in by card, PIN and password all the same, while a revoked user, an
unknown card and somebody who guesses passwords do not. Prints who got in and who did not.

  --keep   leaves the main job's servers up at the end: play at the printer's prompt

Takes about a minute and a half once it is built. Exit code: 0 all went well, 1 something did not, 2 it could
not begin. Ctrl-C ends everything that was started.
EOT
}

for argument in "$@"; do
  case "$argument" in
    --keep) ;;
    -h | --help) usage; exit 0 ;;
    *)
      echo "examples/run.sh: unknown option '$argument'; known are --keep and --help" >&2
      exit 2
      ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ -e build && ! -w build ]]; then
  echo "examples/run.sh: $PWD/build belongs to $(stat -c %U build) and $(id -un) can't write it;" \
    "remove it or run as that user" >&2
  exit 2
fi

echo "run.sh: packages"
toolchains/bootstrap.sh || exit 2
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
fi
if [[ ! -e build/dev/build.ninja ]]; then
  echo "run.sh: configuring build/dev"
  log=$(cmake --preset dev 2>&1) || { echo "$log" >&2; exit 2; }
fi
echo "run.sh: building print server and virtual printer in build/dev"
cmake --build --preset dev --target holdfast-print-server holdfast-mfp \
  --parallel "${HOLDFAST_JOBS:-$(nproc)}" || exit 2

programs=(--server build/dev/examples/print_server/holdfast-print-server
  --mfp build/dev/examples/simulator/holdfast-mfp)

# What reaches this script alone is handed on; the part ends what it started, and says 130.
part() {
  local child code=0
  echo "run.sh: $1"
  python3 -B "examples/$1" "${programs[@]}" <&0 &
  child=$!
  trap 'kill -TERM "$child" 2>/dev/null || true' INT TERM HUP
  wait "$child" || code=$?
  while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
  done
  trap - INT TERM HUP
  return "$code"
}

# The part that may stay up comes last.
first=main_job last=offline_login
if [[ $# -gt 0 ]]; then
  first=offline_login last=main_job
fi
code=0
part "$first" || code=$?
[[ $code -eq 0 ]] || exit "$code"
echo "run.sh: $last"
exec python3 -B "examples/$last" "${programs[@]}" "$@"
