// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// From what the transport reports to what the core is told.
#pragma once

#include <optional>
#include <string>

#include "core/words.h"
#include "holdfast/config.h"
#include "holdfast/ports/protocol.h"
#include "holdfast/ports/transport.h"

namespace holdfast::client {

// The outcome of an exchange that isn't a 2xx answer; `problem` is what its body says. 2xx gives
// good.
core::Evidence judge(const TransferResult& result, ProblemKind problem);

// Seconds of a Retry-After header, 0 when there is none or it isn't a number. (A date would depend
// on the clock.)
uint32_t retry_after_s(const Headers& headers);

// What to send to probe a server. `fresh` and the rest are the caller's.
WireRequest probe_words(const ProbeConfig& probe, const ServerConfig& server,
                        const DeviceIdentity& device, ServerProtocol& protocol);

// What a probe's answer says of the server; `health` where it was asked in the protocol's words.
struct ProbeReading {
  core::Evidence evidence;
  std::string instance_id;
  std::optional<HealthAnswer> health;
};
ProbeReading read_probe(const ServerConfig& server, const TransferResult& result,
                        ServerProtocol& protocol);

}  // namespace holdfast::client
