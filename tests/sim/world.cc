// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/world.h"

#include <algorithm>

namespace holdfast::sim {
namespace {

constexpr Duration kCalm = seconds(600);  // settled for so long is the end

}  // namespace

World::World(const Scenario& scenario, bool print_trace, Reached* reached)
    : scenario_(scenario),
      trace_(print_trace),
      reached_(reached),
      servers_(scenario_, &queue_),
      network_(scenario_, &queue_, &servers_),
      device_(scenario_, &queue_, &network_, &servers_, &trace_, reached),
      users_(scenario_, &queue_, &servers_, &device_, reached),
      invariants_(scenario_, &servers_, &network_, &device_, reached) {
  device_.attach(&users_, &invariants_);
}

Outcome World::run() {
  for (uint32_t i = 0; i < scenario_.steps.size(); ++i)
    queue_.push(scenario_.steps[i].at, What::script, i);
  queue_.push(Instant{scenario_.length.us}, What::heal);
  device_.boot(now_);
  Outcome outcome;
  while (!over_ && !queue_.empty() && !invariants_.violation().found) {
    const Event event = queue_.pop();
    now_ = later(now_, event.at);
    ++outcome.events;
    invariants_.before_event(now_);
    dispatch(event);
    invariants_.after_event(now_);
    judge_liveness();
  }
  outcome.violation = invariants_.violation();
  outcome.trace_hash = trace_.hash();
  outcome.simulated = now_ - Instant{};
  outcome.requests = invariants_.requests_ended();
  outcome.switches = invariants_.switches();
  outcome.returns = invariants_.returns();
  outcome.unserved = invariants_.unserved();
  outcome.longest_over = invariants_.longest_wait_over();
  if (outcome.violation.found) outcome.tail = trace_.tail(60);
  return outcome;
}

void World::dispatch(const Event& event) {
  switch (event.what) {
    case What::leave_device:
      return network_.leave_device(event.a, now_);
    case What::reach_server:
      return network_.reach_server(event.a, now_);
    case What::leave_server:
      return network_.leave_server(event.a, now_);
    case What::script:
      return script(event.a);
    case What::over:
      return servers_.over(static_cast<uint8_t>(event.a), event.b, now_);
    case What::path_over: {
      const Step& step = scenario_.steps[event.a];
      network_.over(step, now_);
      if (step.kind == StepKind::unplug) device_.link_told(false, now_);
      return;
    }
    case What::stall_over:
      return device_.stall_over(now_);
    case What::power_back:
      if (!device_.powered()) device_.boot(now_);
      return;
    case What::clock_set:
      return device_.clock_set(event.a, now_);
    case What::heal:
      return heal();
    case What::wake:
    case What::reach_device:
    case What::person:
    case What::cache_answer:
    case What::credentials:
      return device_.handle(event, now_);
  }
}

void World::script(uint32_t index) {
  const Step& step = scenario_.steps[index];
  Note note;
  note.kind = Note::Kind::step;
  note.at = now_;
  note.step = step;
  trace_.add(note);
  switch (step.kind) {
    case StepKind::partition:
    case StepKind::one_way:
    case StepKind::unplug:
    case StepKind::unplug_quietly:
      network_.begin(step, now_);
      queue_.push(now_ + step.length, What::path_over, index);
      if (step.kind == StepKind::unplug) device_.link_told(true, now_);
      return;
    case StepKind::stall:
      if (!device_.powered()) return;
      device_.stall();
      queue_.push(now_ + step.length, What::stall_over);
      return;
    case StepKind::clock_step: {
      const Duration by = step.amount % 2 == 0 ? seconds(262) : seconds(-262);
      device_.step_clock(by);
      return invariants_.clock_stepped(by);
    }
    case StepKind::power_cut:
      if (!device_.powered()) return;
      device_.power_off(now_);
      queue_.push(now_ + step.length, What::power_back);
      return;
    case StepKind::arrive:
      return users_.arrive(step.amount, now_);
    case StepKind::background:
      users_.background(step.amount, now_);
      return device_.settle(now_);
    case StepKind::revoke:
      return servers_.revoke(step.amount);
    case StepKind::fail_back:
      invariants_.fail_back_requested(true);
      if (!device_.fail_back(now_)) invariants_.fail_back_requested(false);
      return;
    default:
      break;
  }
  const bool in_charge = device_.powered() && device_.core().route().kind == RouteKind::server &&
                         device_.core().route().server == step.server;
  if (!servers_.begin(step, now_)) return;
  if (step.kind == StepKind::stun && step.length <= seconds(2) && in_charge)
    reached_->hit(Sometimes::short_stun);
  const bool cut = step.kind == StepKind::refuse || step.kind == StepKind::restart ||
                   step.kind == StepKind::cluster_move;
  if (cut) network_.server_gone(step.server, now_);
}

void World::heal() {
  healed_at_ = now_;
  network_.heal(now_);
  servers_.heal(now_);
  device_.heal(now_);
  users_.arrive(0, now_ + seconds(30));
}

bool World::settled() const {
  if (!device_.powered() || !users_.away() || !device_.calls().empty()) return false;
  const core::Failover& core = device_.core();
  for (uint8_t s = 0; s < servers_.count(); ++s)
    if (core.servers().at(s).health.state() != ServerState::up) return false;
  const bool automatic = scenario_.config.failback.mode == FailbackMode::automatic;
  return core.local() == LocalHealth::ok && core.route().kind == RouteKind::server &&
         (!automatic || core.route().server == 0);
}

void World::judge_liveness() {
  if (healed_at_ == Instant::never()) return;
  if (!settled()) {
    settled_at_ = Instant::never();
    // Quarantine, the longest hold-down, its spread, an hour's limit, and ten minutes.
    const Duration limit =
        seconds(360 + scenario_.config.failback.hold_down_max_s + 900 + 3600) + kCalm;
    if (now_ - healed_at_ > limit)
      invariants_.broken(
          "27",
          "not at rest " + std::to_string(limit.us / 1000000) + " s after everything was repaired",
          now_);
    return;
  }
  if (settled_at_ == Instant::never()) settled_at_ = now_;
  if (now_ - settled_at_ >= kCalm) over_ = true;
}

}  // namespace holdfast::sim
