// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Is it us? Judged before any server is blamed.
#pragma once

#include "core/mutants.h"
#include "holdfast/time.h"
#include "holdfast/types.h"

namespace holdfast::core {

// What all servers together show of the device itself.
struct ServersView {
  uint32_t asked = 0;          // servers with any evidence at all
  uint32_t unheard = 0;        // servers without
  uint32_t unreachable = 0;    // whose last evidence was "no way there"
  uint32_t not_yet_valid = 0;  // whose certificate is from the future
  uint32_t alive = 0;          // that answer
  uint32_t refusing = 0;       // of those, that refuse this device
};

class LocalJudge {
 public:
  LocalHealth health() const { return health_; }
  // True while time-outs say nothing about servers.
  bool blames_us() const {
    if (mutant(Mutant::unplugged_is_down)) return false;
    return health_ == LocalHealth::network_down || health_ == LocalHealth::local_stall;
  }

  // Whether a refusal of what was sent then is the device's own word and no server's: without a
  // link the kernel itself says "no route to host", and nobody can tell it from a server's.
  bool own_refusal(Instant sent_at) const {
    return (!link_.usable() && !overruled_) || sent_at < cut_until_;
  }

  void link(LinkState state, Instant now) {
    if (!link_.usable()) cut_until_ = now;
    link_ = state;
    linked_at_ = now;
    overruled_ = false;
  }
  // Something answered: the network can't be down, whatever the interface says. An answer to what
  // was sent before the interface went may only have been on its way.
  void answered(Instant sent_at) {
    if (!link_.usable() && sent_at > linked_at_) overruled_ = true;
    stalled_ = false;
  }

  // Tells when the host promised to call again. Returns true when it came back so late that every
  // time-out of the meantime was ours.
  bool woke(Instant now, Instant promised, Duration interval) {
    const Duration tolerance = longer(seconds(1), interval * 2);
    const bool late = promised != Instant::never() && now > promised && now - promised > tolerance;
    if (late) stalled_ = true;
    return late;
  }
  // The loop keeps its promises again.
  void on_time() { stalled_ = false; }

  LocalHealth judge(const ServersView& servers) {
    const bool no_way = servers.asked > 0 && servers.unreachable == servers.asked;
    if ((!link_.usable() && !overruled_) || no_way)
      health_ = LocalHealth::network_down;
    else if (stalled_)
      health_ = LocalHealth::local_stall;
    else if (servers.asked > 0 && servers.unheard == 0 && servers.not_yet_valid == servers.asked)
      health_ = LocalHealth::clock_untrusted;
    else if (servers.alive > 0 && servers.refusing == servers.alive)
      health_ = LocalHealth::device_refused;
    else
      health_ = LocalHealth::ok;
    return health_;
  }

 private:
  LinkState link_;
  Instant linked_at_{};
  Instant cut_until_{};  // the interface was of no use until then
  bool overruled_ = false;
  bool stalled_ = false;
  LocalHealth health_ = LocalHealth::ok;
};

}  // namespace holdfast::core
