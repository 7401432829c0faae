// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: what puts a document on paper. An attempt has an id that is durable before the first byte
// reaches the engine, and by which the engine can be asked again after a break or a restart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/ports/documents.h"
#include "holdfast/ports/wait.h"
#include "holdfast/status.h"
#include "holdfast/time.h"
#include "holdfast/types.h"

namespace holdfast {

struct PrintAttempt {
  std::string attempt_id;  // UUID; never used twice
  JobKey job;
  std::string job_name;
  std::string user_name;
  std::string mime;
  uint32_t pages = 0;  // 0: not known
};

enum class PrintPhase : uint8_t {
  accepted,   // the engine has the job; engine_job names it
  printing,   // impressions moved
  completed,  // final: all pages came out, `impressions` of them
  canceled,   // final: ended by a person or the printer; `impressions` came out
  aborted,    // final: ended by a fault; `impressions` came out
  unknown,  // final: the engine can't say whether it printed. Never to be printed again by itself.
  not_started,  // final: certainly no page was or will be printed; safe to try again
};
const char* to_string(PrintPhase phase);

struct PrintEvent {
  std::string attempt_id;
  PrintPhase phase = PrintPhase::accepted;
  uint32_t impressions = 0;
  std::string engine_job;  // durable name inside the engine (a printer's job-uuid, a file's name),
                           // once accepted
  std::string reason;      // short, for a person: "media-jam", "printer vanished"
};

class PrintEngine {
 public:
  virtual ~PrintEngine() = default;

  // Begins to print; returns at once. ok: exactly one final event follows. busy: nothing was begun,
  // ask again later.
  virtual Status start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) = 0;
  // After a restart: what became of that attempt? Events follow as for start(); at least a final
  // one.
  virtual Status reattach(const PrintAttempt& attempt, const std::string& engine_job) = 0;
  // Asks the engine to stop. The final event says what came out.
  virtual void cancel(const std::string& attempt_id) = 0;

  // Bounded, non-blocking work. Returns when it wants to be called again, Instant::never() when
  // nothing is under way.
  virtual Instant poll(Instant now) = 0;
  virtual bool take(PrintEvent& event) = 0;
  // Appends what is ready as soon as poll() has something to do, so that poll() may ask for a later
  // time. An engine without descriptors of its own leaves it as it is.
  virtual void descriptors(std::vector<WaitOn>& out) const { (void)out; }
};

}  // namespace holdfast
