// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/network.h"

namespace holdfast::sim {

using core::Outcome;

Network::Network(const Scenario& scenario, EventQueue* queue, Servers* servers)
    : scenario_(scenario),
      queue_(queue),
      servers_(servers),
      prng_(scenario.seed * 5 + 0x9e7),
      loss_percent_(scenario.loss_percent),
      duplicate_percent_(scenario.duplicate_percent),
      late_percent_(scenario.late_percent) {}

// ---- there

void Network::send(const Exchange& exchange, Instant now) {
  uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<uint32_t>(slots_.size());
    slots_.push_back(exchange);
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = exchange;
  }
  Exchange& e = slots_[slot];
  const SimServer& server = servers_->at(e.server);
  if (server.pooled == 0) e.fresh = true;
  e.connections = e.fresh ? server.connections : server.pooled;
  if (!link_up() && scenario_.kernel_tells) {
    e.evidence.sent = false;
    return fail(slot, Outcome::unreachable, now + milliseconds(1));
  }
  if (servers_->fails_at_home(e, &e.evidence))
    return fail(slot, e.evidence.outcome, now + milliseconds(2) + prng_.up_to(milliseconds(50)));
  post(now, What::leave_device, slot);
}

void Network::fail(uint32_t slot, Outcome outcome, Instant at) {
  slots_[slot].evidence.outcome = outcome;
  post(at, What::reach_device, slot);
}

// TCP sends again after 200 ms, 400 ms, ... as long as the exchange is wanted.
void Network::again(uint32_t slot, What what, Instant now) {
  Exchange& e = slots_[slot];
  if (e.tries < 8 && !e.cancelled)
    return post(now + milliseconds(int64_t{200} << e.tries++), what, slot);
  release(slot);
}

void Network::leave_device(uint32_t slot, Instant now) {
  const Exchange& e = slots_[slot];
  if (e.cancelled) return release(slot);
  if (!link_up() || blocked_to_[e.server] != 0 || lost())
    return again(slot, What::leave_device, now);
  --slots_[slot].events;
  post(now + delay(), What::reach_server, slot);
}

// ---- at the server, and back

void Network::reach_server(uint32_t slot, Instant now) {
  Exchange& e = slots_[slot];
  if (e.timed_out) return release(slot);  // reset meanwhile
  Instant when{};
  switch (servers_->reached(e, now, &when)) {
    case Servers::Fate::answered:
      e.tries = 0;
      --e.events;
      return post(when, What::leave_server, slot);
    case Servers::Fate::waits:
      --e.events;
      return post(when, What::reach_server, slot);
    case Servers::Fate::lost:
      return again(slot, What::leave_device, now);
    case Servers::Fate::dropped:
      return release(slot);
  }
}

void Network::leave_server(uint32_t slot, Instant now) {
  Exchange& e = slots_[slot];
  if (servers_->died_over(e)) return release(slot);
  if (e.cancelled && prng_.below(100) >= late_percent_) return release(slot);
  if (!link_up() || blocked_from_[e.server] != 0 || lost())
    return again(slot, What::leave_server, now);
  const bool twice = prng_.below(100) < duplicate_percent_;
  --slots_[slot].events;
  post(now + delay(), What::reach_device, slot);
  if (!twice) return;
  const Duration later =
      prng_.up_to(seconds(20));  // one draw in an expression: their order is free
  post(now + delay() + later, What::reach_device, slot);
}

void Network::release(uint32_t slot) {
  Exchange& e = slots_[slot];
  if (--e.events > 0) return;
  // A transport gives up by itself what is never answered.
  if (scenario_.transport_times_out && !e.delivered && !e.cancelled && !e.timed_out) {
    e.timed_out = true;
    e.evidence = core::Evidence{};
    return fail(slot, Outcome::timed_out, e.gives_up);
  }
  free_.push_back(slot);
}

bool Network::cancel(bool probe, uint32_t core_id, uint32_t boot, Instant now) {
  (void)now;
  for (Exchange& e : slots_) {
    if (e.events == 0 || e.cancelled || e.probe != probe || e.core_id != core_id || e.boot != boot)
      continue;
    e.cancelled = true;
    return true;
  }
  return false;
}

void Network::server_gone(uint8_t server, Instant now) {
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    Exchange& e = slots_[slot];
    if (e.events == 0 || e.server != server || e.delivered || e.timed_out) continue;
    if (prng_.below(100) >= scenario_.reset_percent) continue;
    // Committed, perhaps, and then cut: the answer of before never comes.
    e.timed_out = true;
    e.evidence = core::Evidence{};
    e.evidence.outcome = Outcome::refused;
    post(now + prng_.up_to(milliseconds(500)), What::leave_server, slot);
  }
}

// ---- faults

void Network::begin(const Step& step, Instant now) {
  (void)now;
  if (step.kind == StepKind::partition) ++blocked_to_[step.server];
  if (step.kind == StepKind::partition || step.kind == StepKind::one_way)
    ++blocked_from_[step.server];
  if (step.kind == StepKind::unplug || step.kind == StepKind::unplug_quietly) ++unplugged_;
  if (step.kind == StepKind::unplug_quietly) ++quiet_;
}

void Network::over(const Step& step, Instant now) {
  const auto less = [](uint32_t& n) { n -= n > 0 ? 1 : 0; };
  if (step.kind == StepKind::partition) less(blocked_to_[step.server]);
  if (step.kind == StepKind::partition || step.kind == StepKind::one_way)
    less(blocked_from_[step.server]);
  if (step.kind == StepKind::unplug || step.kind == StepKind::unplug_quietly) less(unplugged_);
  if (step.kind == StepKind::unplug_quietly) less(quiet_);
  const bool told = step.kind == StepKind::unplug;
  const bool all = told || step.kind == StepKind::unplug_quietly;
  for (size_t s = 0; s < servers_->count(); ++s) {
    if (step.server != s && !all) continue;
    clear_since_[s] = now;
    if (!told) last_untold_[s] = now;
  }
}

void Network::heal(Instant now) {
  unplugged_ = quiet_ = 0;
  last_untold_.fill(now);
  blocked_to_ = blocked_from_ = {};
  clear_since_.fill(now);
  loss_percent_ = duplicate_percent_ = late_percent_ = 0;
}

}  // namespace holdfast::sim
