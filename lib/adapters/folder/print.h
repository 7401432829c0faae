// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One document on its way into the directory.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "adapters/folder/journal.h"
#include "adapters/posix/files.h"
#include "holdfast/ports/print_engine.h"

namespace holdfast::folder {

using Events = std::deque<PrintEvent>;

std::string final_name(const PrintAttempt& attempt);
std::string part_name(const PrintAttempt& attempt);
uint32_t pages_of(const PrintAttempt& attempt);
PrintEvent make_event(const PrintAttempt& attempt, PrintPhase phase, uint32_t impressions,
                      const std::string& reason);

class Print {
 public:
  Print(const posix::Directory& directory, const PrintAttempt& attempt, Duration page,
        std::unique_ptr<DocumentReader> document, posix::Descriptor file, Events& events);

  const std::string& attempt_id() const { return attempt_.attempt_id; }
  bool done() const { return stage_ == Stage::done; }
  Instant due() const { return due_; }
  void poll(Instant now);
  void cancel();

 private:
  enum class Stage : uint8_t { accept, copy, pages, done };

  void copy(Instant now);
  void whole(Instant now);
  void next_page(Instant now);
  bool meets_fault(Instant now);
  void commit();
  void give_up(PrintPhase outcome, const std::string& reason);
  void report(PrintPhase phase, const std::string& reason);

  const posix::Directory& directory_;
  const PrintAttempt attempt_;
  const Duration page_;
  Events& events_;
  std::unique_ptr<DocumentReader> document_;
  posix::Descriptor file_;
  Stage stage_ = Stage::accept;
  Instant due_ = {INT64_MIN};
  uint64_t bytes_ = 0;
  uint32_t impressions_ = 0;
  bool jammed_ = false;
};

}  // namespace holdfast::folder
