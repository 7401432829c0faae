// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One history: a device, its servers, the network and people, from a scenario to the end or to the
// first broken invariant.
#pragma once

#include "sim/invariants.h"
#include "sim/users.h"

namespace holdfast::sim {

struct Outcome {
  Violation violation;
  uint64_t trace_hash = 0;
  Duration simulated{};
  uint64_t events = 0, requests = 0, switches = 0, returns = 0, unserved = 0;
  Duration longest_over{};  // over its deadline, of all requests
  std::string tail;         // of the trace, when something broke
};

class World {
 public:
  World(const Scenario& scenario, bool print_trace, Reached* reached);
  Outcome run();

 private:
  void dispatch(const Event& event);
  void script(uint32_t index);
  void heal();
  // Safety is over: what was repaired must come to rest.
  void judge_liveness();
  bool settled() const;

  const Scenario scenario_;
  EventQueue queue_;
  Trace trace_;
  Reached* reached_;
  Servers servers_;
  Network network_;
  Device device_;
  Users users_;
  Invariants invariants_;
  Instant now_{};
  Instant healed_at_ = Instant::never();
  Instant settled_at_ = Instant::never();
  bool over_ = false;
};

}  // namespace holdfast::sim
