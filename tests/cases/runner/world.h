// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The servers of a case, and what is on its way to and from them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "case.h"

namespace holdfast::cases {

// A probe or an attempt, until its result has been handed to the core.
struct Exchange {
  uint64_t sequence = 0;  // order among equals
  bool probe = false;
  uint32_t id = 0;
  ServerIndex index = kNoServer;
  std::string server;
  bool last_good_address = false;
  bool held = false;  // at a stunned server
  bool lost = false;  // no answer will come
  bool cut = false;   // by the server's end
  Instant arrives{};  // the answer, at the device
  core::Evidence evidence;
};

class World {
 public:
  // `at`: of a change of manner, what is on its way is cut, lost or held accordingly.
  void change(const std::string& server, const ServerChange& change, Instant at);
  void send(const core::Action& action, const std::string& server, Instant now);
  void cancel(bool probe, uint32_t id);
  void forget_all() { exchanges_.clear(); }
  // Lasting places of servers may be given to others.
  Instant next_arrival() const;
  // Takes out the earliest answer that has arrived by `now`. The evidence is what the server
  // answers at that moment.
  bool arrived(Instant now, Exchange* exchange);

  Refresh refresh(const std::string& server) { return servers_[server].refresh; }
  void accept_credentials(const std::string& server, Instant now);

 private:
  struct VirtualServer {
    Manner probes, requests;
    Duration probe_latency = milliseconds(5), request_latency = milliseconds(20);
    uint32_t retry_after_s = 0, fail_one_in = 1, requests_seen = 0;
    core::Identity identity;
    Verdict verdict = Verdict::granted;
    Refresh refresh = Refresh::unchanged;
  };
  void settle(Exchange* exchange);
  core::Evidence evidence(const VirtualServer& server, const Manner& manner,
                          const Exchange& exchange) const;

  std::map<std::string, VirtualServer> servers_;
  std::vector<Exchange> exchanges_;
  uint64_t next_sequence_ = 1;
};

}  // namespace holdfast::cases
