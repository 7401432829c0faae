// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The simulated servers. What they are is the truth that invariants are judged by; what they answer
// is all that the device gets to know.
#pragma once

#include <array>
#include <vector>

#include "core/words.h"
#include "sim/clock.h"
#include "sim/script.h"

namespace holdfast::sim {

// A person whose card the servers know. Clusters have data of their own.
struct Person {
  std::array<bool, kMaxSimServers> valid{};  // by cluster
  bool cached = false;                       // in the device's cache
};
constexpr size_t kPeople = 8;

// A probe or an attempt on its way, there and back.
struct Exchange {
  uint32_t core_id = 0;  // as the core numbers it
  bool probe = false;
  uint8_t server = 0;
  uint32_t request = 0;  // of an attempt
  core::RequestSpec spec;
  uint8_t person = 0;
  uint32_t boot = 0;
  uint32_t generation = 0;  // of the server when it was sent
  Instant sent_at{}, gives_up{};
  bool fresh = false;
  bool last_good_address = false;
  uint32_t connections = 0;  // which of the server's it uses
  bool cancelled = false, delivered = false, timed_out = false;
  uint8_t tries = 0;
  Instant reached_at{};  // the server
  core::Evidence evidence;
  uint32_t events = 0;  // that still refer to it; free at 0
};

struct SimServer {
  uint8_t index = 0, cluster = 0;
  bool faulty = false;
  StepKind fault = StepKind::refuse;
  uint32_t serial = 0;  // of the fault
  Step step;
  Instant stunned_until{};
  Instant stale_until{};  // the address still leads to the node of before
  uint64_t instance = 1, epoch = 1;
  uint32_t connections = 1;  // kept-alive connections of before are dead
  bool half_open = false;    // and nobody said so
  uint32_t pooled = 0;       // the device's kept-alive connection belongs to these; 0: none
  bool device_refused = false;

  // The truth, for the invariants.
  Instant dead_since = Instant::never();
  Instant sound_since{};     // never: something is wrong with it
  Instant last_trouble{-1};  // anything worse than a stun of 2 s, ended then
  Instant outage_began = Instant::never(), outage_ended = Instant::never();  // the last one

  bool sound() const { return sound_since != Instant::never(); }
  bool dead() const { return dead_since != Instant::never(); }
};

class Servers {
 public:
  Servers(const Scenario& scenario, EventQueue* queue);

  // Begins the fault of a step. False when the server has one already.
  bool begin(const Step& step, Instant now);
  void over(uint8_t server, uint32_t serial, Instant now);
  void heal(Instant now);
  void revoke(uint32_t person) { people_[person % kPeople].valid[0] = false; }

  // What becomes of an exchange before anything leaves the device. False: it goes on its way.
  bool fails_at_home(Exchange& exchange, core::Evidence* evidence) const;
  enum class Fate : uint8_t { answered, lost, dropped, waits };
  // It reaches the server. `when`: it answers, or is to be looked at again.
  Fate reached(Exchange& exchange, Instant now, Instant* when);
  // Its process went while it was at it. True: nothing comes back, not even a reset.
  bool died_over(Exchange& exchange) const;

  SimServer& at(size_t i) { return servers_[i]; }
  const SimServer& at(size_t i) const { return servers_[i]; }
  size_t count() const { return count_; }
  Person& person(size_t i) { return people_[i % kPeople]; }
  uint64_t executions() const { return executions_; }

 private:
  void answer(Exchange& exchange, Instant now);
  core::Evidence faulty_answer(const SimServer& server, const Exchange& exchange);
  core::Evidence good_answer(const SimServer& server, const Exchange& exchange, bool old_node);
  void next_instance(SimServer& server) { server.instance = ++last_instance_; }
  void in_trouble(SimServer& server, bool dead, Instant now);

  const Scenario& scenario_;
  EventQueue* queue_;
  Prng prng_;
  std::array<SimServer, kMaxSimServers> servers_;
  size_t count_;
  std::array<Person, kPeople> people_;
  uint64_t last_instance_ = 0;
  uint64_t executions_ = 0;
};

}  // namespace holdfast::sim
