// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What became of a job, from what is known. Pure, and on the side of doubt: a job counts as printed
// or as not printed only where nothing else is possible.
#pragma once

#include <cstdint>

#include "adapters/ipp/answers.h"
#include "holdfast/ports/print_engine.h"

namespace holdfast::ipp {

// How far the document came.
enum class Sent : uint8_t {
  nothing,    // no byte of it left this device
  refused,    // the printer answered, and said no
  partly,     // the upload broke
  all,        // every byte was given to the network, and no answer came
  confirmed,  // the printer answered that it has it
  unheard,    // an earlier run of this device may have sent it
};

struct Evidence {
  Sent sent = Sent::nothing;
  bool restarted = false;       // the printer, since the job was begun
  bool cancel_wanted = false;   // by a person
  bool stopped_by_us = false;   // Cancel-Job was sent for a reason of our own
  uint32_t pages = 0;           // 0: not known
  uint64_t document_bytes = 0;  // 0: not known
  uint32_t impressions = 0;     // the highest count seen
};

struct JobVerdict {
  PrintPhase phase = PrintPhase::unknown;
  uint32_t impressions = 0;
  const char* reason = "";
};

// `job` has ended.
JobVerdict judge_ended(const Evidence& evidence, const JobFacts& job);
// Neither of the printer's lists has it.
JobVerdict judge_gone(const Evidence& evidence);

}  // namespace holdfast::ipp
