// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The way between device and servers: delays, losses that are sent again, partitions, the link, and
// answers that come twice or after nobody waits for them any more.
#pragma once

#include <array>
#include <deque>

#include "sim/servers.h"

namespace holdfast::sim {

class Network {
 public:
  Network(const Scenario& scenario, EventQueue* queue, Servers* servers);

  // Takes an exchange; the reply comes by the events that dispatch() is given.
  void send(const Exchange& exchange, Instant now);
  // The core doesn't want the answer any more. False: no such exchange was under way.
  bool cancel(bool probe, uint32_t core_id, uint32_t boot, Instant now);
  void drop_pool(uint8_t server) { servers_->at(server).pooled = 0; }
  // Whatever was under way when the device lost power is nobody's.
  void power_cut() {
    for (size_t s = 0; s < servers_->count(); ++s) drop_pool(static_cast<uint8_t>(s));
  }
  // The server's machine or process went: some of what is under way is reset.
  void server_gone(uint8_t server, Instant now);

  void leave_device(uint32_t slot, Instant now);
  void reach_server(uint32_t slot, Instant now);
  void leave_server(uint32_t slot, Instant now);
  // The exchange whose answer has come; call release() when it is dealt with.
  Exchange& arrived(uint32_t slot) { return slots_[slot]; }
  void release(uint32_t slot);

  void begin(const Step& step, Instant now);
  void over(const Step& step, Instant now);
  void heal(Instant now);

  bool link_up() const { return unplugged_ == 0; }
  bool path_clear(uint8_t s) const { return link_up() && !blocked_to_[s] && !blocked_from_[s]; }
  // Since when nothing but delay has been on the way to that server; never: something is.
  Instant clear_since(uint8_t s) const {
    return path_clear(s) ? clear_since_[s] : Instant::never();
  }
  // The last time that something was in the way of which the host said nothing.
  Instant last_untold(uint8_t s, Instant now) const {
    return quiet_ != 0 || blocked_to_[s] != 0 || blocked_from_[s] != 0 ? now : last_untold_[s];
  }
  bool lossless() const { return loss_percent_ == 0; }
  Duration round_trip_at_most() const {
    return (scenario_.delay_min + scenario_.delay_mean * 2) * 2;
  }

 private:
  void post(Instant at, What what, uint32_t slot) {
    ++slots_[slot].events;
    queue_->push(at, what, slot);
  }
  Duration delay() { return scenario_.delay_min + prng_.up_to(scenario_.delay_mean * 2); }
  bool lost() { return prng_.below(100) < loss_percent_; }
  void again(uint32_t slot, What what, Instant now);
  void fail(uint32_t slot, core::Outcome outcome, Instant at);

  const Scenario& scenario_;
  EventQueue* queue_;
  Servers* servers_;
  Prng prng_;
  std::deque<Exchange> slots_;
  std::vector<uint32_t> free_;
  uint32_t loss_percent_, duplicate_percent_, late_percent_;
  uint32_t unplugged_ = 0;
  uint32_t quiet_ = 0;  // of these, without a word from the host
  std::array<uint32_t, kMaxSimServers> blocked_to_{}, blocked_from_{};
  std::array<Instant, kMaxSimServers> clear_since_{};
  std::array<Instant, kMaxSimServers> last_untold_{};
};

}  // namespace holdfast::sim
