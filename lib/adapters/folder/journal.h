// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/posix/files.h"
#include "holdfast/ports/print_engine.h"

namespace holdfast::folder {

struct JournalEntry {
  PrintPhase outcome = PrintPhase::unknown;
  uint32_t impressions = 0;
};

// printed.ndjson. Each line begins {"attempt":"...","outcome":"...","impressions":N, so that it can
// be found and read without a parser: what a person wrote comes behind that.
class Journal {
 public:
  explicit Journal(const posix::Directory& directory) : directory_(directory) {}

  // Durable when ok. A last line that a power cut tore is ended first.
  Status append(const PrintAttempt& attempt, const JournalEntry& entry, uint64_t bytes,
                const std::string& file) const;
  // not_found: no whole line about that attempt.
  Result<JournalEntry> find(const std::string& attempt_id) const;

 private:
  const posix::Directory& directory_;
};

// "{"attempt":...,"outcome":...,"impressions":3,...}" of that attempt.
bool read_entry(std::string_view line, const std::string& attempt_id, JournalEntry& entry);

}  // namespace holdfast::folder
