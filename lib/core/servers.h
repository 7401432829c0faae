// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/health.h"
#include "core/latency.h"

namespace holdfast::core {

// A probe under way.
struct Probe {
  uint32_t id = 0;  // 0: free
  Instant sent_at{};
  Instant times_out{};
  uint32_t generation = 0;
};

struct Server {
  bool used = false;
  uint8_t cluster = 0;  // equal numbers: the same data
  bool home = false;    // of the device's home cluster
  Health health;
  ServerState announced = ServerState::initial;  // the state last told to the host
  RetryBudget retries;

  static constexpr size_t kProbes = 6;  // dense probes overlap
  std::array<Probe, kProbes> probes;
  Instant probe_at{};   // the next one
  Instant probed_at{};  // the last one was sent
  bool probed = false;
  uint32_t probe_count = 0;

  bool asked = false;            // there is evidence of any kind
  bool no_way = false;           // the last evidence was "unreachable"
  bool resolver_failed = false;  // the last evidence was "name unavailable"
  uint32_t spread_s = 0;         // what its last health answer asked for; 0: nothing
  uint32_t probe_s = 0;

  uint64_t probes_sent = 0, probes_failed = 0, requests_sent = 0, requests_failed = 0;
};

// The servers, by their lasting index and in order of preference.
class ServerTable {
 public:
  Server& at(ServerIndex i) { return slots_[i]; }
  const Server& at(ServerIndex i) const { return slots_[i]; }

  size_t count() const { return count_; }
  ServerIndex ranked(size_t rank) const { return order_[rank]; }
  // kMaxServers for one that isn't listed.
  size_t rank(ServerIndex i) const {
    for (size_t r = 0; r < count_; ++r)
      if (order_[r] == i) return r;
    return kMaxServers;
  }
  void set_order(const ServerIndex* order, size_t count) {
    count_ = count;
    for (size_t r = 0; r < count; ++r) order_[r] = order[r];
  }
  bool listed(ServerIndex i) const { return i < kMaxServers && slots_[i].used; }

 private:
  std::array<Server, kMaxServers> slots_;
  std::array<ServerIndex, kMaxServers> order_{};
  size_t count_ = 0;
};

}  // namespace holdfast::core
