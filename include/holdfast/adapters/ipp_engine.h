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
#include "holdfast/ports/resolver.h"
#include "holdfast/ports/transport.h"
#include "holdfast/status.h"

namespace holdfast {

struct IppEngineConfig {
  // ipp(s):// or http(s)://host[:port][/path]. Of ipp(s) the port is 631; the path is /ipp/print.
  std::string printer_url;
  TlsConfig tls;  // for ipps and https
  // requesting-user-name of jobs that bring none. Empty: the printer finds a name itself.
  std::string user_name;
  // Between questions for a job's state; 50..60000. Printers forget ended jobs after a minute.
  uint32_t poll_interval_ms = 1000;
  uint32_t request_timeout_ms = 5000;  // for one answer; 100..60000
  // A printer silent for so long before a job was begun: not_started. 100..600000.
  uint32_t start_timeout_ms = 30000;
  uint32_t busy_timeout_ms = 600000;  // a printer busy for so long: not_started; 0..86400000
  // A printer silent for so long once a job was begun: unknown. 100..600000.
  uint32_t lost_timeout_ms = 60000;
  // An upload that stood still for so long is broken; 1000..3600000. A jam may hold it up.
  uint32_t upload_idle_ms = 120000;
  uint32_t upload_timeout_ms = 3600000;  // of a whole upload; upload_idle_ms..86400000
  uint32_t max_jobs = 4;  // under way at once; 1..64. Printers that take one job are asked again
};

// `transport` and `resolver` are the engine's own: nobody else starts transfers or look-ups on
// them. Without a resolver the URL has to have a numeric address. invalid_argument: a field is out
// of its range. unsupported: a name, and no resolver.
//
// It sleeps with the host: descriptors() are its connections, and poll() asks for the time at which
// a question is due or an answer overdue. Where the transport has no descriptors of its own, poll()
// is wanted each Transport::kBlindPoll while a request is under way. A name is looked up when a
// request wants it, kept for its time to live (60 s where that isn't known) and looked up again
// after a connection failed; while the resolver is silent the last good addresses are used.
//
// What is said of an attempt:
// - The attempt's id is the job's name at the printer. By it a job is found again, never by the
//   printer's job number: printers begin to count anew after a restart.
// - `accepted` comes twice: once the printer gave the job a number, before the document is sent,
//   and again once the printer confirmed the whole document, which the second engine_job says. The
//   newest one is to be kept: with it reattach() tells a whole print from half a document.
// - After any break both of the printer's job lists are asked before anything else.
// - `unknown`: the printer restarted, forgot the job or stayed silent, or an upload broke and part
//   of it may be on paper.
// - `not_started`: the printer never answered, refused the job, or ended it untouched.
// - `canceled` and `aborted` carry what the printer counted, after its count came to rest.
// - `completed` by a printer that counts nothing: the attempt's `pages`.
Result<std::unique_ptr<PrintEngine>> ipp_engine(std::unique_ptr<Transport> transport,
                                                const IppEngineConfig& config,
                                                std::unique_ptr<Resolver> resolver = nullptr);

}  // namespace holdfast
