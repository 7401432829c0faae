// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// When may a preferred server be returned to? Hold-down, spread, the switches of the past hour, the
// window.
#pragma once

#include "base/prng.h"
#include "base/ring.h"
#include "core/words.h"
#include "holdfast/config.h"

namespace holdfast::core {

// What must survive a restart, so that a power cycle is no way around the limits.
struct FailbackMemory {
  static constexpr size_t kSwitches = 60;
  int64_t switch_unix_ms[kSwitches] = {};  // newest last; 0 where the clock wasn't trusted
  uint32_t switch_age_s[kSwitches] = {};   // when this was written
  uint32_t switches = 0;
  uint32_t hold_down_s = 0;  // 0: the configured one
};

// A way back, of its own or by the host's word.
inline bool is_return(SwitchReason reason) {
  return reason == SwitchReason::returned || reason == SwitchReason::requested;
}

class Failback {
 public:
  explicit Failback(const FailbackPolicy* policy);
  void reconfigure(const FailbackPolicy* policy);
  // Switches without a usable time are as old as they were when they were written: the cautious
  // reading.
  void restore(const FailbackMemory& memory, Instant now, WallClock wall);
  FailbackMemory memory(Instant now, WallClock wall) const;

  // The server in charge changed.
  void switched(Route from, Route to, SwitchReason reason, Instant now);
  // Keeps the hold-down's own time. True when it changed.
  bool tick(Instant now);

  uint32_t switches_last_hour(Instant now) const;
  Duration hold_down() const { return hold_down_; }

  // A preferred server that has proved itself. `grace`: its outage was a cluster's own failover.
  // `spread_s`: what the server asks for. Says when the return is due; never() when it isn't
  // foreseeable. Draws the spread once for each proof.
  Instant due(bool grace, uint32_t spread_s, Instant now, WallClock wall, Prng& prng);
  // The last due(), for people; never() when none.
  Instant planned() const { return planned_; }
  // No preferred server is proved any more: the next one that is draws anew, or a whole fleet would
  // return at once when a server comes back for the second time.
  void nothing_to_return_to() {
    planned_ = Instant::never();
    spread_drawn_ = false;
  }
  // The host's word: return as soon as something has proved itself.
  void request() { requested_ = true; }
  bool requested() const { return requested_; }

 private:
  Duration window_left(WallClock wall) const;

  const FailbackPolicy* policy_;
  Duration hold_down_{};
  Ring<Instant> switches_;
  Instant in_charge_since_{};
  bool spread_drawn_ = false;
  Instant spread_until_{};
  Instant planned_ = Instant::never();
  bool requested_ = false;
  bool returned_ = false;  // the server in charge was returned to, and hasn't failed since
  Instant returned_at_{};
  Instant calm_since_{};  // the last return or relapse
};

}  // namespace holdfast::core
