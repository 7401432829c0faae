// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The virtual clock: events in the order of (time, sequence), and nothing else decides the order.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "holdfast/time.h"

namespace holdfast::sim {

enum class What : uint8_t {
  wake,          // the device's own deadline; a: the serial of the timer
  leave_device,  // exchange a tries to get away
  reach_server,  // exchange a
  leave_server,  // the answer of exchange a tries to get away
  reach_device,  // the answer of exchange a
  script,        // step a of the script
  over,          // of server a: the fault with serial b ends
  path_over,     // what step a of the script did to the network or the host ends
  stall_over,    // the device's loop goes on
  power_back,    // the device boots
  clock_set,     // its clock is trusted from now on; a: the boot
  person,        // the person at the panel does the next thing; a: serial of the visit
  cache_answer,  // to login a of boot b
  credentials,   // the token for server a was looked at anew; b: boot
  heal,          // everything is repaired: the liveness phase begins
};

struct Event {
  Instant at{};
  uint64_t sequence = 0;
  What what = What::wake;
  uint32_t a = 0;
  uint32_t b = 0;
};

class EventQueue {
 public:
  void push(Instant at, What what, uint32_t a = 0, uint32_t b = 0) {
    heap_.push({at, next_++, what, a, b});
  }
  bool empty() const { return heap_.empty(); }
  const Event& top() const { return heap_.top(); }
  Event pop() {
    const Event event = heap_.top();
    heap_.pop();
    return event;
  }

 private:
  struct Later {
    bool operator()(const Event& x, const Event& y) const {
      return x.at != y.at ? y.at < x.at : x.sequence > y.sequence;
    }
  };
  std::priority_queue<Event, std::vector<Event>, Later> heap_;
  uint64_t next_ = 0;
};

}  // namespace holdfast::sim
