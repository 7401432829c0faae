// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The device under test: one core::Failover, and the host around it that carries its actions out,
// with a loop that can stall, a clock that can't always be trusted, and a plug that can be pulled.
#pragma once

#include <memory>

#include "core/failover.h"
#include "sim/network.h"
#include "sim/trace.h"

namespace holdfast::sim {

class Invariants;
class Users;

// A request as the host knows it, and what the truth has to say of it.
struct Call {
  uint32_t id = 0;
  core::RequestSpec spec;
  uint8_t person = 0;
  Instant began{}, deadline{};
  uint32_t attempts = 0;
  uint8_t first = kNoServer;
  bool maybe_sent = false;      // some server may have it
  bool home_denied = false;     // a live answer of the home cluster
  bool foreign_denied = false;  // of another one
  bool ended = false;           // provisional, and home may still contradict
};

class Device {
 public:
  Device(const Scenario& scenario, EventQueue* queue, Network* network, Servers* servers,
         Trace* trace, Reached* reached);
  void attach(Users* users, Invariants* invariants) {
    users_ = users;
    invariants_ = invariants;
  }

  // The host's side, in the world's time.
  void boot(Instant now);
  void power_off(Instant now);
  void stall() { ++stalls_; }
  void stall_over(Instant now);
  void step_clock(Duration by) { wall_offset_ = wall_offset_ + by; }
  void clock_set(uint32_t boot, Instant now);
  void link_told(bool down, Instant now);
  void heal(Instant now);

  // An event that ends in the core; kept back while the loop stalls.
  void handle(const Event& event, Instant now);
  void settle(Instant now);

  // What people do.
  uint32_t request(const core::RequestSpec& spec, uint8_t person, Instant now);  // 0: refused
  void cancel(uint32_t request, Instant now);
  void present(bool present, Instant now);
  bool fail_back(Instant now);

  bool powered() const { return core_ != nullptr; }
  bool stalled() const { return stalls_ > 0; }
  Instant stall_ended() const { return stall_ended_; }
  bool told_down() const { return told_down_ > 0; }
  bool user_present() const { return present_; }
  uint32_t boots() const { return boot_; }
  Instant booted_at() const { return boot_at_; }
  // With an untrusted clock; what it remembers of before counts as just done.
  Instant booted_blind_at() const { return blind_boot_at_; }
  const core::Failover& core() const { return *core_; }
  const std::vector<Call>& calls() const { return calls_; }
  Instant in_core(Instant world) const;
  Instant in_world(Instant core) const;
  WallClock wall(Instant now) const;

 private:
  void deliver(uint32_t slot, Instant now);
  void give(const Exchange& exchange, const core::Evidence& evidence, Instant now);
  // Ticks, carries out what follows, sets the timer.
  void pump(Instant now);
  void drain(Instant now);
  void perform(const core::Action& action, Instant now);
  void send(const core::Action& action, Instant now);
  void finish(const core::Action& action, Instant now);
  void note(const char* text, Instant now, uint32_t id = 0);
  Call* find(uint32_t request);
  void forget(uint32_t request);
  void tell_link(Instant now);

  const Scenario& scenario_;
  EventQueue* queue_;
  Network* network_;
  Servers* servers_;
  Trace* trace_;
  Reached* reached_;
  Users* users_ = nullptr;
  Invariants* invariants_ = nullptr;
  Prng prng_;
  std::unique_ptr<core::Failover> core_;
  core::FailoverMemory saved_;
  bool has_saved_ = false;
  uint32_t boot_ = 0;
  Instant boot_at_{};
  Instant blind_boot_at_{-3600000001};
  uint32_t stalls_ = 0;
  Instant stall_ended_{-1};
  std::vector<Event> held_;
  uint32_t told_down_ = 0;
  bool told_usable_ = true;
  bool present_ = false;
  Duration wall_offset_{};
  bool trusted_ = true;
  uint32_t timer_ = 0;
  std::vector<Call> calls_;
};

}  // namespace holdfast::sim
