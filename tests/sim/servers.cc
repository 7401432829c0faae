// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/servers.h"

namespace holdfast::sim {
namespace {

using core::Evidence;
using core::Outcome;

bool is_dead(StepKind fault) {
  return fault == StepKind::refuse || fault == StepKind::vanish || fault == StepKind::hang ||
         fault == StepKind::restart || fault == StepKind::vm_restart;
}

// Where nothing comes back, not even a refusal.
bool is_gone(StepKind fault) {
  return fault == StepKind::vanish || fault == StepKind::vm_restart ||
         fault == StepKind::cluster_move;
}

bool refuses(StepKind fault) { return fault == StepKind::refuse || fault == StepKind::restart; }

Evidence of(Outcome outcome) {
  Evidence evidence;
  evidence.outcome = outcome;
  return evidence;
}

}  // namespace

Servers::Servers(const Scenario& scenario, EventQueue* queue)
    : scenario_(scenario),
      queue_(queue),
      prng_(scenario.seed * 3 + 0x5e12),
      count_(scenario.servers()) {
  for (uint8_t s = 0; s < count_; ++s) {
    servers_[s].index = s;
    servers_[s].cluster = scenario.clusters[s];
    next_instance(servers_[s]);
  }
  for (Person& person : people_) {
    for (bool& valid : person.valid) valid = prng_.below(10) < 7;
    person.cached = prng_.below(2) == 0 && person.valid[0];
  }
}

// ---- faults

void Servers::in_trouble(SimServer& server, bool dead, Instant now) {
  if (server.sound()) server.outage_began = now;
  server.sound_since = Instant::never();
  if (dead && !server.dead()) server.dead_since = now;
}

bool Servers::begin(const Step& step, Instant now) {
  SimServer& server = servers_[step.server];
  if (step.kind == StepKind::stun) {
    // Two stuns in a row are a longer one.
    if (now - server.stunned_until < seconds(5)) server.last_trouble = now + step.length;
    server.stunned_until = now + step.length;
    if (step.length <= seconds(2)) return true;  // it is as if nothing had been
    if (server.faulty) return true;
  }
  if (server.faulty) return false;
  server.faulty = true;
  server.fault = step.kind;
  server.step = step;
  ++server.serial;
  if (step.kind == StepKind::cluster_move && step.amount % 10 < 3)
    server.stale_until = now + step.length + milliseconds(step.amount * 30);
  if (step.kind == StepKind::half_open) {
    ++server.connections;
    server.half_open = true;
  }
  if (step.kind == StepKind::split_brain) {
    ++server.epoch;
    next_instance(server);
  }
  if (step.kind == StepKind::refuse_device) server.device_refused = true;
  server.last_trouble = now + step.length;
  in_trouble(server, is_dead(step.kind), now);
  queue_->push(now + step.length, What::over, server.index, server.serial);
  return true;
}

void Servers::over(uint8_t index, uint32_t serial, Instant now) {
  SimServer& server = servers_[index];
  if (!server.faulty || server.serial != serial) return;
  if (server.stale_until > now) {  // the network has yet to learn where the address is
    queue_->push(server.stale_until, What::over, index, serial);
    return;
  }
  const bool new_process = refuses(server.fault) || is_gone(server.fault) ||
                           (server.fault == StepKind::hang && server.step.amount % 2 == 0);
  if (new_process) {
    next_instance(server);
    ++server.connections;
    server.half_open = false;
  }
  if (server.fault == StepKind::cluster_move) ++server.epoch;
  if (server.fault == StepKind::half_open) server.half_open = false;
  server.faulty = false;
  server.device_refused = false;
  server.dead_since = Instant::never();
  server.sound_since = server.outage_ended = server.last_trouble = now;
}

void Servers::heal(Instant now) {
  for (size_t s = 0; s < count_; ++s) {
    servers_[s].stale_until = servers_[s].stunned_until = now;
    over(static_cast<uint8_t>(s), servers_[s].serial, now);
  }
}

// ---- answers

bool Servers::fails_at_home(Exchange& exchange, Evidence* evidence) const {
  const SimServer& server = servers_[exchange.server];
  if (!server.faulty) return false;
  *evidence = of(Outcome::name_not_found);
  evidence->sent = false;
  if (server.fault == StepKind::no_name) return !exchange.last_good_address;
  evidence->outcome = Outcome::name_unavailable;
  return server.fault == StepKind::no_resolver && !exchange.last_good_address;
}

Servers::Fate Servers::reached(Exchange& exchange, Instant now, Instant* when) {
  SimServer& server = servers_[exchange.server];
  *when = exchange.reached_at = now;
  if (server.stunned_until > now) {
    *when = server.stunned_until;
    return Fate::waits;
  }
  if (server.faulty && is_gone(server.fault)) return Fate::lost;
  const bool dead_connection = !exchange.fresh && exchange.connections != server.connections;
  if (dead_connection && server.half_open) return Fate::lost;
  if (dead_connection || (server.faulty && refuses(server.fault))) {
    exchange.evidence = of(Outcome::refused);
    exchange.evidence.sent = dead_connection;
    server.pooled = 0;
    return Fate::answered;
  }
  if (server.faulty && server.fault == StepKind::hang) return Fate::dropped;
  answer(exchange, now);
  if (server.faulty && server.fault == StepKind::gray &&
      exchange.evidence.outcome == Outcome::timed_out)
    return Fate::dropped;
  Duration service = milliseconds(1) + prng_.up_to(milliseconds(20));
  if (exchange.spec.bulk && !exchange.probe) service = service + prng_.up_to(seconds(20));
  if (server.faulty && server.fault == StepKind::slow)
    service = service + milliseconds(server.step.amount * 5) / 2 +
              prng_.up_to(milliseconds(server.step.amount * 5));
  *when = now + service;
  return Fate::answered;
}

bool Servers::died_over(Exchange& exchange) const {
  const SimServer& server = servers_[exchange.server];
  if (!server.dead() || exchange.reached_at >= server.dead_since) return false;
  if (!refuses(server.fault)) return true;
  exchange.evidence = of(Outcome::refused);
  return false;
}

void Servers::answer(Exchange& exchange, Instant now) {
  (void)now;
  SimServer& server = servers_[exchange.server];
  const bool split = server.faulty && server.fault == StepKind::split_brain;
  const bool old_node = split && prng_.below(1000) < server.step.amount / 2;
  exchange.evidence = faulty_answer(server, exchange);
  if (exchange.evidence.outcome == Outcome::good)
    exchange.evidence = good_answer(server, exchange, old_node);
  server.pooled = server.connections;
  switch (exchange.evidence.outcome) {
    case Outcome::good:
    case Outcome::server_error:
    case Outcome::bad_gateway:
    case Outcome::garbage:
    case Outcome::timed_out:
      ++executions_;
      break;
    default:
      break;
  }
}

Evidence Servers::faulty_answer(const SimServer& server, const Exchange& exchange) {
  if (!server.faulty) return of(Outcome::good);
  Evidence evidence = of(Outcome::good);
  switch (server.fault) {
    case StepKind::retry_after:
      evidence.retry_after_s = 1 + server.step.amount * 3 / 5;
      [[fallthrough]];
    case StepKind::unavailable:
      evidence.outcome = Outcome::unavailable;
      return evidence;
    case StepKind::passive:
      if (exchange.probe)
        evidence.identity.active = false;
      else
        evidence.outcome = Outcome::not_active;
      return evidence;
    case StepKind::gray: {
      constexpr Outcome kOutcomes[] = {Outcome::server_error, Outcome::bad_gateway,
                                       Outcome::garbage, Outcome::timed_out};
      if (!exchange.probe && prng_.below(100) < 70 + server.step.amount % 31)
        evidence.outcome = kOutcomes[server.step.amount % 4];
      return evidence;
    }
    case StepKind::untrusted:
      return of(Outcome::untrusted);
    case StepKind::not_yet_valid:
      return of(Outcome::not_yet_valid);
    case StepKind::wrong_cluster:
      return of(Outcome::wrong_cluster);
    case StepKind::garbage:
      return of(Outcome::garbage);
    case StepKind::too_many:
      evidence.outcome = Outcome::too_many;
      evidence.retry_after_s = server.step.amount % 60;
      return evidence;
    case StepKind::error_500:
      return of(Outcome::server_error);
    case StepKind::bad_gateway:
      return of(Outcome::bad_gateway);
    case StepKind::not_found:
      return exchange.probe ? of(Outcome::not_found) : evidence;
    case StepKind::request_timeout:
      return exchange.fresh ? evidence : of(Outcome::request_timeout);
    case StepKind::refuse_device:
      return of(server.device_refused ? Outcome::device_refused : Outcome::good);
    default:
      return evidence;
  }
}

Evidence Servers::good_answer(const SimServer& server, const Exchange& exchange, bool old_node) {
  Evidence evidence = exchange.evidence;
  if (exchange.probe) {
    evidence.identity.instance = old_node ? server.instance - 1 : server.instance;
    evidence.identity.epoch = old_node ? server.epoch - 1 : server.epoch;
    evidence.identity.spread_s = scenario_.spread_wish_s[server.index];
    evidence.identity.probe_s = scenario_.probe_wish_s[server.index];
    return evidence;
  }
  if (exchange.spec.kind == core::RequestKind::login) {
    const bool valid = people_[exchange.person].valid[server.cluster];
    evidence.verdict = valid ? Verdict::granted : Verdict::denied;
  } else if (prng_.below(50) == 0) {
    evidence.outcome = prng_.below(2) == 0 ? Outcome::client_error : Outcome::not_found;
  }
  return evidence;
}

}  // namespace holdfast::sim
