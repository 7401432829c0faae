// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a seed stands for: a configuration, a network, and a script of what befalls servers,
// network, device and users. The script is drawn before the run and is plain data, so that it can
// be shortened, or come from somewhere else.
#pragma once

#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "holdfast/config.h"

namespace holdfast::sim {

constexpr size_t kMaxSimServers = 3;

enum class StepKind : uint8_t {
  // Of one server.
  refuse,  // its process is gone: connections are refused
  vanish,  // its machine is gone: silence
  stun,    // stands still, and answers all afterwards
  hang,    // accepts, and never answers
  slow,
  unavailable,   // 503
  retry_after,   // 503 that says until when
  passive,       // it says that it isn't active
  gray,          // probes pass, requests fail
  restart,       // another instance after seconds
  vm_restart,    // another instance after minutes
  cluster_move,  // another node takes the address over
  split_brain,   // the node of before goes on claiming to be active
  untrusted,
  not_yet_valid,
  wrong_cluster,
  garbage,
  too_many,
  error_500,
  bad_gateway,
  not_found,        // its health path
  request_timeout,  // 408
  no_name,          // NXDOMAIN
  no_resolver,      // the resolver fails for it
  refuse_device,    // 401
  half_open,        // the connections kept alive are dead, and nobody said so
  // Of the network or the device.
  partition,       // no way to the server
  one_way,         // no way back from it
  unplug,          // the device's link, and the host says so
  unplug_quietly,  // and doesn't
  stall,           // the host's loop
  clock_step,
  power_cut,
  // Of people.
  arrive,
  background,  // a request nobody waits for
  revoke,      // a user at home
  fail_back,   // somebody presses the button
};
constexpr size_t kStepKinds = static_cast<size_t>(StepKind::fail_back) + 1;
const char* to_string(StepKind kind);

struct Step {
  Instant at{};
  StepKind kind = StepKind::refuse;
  uint8_t server = 0;
  Duration length{};
  uint32_t amount = 0;  // its strength, in the units of the kind
};

struct Scenario {
  uint64_t seed = 0;
  Config config;
  uint8_t clusters[kMaxSimServers] = {};  // equal numbers: the same data; 0 is home
  uint32_t spread_wish_s[kMaxSimServers] = {};
  uint32_t probe_wish_s[kMaxSimServers] = {};
  Duration length{};  // of the safety phase

  Duration delay_min{}, delay_mean{};  // one way
  uint32_t loss_percent = 0;
  uint32_t duplicate_percent = 0;    // of answers
  uint32_t late_percent = 0;         // of cancelled exchanges are answered all the same
  bool kernel_tells = false;         // without a link, sending fails at once
  bool transport_times_out = false;  // the transport's own timer fires as well
  Duration host_lateness{};          // of the host's loop, at most
  uint32_t untrusted_boot_percent = 0;
  uint32_t reset_percent = 0;  // of what is in flight when a server goes is reset, not lost

  std::vector<Step> steps;

  size_t servers() const { return config.servers.size(); }
};

Scenario draw_scenario(uint64_t seed, Duration length);
// A primary that dies every minute, and nothing else, with users all day.
Scenario dying_primary(uint64_t seed, Duration length);

}  // namespace holdfast::sim
