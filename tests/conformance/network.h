// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every NetworkMonitor must do. The bench pulls cables, really or in a simulation, and has a
// clock that the test moves.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <vector>

#include "holdfast/ports/network.h"

namespace holdfast::conformance {

class NetworkBench {
 public:
  virtual ~NetworkBench() = default;
  virtual NetworkMonitor& monitor() = 0;
  // Makes the network be so: each thing stands on the one before, so of three flags the first that
  // is false counts.
  virtual void make(LinkState state) = 0;
  // Moves the clock, or waits.
  virtual Instant pass(Duration time) = 0;
};

inline bool any_ready(const NetworkMonitor& monitor) {
  std::vector<WaitOn> wanted;
  monitor.descriptors(wanted);
  std::vector<pollfd> descriptors;
  for (const WaitOn& one : wanted) {
    CHECK(one.fd >= 0);
    CHECK((one.read || one.write));
    const int events = (one.read ? POLLIN : 0) | (one.write ? POLLOUT : 0);
    descriptors.push_back({one.fd, static_cast<short>(events), 0});
  }
  return !descriptors.empty() && ::poll(descriptors.data(), descriptors.size(), 0) > 0;
}

// Polls as the client does, at the times asked for or when a descriptor is ready, until the state
// is the one wanted. How long that took; more than `limit` when it never came.
inline Duration until_state(NetworkBench& bench, LinkState wanted, Duration limit) {
  constexpr Duration kStep = milliseconds(10);
  NetworkMonitor& monitor = bench.monitor();
  const Instant begin = bench.pass({});
  Instant again = begin;
  for (Instant now = begin; now - begin <= limit; now = bench.pass(kStep)) {
    if (now < again && !any_ready(monitor)) continue;
    again = monitor.poll(now);
    if (to_string(monitor.state()) == to_string(wanted)) return now - begin;
  }
  return limit + kStep;
}

inline void network_monitor(NetworkBench& bench) {
  using Clock = std::chrono::steady_clock;
  NetworkMonitor& monitor = bench.monitor();
  constexpr Duration kLimit = seconds(2);
  const LinkState usable;
  const LinkState states[] = {
      {false, true, true}, {true, false, true}, {true, true, false}, {false, false, false}};

  CHECK(until_state(bench, usable, kLimit) <= kLimit);
  for (const LinkState& state : states) {
    CAPTURE(to_string(state));
    bench.make(state);
    CHECK(to_string(monitor.state()) == to_string(usable));  // only poll() takes anything in
    CHECK(until_state(bench, state, kLimit) <= kLimit);
    for (int i = 0; i < 5; ++i) (void)monitor.poll(bench.pass(milliseconds(300)));
    CHECK(to_string(monitor.state()) == to_string(state));  // it stays so
    bench.make(usable);
    CHECK(until_state(bench, usable, kLimit) <= kLimit);
  }
  // From one trouble to the next, without a good moment between them.
  for (const LinkState& state : states) {
    CAPTURE(to_string(state));
    bench.make(state);
    CHECK(until_state(bench, state, kLimit) <= kLimit);
  }
  bench.make(usable);
  CHECK(until_state(bench, usable, kLimit) <= kLimit);

  // Nothing happens: it neither blocks nor keeps its owner awake.
  for (int i = 0; i < 20; ++i) (void)monitor.poll(bench.pass(milliseconds(50)));
  CHECK_FALSE(any_ready(monitor));
  const Clock::time_point start = Clock::now();
  const Instant now = bench.pass(milliseconds(50));
  for (int i = 0; i < 1000; ++i) CHECK(monitor.poll(now) > now);
  CHECK(Clock::now() - start < std::chrono::seconds(1));
  std::vector<WaitOn> wanted;
  monitor.descriptors(wanted);
  if (wanted.empty()) CHECK(monitor.poll(now) <= now + seconds(1));
}

}  // namespace holdfast::conformance
