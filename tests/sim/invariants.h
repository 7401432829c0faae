// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What must hold, judged by the truth that the simulator knows and the device doesn't. Numbers are
// those of docs/simulator.md.
#pragma once

#include <deque>
#include <string>

#include "sim/device.h"

namespace holdfast::sim {

struct Violation {
  bool found = false;
  std::string number, name, detail;
  Instant at{};
};

class Invariants {
 public:
  Invariants(const Scenario& scenario, const Servers* servers, const Network* network,
             const Device* device, Reached* reached);

  const Violation& violation() const { return violation_; }
  void broken(const char* number, const std::string& detail, Instant now);

  // Around each event of the world: time has passed, and then it has been dealt with.
  void before_event(Instant now);
  void after_event(Instant now);

  void booted(Instant now);
  void power_off(Instant now);
  void presence(bool present, Instant now);
  void clock_stepped(Duration by) {
    clock_slack_ = clock_slack_ + (by.us < 0 ? Duration{-by.us} : by);
  }
  void fail_back_requested(bool yes) { requested_ = yes; }

  // Around each answer that is given to the core. `live`: the core still waits for it. `stale`: it
  // may change nothing.
  void before_result(const Exchange& e, const core::Evidence& evidence, bool live, bool stale,
                     Instant now);
  void after_result(const Exchange& e, const core::Evidence& evidence, bool live, bool stale,
                    Instant now);
  void action(const core::Action& action, const Call* call, Instant now);
  void drained(size_t count, Instant now);
  void ticked(Instant next, Instant now);

  uint64_t switches() const { return switches_ever_; }
  uint64_t returns() const { return returns_; }
  uint64_t requests_ended() const { return ended_; }
  Duration longest_wait_over() const { return longest_over_; }
  // Requests that any server could have answered, and none did.
  uint64_t unserved() const { return unserved_; }

 private:
  struct Snapshot {
    ServerState state = ServerState::initial;
    uint32_t proof = 0;
    uint64_t instance = 0, epoch = 0;
    size_t samples = 0;
    bool operator==(const Snapshot& o) const {
      return state == o.state && proof == o.proof && instance == o.instance && epoch == o.epoch &&
             samples == o.samples;
    }
  };
  Snapshot snapshot(size_t server) const;
  uint32_t switches_within(Duration past, Instant now) const;
  uint32_t surely_last_hour(Instant now) const;
  uint32_t perhaps_last_hour(Instant now) const;

  // invariants_actions.cc
  void attempt(const core::Action& action, const Call* call, Instant now);
  void probe(const core::Action& action, Instant now);
  void finish(const core::Action& action, const Call* call, Instant now);
  void check_unserved(const Call& call, core::RequestEnd end, Instant now);
  void state_changed(const core::Action& action, Instant now);
  void switched(const core::Action& action, Instant now);
  void returned(const core::Action& action, Instant now);
  void count(const core::Action& action);
  bool innocent(uint8_t server, Instant now) const;
  bool untold(uint8_t server, Instant now) const;
  bool serves(uint8_t server) const;
  ServerState final_state(uint8_t server) const;
  bool quiet(Instant now) const;

  // invariants.cc
  void check_deadlines(Instant now);
  void check_leaving(Instant now);
  void check_return(Instant now);
  void check_budgets(Instant now);
  void watch_dead(Instant now);
  void watch_return(Instant now);
  uint32_t probe_s() const;

  const Scenario& scenario_;
  const Servers* servers_;
  const Network* network_;
  const Device* device_;
  Reached* reached_;
  Violation violation_;

  std::array<ServerState, kMaxSimServers> states_{};  // as the actions told
  std::array<Instant, kMaxSimServers> up_since_{};
  Route route_;
  Instant in_charge_since_{};
  std::deque<Instant> switches_;
  Duration clock_slack_{};  // what the clock's steps may have done to the history
  bool requested_ = false;
  uint64_t switches_ever_ = 0, returns_ = 0, ended_ = 0, unserved_ = 0;
  Duration longest_over_{};

  Instant present_since_ = Instant::never();
  Instant last_busy_{};                    // somebody at the panel, or a request under way
  Instant dead_watch_ = Instant::never();  // 13: since when the server in charge should be left
  uint8_t dead_server_ = kNoServer;
  std::array<Instant, kMaxSimServers> last_answer_{}, first_refusal_{};
  std::array<Instant, kMaxSimServers>
      told_to_wait_{};                       // by Retry-After, and not to be asked before
  Instant return_watch_ = Instant::never();  // 14
  Duration return_hold_down_{};              // the longest that was in force meanwhile

  std::array<Instant, kMaxSimServers> last_probe_{};
  std::deque<Instant> probes_;
  std::array<std::deque<bool>, kMaxSimServers> recent_;  // 18: did real requests fail?
  std::array<uint64_t, kMaxSimServers> epoch_seen_{};
  std::array<Snapshot, kMaxSimServers> before_;
  core::RequestCounts counts_;
  core::Outcome outcome_ = core::Outcome::good;  // of the answer being dealt with
  bool answering_ = false;
  Duration hold_down_{};
};

const char* invariant_name(const std::string& number);

}  // namespace holdfast::sim
