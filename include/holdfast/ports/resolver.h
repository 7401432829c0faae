// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port, optional: finds the addresses of a host's name. Without it the transport resolves names by
// itself, and whatever stalls that has then. Caches nothing: how long an answer is used, and what
// is done without one, is the client's business. One thread owns it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/ports/wait.h"
#include "holdfast/status.h"
#include "holdfast/time.h"

namespace holdfast {

// The caller's; unique among the look-ups under way.
using ResolveId = uint32_t;

// The three differ in whom they blame. When in doubt it is `unavailable`, which blames nobody:
// not_found takes a server out of service.
enum class ResolveOutcome : uint8_t {
  found,
  not_found,    // somebody who knows says that there is no such name, or no address under it
  unavailable,  // failure, refusal or silence of the resolver
};
const char* to_string(ResolveOutcome outcome);

struct ResolveResult {
  ResolveId id = 0;
  ResolveOutcome outcome = ResolveOutcome::unavailable;
  // Numeric, the preferred one first, without doubles; one or more where found. IPv6 without
  // brackets.
  std::vector<std::string> addresses;
  Duration ttl{-1};  // of the answer; negative: not known
  Status status;     // evidence (the resolver's own error number) for logs
};

constexpr size_t kMaxAddresses = 8;  // of one name; a longer answer is cut

class Resolver {
 public:
  virtual ~Resolver() = default;

  // Starts a look-up; never blocks on the network. After ok exactly one result follows, within the
  // adapter's time, unless it is cancelled. busy: too many are under way. invalid_argument: no name
  // of 1..253 bytes. already_exists: the id is taken.
  virtual Status start(ResolveId id, const std::string& host) = 0;
  // Ends it without a result, at once. Unknown ids are ignored.
  virtual void cancel(ResolveId id) = 0;

  // Does what is due, without blocking. Returns when it wants to be called again at the latest;
  // Instant::never() when nothing is under way or descriptors() tell everything.
  virtual Instant poll(Instant now) = 0;
  // The next ended look-up, in the order of their ends.
  virtual bool take(ResolveResult& result) = 0;

  // Appends what is ready as soon as poll() has something to do. May differ from call to call.
  virtual void descriptors(std::vector<WaitOn>& out) const { (void)out; }
};

}  // namespace holdfast
