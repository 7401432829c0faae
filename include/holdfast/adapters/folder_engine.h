// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Adapter: "prints" into a directory, for examples, tests and simulators. A power cut at any moment
// leaves a document that was printed whole or not at all, and the answer can be had after it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/ports/print_engine.h"
#include "holdfast/status.h"

namespace holdfast {

struct FolderEngineConfig {
  std::string directory;   // created when only its last part is missing
  uint32_t page_ms = 0;    // what a page takes; 0: all come out at once; ..3600000
  uint32_t max_jobs = 16;  // under way at once; 1..256
};

// - A document is written to ATTEMPT.part, synced, and renamed to ATTEMPT.pdf (.pwg, .ps, ...) when
//   its last page is out: that is the moment it counts as printed. start() refuses a file that is
//   there already (already_exists).
// - printed.ndjson gets a line of JSON for each attempt that ended: attempt, outcome, impressions,
//   bytes, file, job, sha256 (as the job claims it), user, name. It is only appended to.
// - Impressions are the attempt's `pages`, or 1 when they aren't known.
// - reattach(): what the journal says; else completed when the final file is there; else
// not_started,
//   and what was half written is deleted.
// - Faults, by files that somebody puts into the directory: fault.jam (no page comes out while it
// is
//   there), fault.abort_at (a number: aborted once so many pages are out), fault.vanish (the
//   outcome of each attempt under way becomes unknown).
// - poll() blocks for the fsync of a document's end. One process for each directory; where creation
//   fails, `problem` receives one line that names the path and the reason.
Result<std::unique_ptr<PrintEngine>> folder_engine(const FolderEngineConfig& config,
                                                   std::string* problem = nullptr);

}  // namespace holdfast
