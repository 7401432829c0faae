// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/script.h"

#include <algorithm>
#include <array>

namespace holdfast::sim {
namespace {

struct Range {
  int64_t low_ms, high_ms;
};

// How long each kind lasts. The order is that of StepKind.
constexpr std::array<Range, kStepKinds> kLengths = {{
    {500, 1800000},    // refuse
    {500, 1800000},    // vanish
    {100, 5000},       // stun
    {1000, 900000},    // hang
    {2000, 600000},    // slow
    {1000, 600000},    // unavailable
    {1000, 600000},    // retry_after
    {1000, 900000},    // passive
    {10000, 1800000},  // gray
    {500, 20000},      // restart
    {75000, 315000},   // vm_restart
    {5000, 20000},     // cluster_move
    {5000, 600000},    // split_brain
    {5000, 900000},    // untrusted
    {5000, 900000},    // not_yet_valid
    {5000, 900000},    // wrong_cluster
    {2000, 600000},    // garbage
    {2000, 600000},    // too_many
    {2000, 600000},    // error_500
    {2000, 600000},    // bad_gateway
    {2000, 600000},    // not_found
    {2000, 600000},    // request_timeout
    {5000, 900000},    // no_name
    {2000, 600000},    // no_resolver
    {2000, 600000},    // refuse_device
    {1000, 60000},     // half_open
    {500, 900000},     // partition
    {500, 900000},     // one_way
    {500, 600000},     // unplug
    {500, 600000},     // unplug_quietly
    {1000, 60000},     // stall
    {0, 0},            // clock_step
    {2000, 300000},    // power_cut
    {0, 0},            // arrive
    {0, 0},            // background
    {0, 0},            // revoke
    {0, 0},            // fail_back
}};

// Short and long ones alike: each doubling is as likely as the next.
Duration log_uniform(Prng& prng, Range range) {
  if (range.high_ms <= range.low_ms) return milliseconds(range.low_ms);
  uint64_t doublings = 0;
  while ((range.low_ms << doublings) < range.high_ms) ++doublings;
  const int64_t base = range.low_ms << prng.below(doublings);
  return shorter(milliseconds(base) + prng.up_to(milliseconds(base)), milliseconds(range.high_ms));
}

bool percent(Prng& prng, uint32_t share) { return prng.below(100) < share; }
uint32_t between(Prng& prng, uint32_t low, uint32_t high) {
  return low + static_cast<uint32_t>(prng.below(high - low + 1));
}

void draw_servers(Scenario& scenario, Prng& prng) {
  const size_t count = 1 + std::min<size_t>(2, prng.below(6));  // mostly three
  const uint64_t topology = prng.below(3);
  const bool grace = percent(prng, 70);
  for (size_t i = 0; i < count; ++i) {
    ServerConfig server;
    server.name = std::string("server-") + static_cast<char>('a' + i);
    server.url = "https://" + server.name + ".example";
    const bool same = topology == 0 || i == 0 || (topology == 1 && i == 1 && count == 3);
    scenario.clusters[i] = same ? 0 : static_cast<uint8_t>(i);
    server.cluster_id = std::string("cluster-") + static_cast<char>('a' + scenario.clusters[i]);
    server.cluster_grace_ms = grace ? 30000 : 0;
    scenario.config.servers.push_back(server);
    if (percent(prng, 30)) scenario.spread_wish_s[i] = between(prng, 1, 900);
    if (percent(prng, 30)) scenario.probe_wish_s[i] = between(prng, 1, 60);
  }
}

void draw_policies(Config& config, Prng& prng) {
  config.device_id = "sim";
  config.login.accept_login_from = percent(prng, 50) ? AcceptLogin::any : AcceptLogin::same_cluster;
  config.login.hedge_passwords_across_clusters = percent(prng, 30);
  config.job.direct_printing = percent(prng, 30);
  if (percent(prng, 50)) return;  // else as delivered
  config.probe.probe_s = between(prng, 5, 60);
  config.failback.hold_down_s = between(prng, 30, 900);
  config.failback.spread_s = between(prng, 0, 600);
  config.login.offline_after_ms = between(prng, 500, 5000);
  config.request.hedge_default_ms = between(prng, 0, 1000);
  config.limit.max_requests = between(prng, 4, 32);
  const uint64_t mode = prng.below(8);
  if (mode == 0) config.failback.mode = FailbackMode::manual;
  if (mode == 1) {
    config.failback.mode = FailbackMode::window;
    config.failback.window_start_min = between(prng, 0, 1439);
    config.failback.window_end_min = between(prng, 0, 1439);
  }
}

void draw_network(Scenario& scenario, Prng& prng) {
  scenario.delay_min = milliseconds(between(prng, 0, 30));
  scenario.delay_mean = milliseconds(between(prng, 30, 100));
  if (percent(prng, 50)) scenario.loss_percent = between(prng, 1, 30);
  if (percent(prng, 50)) scenario.duplicate_percent = between(prng, 1, 50);
  if (percent(prng, 50)) scenario.late_percent = between(prng, 1, 100);
  if (percent(prng, 50)) scenario.untrusted_boot_percent = 20;
  if (percent(prng, 50)) scenario.host_lateness = milliseconds(between(prng, 1, 20));
  scenario.reset_percent = between(prng, 0, 100);
  scenario.kernel_tells = percent(prng, 50);
  scenario.transport_times_out = percent(prng, 50);
}

void add(Scenario& scenario, Prng& prng, StepKind kind, uint8_t server, Instant at) {
  Step step;
  step.at = at;
  step.kind = kind;
  step.server = server;
  step.length = log_uniform(prng, kLengths[static_cast<size_t>(kind)]);
  step.amount = static_cast<uint32_t>(prng.below(1000));
  if (at < Instant{scenario.length.us}) scenario.steps.push_back(step);
}

}  // namespace

Scenario draw_scenario(uint64_t seed, Duration length) {
  Scenario scenario;
  scenario.seed = seed;
  scenario.length = length;
  Prng root(seed);
  Prng shape(root.next()), network(root.next()), faults(root.next()), people(root.next());
  draw_servers(scenario, shape);
  draw_policies(scenario.config, shape);
  draw_network(scenario, network);

  std::vector<StepKind> of_servers, of_device;
  for (size_t k = 0; k < static_cast<size_t>(StepKind::arrive); ++k) {
    const auto kind = static_cast<StepKind>(k);
    if (!percent(faults, 50)) continue;
    (kind < StepKind::partition ? of_servers : of_device).push_back(kind);
  }
  const Instant end{length.us};
  for (uint8_t s = 0; s < scenario.servers() && !of_servers.empty(); ++s) {
    const Duration gap = log_uniform(faults, {30000, 3600000});
    for (Instant at = Instant{} + faults.up_to(gap * 2); at < end;
         at = at + faults.up_to(gap * 2)) {
      add(scenario, faults, of_servers[faults.below(of_servers.size())], s, at);
      if (!scenario.steps.empty()) at = at + scenario.steps.back().length;
    }
  }
  for (const StepKind kind : of_device) {
    const Duration gap = log_uniform(faults, {600000, 7200000});
    for (Instant at = Instant{} + faults.up_to(gap * 2); at < end; at = at + faults.up_to(gap * 2))
      add(scenario, faults, kind, static_cast<uint8_t>(faults.below(scenario.servers())), at);
  }
  const StepKind of_people[] = {StepKind::arrive, StepKind::background, StepKind::revoke,
                                StepKind::fail_back};
  const Range how_often[] = {
      {10000, 1800000}, {30000, 1800000}, {600000, 14400000}, {3600000, 57600000}};
  for (size_t k = 0; k < 4; ++k) {
    const Duration gap = log_uniform(people, how_often[k]);
    for (Instant at = Instant{} + people.up_to(gap * 2); at < end; at = at + people.up_to(gap * 2))
      add(scenario, people, of_people[k], 0, at);
  }
  std::stable_sort(scenario.steps.begin(), scenario.steps.end(),
                   [](const Step& x, const Step& y) { return x.at < y.at; });
  return scenario;
}

Scenario dying_primary(uint64_t seed, Duration length) {
  Scenario scenario;
  scenario.seed = seed;
  scenario.length = length;
  scenario.delay_min = milliseconds(1);
  scenario.delay_mean = milliseconds(5);
  scenario.reset_percent = 50;
  for (int i = 0; i < 2; ++i) {
    ServerConfig server;
    server.name = i == 0 ? "primary" : "fallback";
    server.url = "https://" + server.name + ".example";
    server.cluster_id = "cluster-a";
    scenario.config.servers.push_back(server);
  }
  scenario.config.device_id = "sim";
  Prng prng(seed);
  for (Instant at = Instant{} + seconds(60); at < Instant{length.us}; at = at + seconds(60)) {
    add(scenario, prng, prng.below(2) == 0 ? StepKind::vanish : StepKind::refuse, 0, at);
    scenario.steps.back().length = seconds(5) + prng.up_to(seconds(35));
    add(scenario, prng, StepKind::arrive, 0, at + prng.up_to(seconds(60)));
  }
  std::stable_sort(scenario.steps.begin(), scenario.steps.end(),
                   [](const Step& x, const Step& y) { return x.at < y.at; });
  return scenario;
}

const char* to_string(StepKind kind) {
  static constexpr std::array<const char*, kStepKinds> kNames = {
      "refuse",        "vanish",          "stun",        "hang",        "slow",
      "unavailable",   "retry_after",     "passive",     "gray",        "restart",
      "vm_restart",    "cluster_move",    "split_brain", "untrusted",   "not_yet_valid",
      "wrong_cluster", "garbage",         "too_many",    "error_500",   "bad_gateway",
      "not_found",     "request_timeout", "no_name",     "no_resolver", "refuse_device",
      "half_open",     "partition",       "one_way",     "unplug",      "unplug_quietly",
      "stall",         "clock_step",      "power_cut",   "arrive",      "background",
      "revoke",        "fail_back"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace holdfast::sim
