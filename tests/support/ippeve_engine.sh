#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
#
# What ippeveprinter runs for each document: the marking engine. It "prints" page by page into an
# append-only journal, which is the truth about what came out, whatever the printer says over IPP.
#
#   begin <job-name> <sha256> <bytes> <pages>
#   page  <job-name> <n>
#   end   <job-name> <n>          (missing: the engine was killed)
#   abort <job-name> <n>
#
# HOLDFAST_PRINTER_DIR holds journal, page_ms (a number) and the faults: jam (a file; printing stops
# while it is there), abort_at (a page number; fails once so many pages are out).
set -u
file=$1
dir=${HOLDFAST_PRINTER_DIR:?}
name=${IPP_JOB_NAME:-unnamed}
journal=$dir/journal
page_s=$(awk '{ print $1 / 1000 }' "$dir/page_ms" 2>/dev/null || echo 1)

pages=$(grep -a -c '/Type */Page[^s]' "$file")
if [ "$pages" -eq 0 ]; then
  count="($file) (r) file runpdfbegin pdfpagecount = quit"
  pages=$(gs -q -dNODISPLAY -dNOSAFER -c "$count" 2>/dev/null | grep -x '[0-9][0-9]*' | tail -1)
fi
pages=${pages:-1}
read -r sha _ < <(sha256sum "$file")
echo "begin $name $sha $(stat -c %s "$file") $pages" >>"$journal"

for ((n = 1; n <= pages; n++)); do
  if [ -e "$dir/jam" ]; then
    echo "STATE: +media-jam" >&2
    while [ -e "$dir/jam" ]; do sleep 0.05; done
    echo "STATE: -media-jam" >&2
  fi
  if [ -e "$dir/abort_at" ] && [ "$n" -gt "$(cat "$dir/abort_at")" ]; then
    echo "abort $name $((n - 1))" >>"$journal"
    exit 1
  fi
  sleep "$page_s"
  echo "page $name $n" >>"$journal"
  echo "ATTR: job-impressions=$pages job-impressions-completed=$n" >&2
done
echo "end $name $pages" >>"$journal"
