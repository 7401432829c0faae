// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Adapter: prints on an IPP printer (RFC 8010, RFC 8011; IPP Everywhere), this device's own or
// another one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/config.h"
#include "holdfast/ports/print_engine.h"
#include "holdfast/ports/transport.h"
#include "holdfast/status.h"

namespace holdfast {

struct IppEngineConfig {
  std::string printer_url;  // ipp(s):// or http(s)://host[:port][/path]; ipp's port is 631, its
                            // path /ipp/print
  TlsConfig tls;            // for ipps and https
  std::string
      user_name;  // requesting-user-name of jobs that bring none; empty: the printer's own word
  uint32_t poll_interval_ms = 1000;    // between questions for a job's state; 50..60000. Printers
                                       // forget ended jobs after 60 s
  uint32_t request_timeout_ms = 5000;  // for one answer; 100..60000
  uint32_t start_timeout_ms =
      30000;  // a printer silent for so long before a job was begun: not_started; 100..600000
  uint32_t busy_timeout_ms = 600000;  // a printer busy for so long: not_started; 0..86400000
  uint32_t lost_timeout_ms =
      60000;  // a printer silent for so long after that: unknown; 100..600000
  uint32_t upload_idle_ms =
      120000;  // an upload without a byte for so long is broken; 1000..3600000
  uint32_t upload_timeout_ms = 3600000;  // of a whole upload; upload_idle_ms..86400000
  uint32_t max_jobs =
      4;  // under way at once; 1..64. Many printers take one at a time and are asked again
};

// `transport` is the engine's own: nobody else starts transfers on it. invalid_argument: a field is
// out of its range.
//
// What is said of an attempt:
// - The attempt's id is the job's name at the printer. By it, never by the printer's job number, a
// job is found again:
//   printers begin to count anew after a restart.
// - `accepted` comes once the printer gave the job a number, before the document is sent. A
// `printing` event follows
//   once the printer confirmed the whole document; its engine_job says so. Keep the newest one:
//   reattach() can then tell a whole print from one of half a document.
// - After any break both of the printer's job lists are asked before anything else.
// - `unknown`: the printer restarted, forgot the job, stayed silent, or an upload broke and part of
// it may be on paper.
// - `not_started`: the printer never answered, refused the job, or ended it without having begun to
// print.
// - `canceled` and `aborted` carry what the printer counted, after its count came to rest.
// - `completed` by a printer that counts nothing: the attempt's `pages`.
Result<std::unique_ptr<PrintEngine>> ipp_engine(std::unique_ptr<Transport> transport,
                                                const IppEngineConfig& config);

}  // namespace holdfast
