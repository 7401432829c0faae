// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the engine wants to know from a printer's answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/ipp/ipp.h"
#include "holdfast/ports/transport.h"

namespace holdfast::ipp {

struct PrinterFacts {
  std::string uuid;
  int64_t up_time_s = -1;  // -1: not said
  bool accepting = true;
  bool lists_formats = false;
  bool takes_format = false;  // the one that was asked for stands in document-format-supported
  std::string reason;         // the first printer-state-reasons that isn't "none"; without -error,
                              // -warning, -report
};

struct JobFacts {
  int32_t job_id = 0;
  std::string name;
  codec::ipp::PrinterJobState state = codec::ipp::PrinterJobState::pending;
  bool has_state = false;
  bool never_processed = false;  // time-at-processing is there and has no value yet
  bool counted = false;          // the printer gave a number of impressions or sheets
  uint32_t impressions = 0;
  bool stopping = false;        // job-state-reasons: processing-to-stop-point
  bool lacks_document = false;  // job-state-reasons: job-incoming, job-data-insufficient
  int64_t kilobytes = -1;       // job-k-octets
  int64_t up_time_s = -1;       // job-printer-up-time

  bool ended() const { return has_state && state >= codec::ipp::PrinterJobState::canceled; }
};

// How an exchange went, seen from IPP.
struct Answer {
  enum class Kind : uint8_t {
    ok,       // a whole IPP answer with a successful status
    refused,  // a whole IPP answer, or an HTTP one of 4xx, that says no; `code` is IPP's status, or
              // 0
    broken,   // anything else: whether the printer did what was asked isn't known
    unsent,   // certainly nothing left this device
  };
  Kind kind = Kind::broken;
  uint16_t code = 0;
  bool hopeless = false;  // no use in trying again: certificate, URL, permission
  std::string reason;     // for a person, unless ok
};

Answer judge(const TransferResult& result, uint32_t request_id);

// `bytes` must be a whole message.
PrinterFacts read_printer(std::string_view bytes, std::string_view format);
// Of the first job in the message, or of the one named `name` when that isn't empty; false when
// there is none.
bool read_job(std::string_view bytes, std::string_view name, JobFacts& job);

}  // namespace holdfast::ipp
