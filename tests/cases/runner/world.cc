// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>

#include "base/prng.h"

namespace holdfast::cases {

void World::change(const std::string& name, const ServerChange& change, Instant at) {
  VirtualServer& server = servers_[name];
  if (server.identity.instance == 0) server.identity.instance = fingerprint(name) % 1000000 + 1;
  if (change.probes) server.probes = *change.probes;
  if (change.requests) server.requests = *change.requests;
  if (change.probe_latency) server.probe_latency = *change.probe_latency;
  if (change.request_latency) server.request_latency = *change.request_latency;
  if (change.retry_after_s) server.retry_after_s = *change.retry_after_s;
  if (change.spread_s) server.identity.spread_s = *change.spread_s;
  if (change.probe_s) server.identity.probe_s = *change.probe_s;
  if (change.fail_one_in) server.fail_one_in = std::max(1u, *change.fail_one_in);
  if (change.instance) server.identity.instance = *change.instance;
  if (change.epoch) server.identity.epoch = *change.epoch;
  if (change.verdict) server.verdict = *change.verdict;
  if (change.refresh) server.refresh = *change.refresh;
  if (!change.probes && !change.requests) return;

  for (Exchange& e : exchanges_) {
    if (e.server != name || e.lost) continue;
    const Manner& manner = e.probe ? server.probes : server.requests;
    const bool fails = manner.kind == Manner::Kind::fails;
    if (e.held && manner.kind != Manner::Kind::stunned) {
      e.held = false;
      e.arrives = at + (e.probe ? server.probe_latency : server.request_latency);
    }
    if (manner.kind == Manner::Kind::silent) {
      e.lost = true;
    } else if (fails && manner.outcome == core::Outcome::refused) {
      // A process that ends resets what it had accepted.
      e.cut = true;
      e.arrives = at + milliseconds(1);
    }
  }
}

void World::send(const core::Action& action, const std::string& name, Instant now) {
  VirtualServer& server = servers_[name];
  Exchange e;
  e.sequence = next_sequence_++;
  e.probe = action.kind == core::ActionKind::probe;
  e.id = action.id;
  e.index = action.server;
  e.server = name;
  e.last_good_address = action.last_good_address;
  e.arrives = now + (e.probe ? server.probe_latency : server.request_latency);
  const Manner& manner = e.probe ? server.probes : server.requests;
  if (manner.kind == Manner::Kind::silent) e.lost = true;
  exchanges_.push_back(std::move(e));
}

void World::cancel(bool probe, uint32_t id) {
  exchanges_.erase(
      std::remove_if(exchanges_.begin(), exchanges_.end(),
                     [&](const Exchange& e) { return e.probe == probe && e.id == id; }),
      exchanges_.end());
}

Instant World::next_arrival() const {
  Instant next = Instant::never();
  for (const Exchange& e : exchanges_)
    if (!e.lost && !e.held) next = earlier(next, e.arrives);
  return next;
}

bool World::arrived(Instant now, Exchange* exchange) {
  for (;;) {
    auto first = exchanges_.end();
    for (auto e = exchanges_.begin(); e != exchanges_.end(); ++e) {
      if (e->lost || e->held || e->arrives > now) continue;
      if (first == exchanges_.end() || e->arrives < first->arrives ||
          (e->arrives == first->arrives && e->sequence < first->sequence))
        first = e;
    }
    if (first == exchanges_.end()) return false;
    settle(&*first);
    if (first->lost || first->held) continue;
    *exchange = std::move(*first);
    exchanges_.erase(first);
    return true;
  }
}

// What became of it, seen at the moment of the answer.
void World::settle(Exchange* e) {
  VirtualServer& server = servers_[e->server];
  Manner manner = e->probe ? server.probes : server.requests;
  if (e->cut) {
    e->evidence.outcome = core::Outcome::refused;
    e->evidence.sent = true;
    return;
  }
  const bool trouble = manner.kind != Manner::Kind::good;
  if (!e->probe && trouble && server.requests_seen++ % server.fail_one_in != 0) manner = Manner{};
  if (manner.outcome == core::Outcome::name_unavailable && e->last_good_address) manner = Manner{};
  if (manner.kind == Manner::Kind::stunned) e->held = true;
  if (manner.kind == Manner::Kind::silent) e->lost = true;
  if (!e->held && !e->lost) e->evidence = evidence(server, manner, *e);
}

core::Evidence World::evidence(const VirtualServer& server, const Manner& manner,
                               const Exchange& exchange) const {
  core::Evidence evidence;
  evidence.outcome = manner.outcome;
  evidence.sent = manner.sent;
  const bool passive = manner.kind == Manner::Kind::passive;
  if (exchange.probe && (manner.kind == Manner::Kind::good || passive)) {
    evidence.outcome = core::Outcome::good;
    evidence.identity = server.identity;
    evidence.identity.active = !passive;
  }
  if (!exchange.probe && evidence.outcome == core::Outcome::good) evidence.verdict = server.verdict;
  const bool busy =
      evidence.outcome == core::Outcome::unavailable || evidence.outcome == core::Outcome::too_many;
  if (busy) evidence.retry_after_s = server.retry_after_s;
  return evidence;
}

void World::accept_credentials(const std::string& name, Instant now) {
  ServerChange change;
  VirtualServer& server = servers_[name];
  if (server.probes.outcome == core::Outcome::device_refused) change.probes = Manner{};
  if (server.requests.outcome == core::Outcome::device_refused) change.requests = Manner{};
  this->change(name, change, now);
}

}  // namespace holdfast::cases
