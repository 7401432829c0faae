// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the machine is told.
#include "core/failover.h"
#include "core/mutants.h"

namespace holdfast::core {

// ---- events

void Failover::probe_result(uint32_t probe, const Evidence& evidence, Instant now) {
  notice_stall(now);  // a host hands over what has come before it looks at the time
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    Server& server = servers_.at(s);
    for (Probe& slot : server.probes) {
      if (slot.id == 0 || slot.id != probe) continue;
      const Probe done = slot;
      slot = {};
      if (evidence.outcome != Outcome::good) ++server.probes_failed;
      const bool stale = done.generation != server.health.generation();
      if (stale && !mutant(Mutant::stale_generation)) return;
      heard(server, evidence, done.sent_at);
      judge_local(now);
      const bool blind = proves_nothing(evidence, done.sent_at);
      if (blind && (local_.blames_us() || server.health.forgiven(done.sent_at))) {
        if (local_.blames_us()) server.health.forgive(now);
        // After a stall at once; without a network the next answer is only waited for.
        if (local_.health() != LocalHealth::network_down) probe_soon(s, now);
        return settle(now);
      }
      // No way to this one: to the others? Then it is the server, else the device.
      if (evidence.outcome == Outcome::unreachable) ask_all(now);
      const bool alone = route_.kind != RouteKind::server || server.health.in_grace(now);
      server.health.set_proof_spacing(milliseconds(alone ? config_.probe.suspect_interval_ms
                                                         : config_.failback.good_probe_spacing_ms));
      const uint64_t epoch = server.health.epoch();
      const HealthEffect effect = server.health.probe_result(evidence, done.sent_at, now, prng_);
      if (server.health.epoch() != epoch) save_ = true;
      if (evidence.outcome == Outcome::good) learn_wishes(server, evidence.identity);
      apply(s, effect, now);
      return settle(now);
    }
  }
}

void Failover::attempt_result(uint32_t attempt, const Evidence& evidence, Instant now) {
  notice_stall(now);
  AttemptInfo info;
  if (!requests_.find_attempt(attempt, &info)) return;
  Server& server = servers_.at(info.server);
  Evidence judged = evidence;
  judged.bulk = evidence.bulk || info.bulk;
  const bool current =
      info.generation == server.health.generation() || mutant(Mutant::stale_generation);
  HealthEffect effect;
  bool counts = false;
  if (current) {
    heard(server, judged, info.sent_at);
    judge_local(now);
    const bool blind = proves_nothing(judged, info.sent_at);
    counts = !(blind && (local_.blames_us() || server.health.forgiven(info.sent_at)));
    if (counts) effect = server.health.request_result(judged, info.sent_at, now, prng_);
    if (judged.outcome == Outcome::good && server.health.state() == ServerState::up)
      schedule(info.server, now);  // real traffic was answered: no probe needed for a while
  }
  // The request sees the server's new state before others follow from it.
  requests_.result(attempt, judged, now);
  apply(info.server, effect, now);
  if (counts) judge_canary(info.server, judged, info.sent_at, now);
  settle(now);
}

// Silence, or what the device says itself, for as long as the device may be at fault.
bool Failover::proves_nothing(const Evidence& evidence, Instant sent_at) const {
  if (evidence.outcome == Outcome::refused) return local_.own_refusal(sent_at);
  return evidence.outcome == Outcome::timed_out || evidence.outcome == Outcome::unreachable;
}

// Everything that answers in any way tells that the network and the device's own loop are fine.
void Failover::heard(Server& server, const Evidence& evidence, Instant sent_at) {
  server.asked = true;
  server.no_way = evidence.outcome == Outcome::unreachable;
  if (evidence.outcome == Outcome::name_unavailable)
    server.resolver_failed = true;
  else if (evidence.outcome != Outcome::timed_out)
    server.resolver_failed = false;
  switch (evidence.outcome) {
    case Outcome::refused:
      if (!local_.own_refusal(sent_at)) local_.answered(sent_at);
      return;
    case Outcome::timed_out:
    case Outcome::unreachable:
    case Outcome::name_unavailable:
    case Outcome::name_not_found:
    case Outcome::misconfigured:
      return;
    default:
      local_.answered(sent_at);
  }
}

Result<uint32_t> Failover::request(const RequestSpec& spec, Instant now) {
  RequestSpec routed = spec;
  const bool free = spec.only == kNoServer && spec.prefer == kNoServer;
  const bool none_ahead = canary_ == Canary::wanted || (canary_ == Canary::running &&
                                                        requests_.spec(canary_request_) == nullptr);
  const bool first = free && none_ahead && spec.repeat == Repeat::safe;
  // After a return one request goes ahead; the others stay where they are served until it is
  // answered.
  if (canary_ != Canary::none && free && !first) routed.prefer = canary_previous_;
  requests_.set_route(route_);
  const bool arrived = !spec.background && !was_present_;
  if (arrived) {
    was_present_ = true;  // before the request looks for a server
    present_since_ = now;
  }
  const Result<uint32_t> id = requests_.begin(routed, now);
  if (arrived) reschedule_all(now);
  if (first && id) {
    canary_ = Canary::running;
    canary_request_ = *id;
  }
  settle(now);
  return id;
}

void Failover::cancel(uint32_t request, Instant now) {
  requests_.cancel(request, now);
  settle(now);
}

void Failover::cache_verdict(uint32_t request, Verdict verdict, Instant now) {
  requests_.cache_verdict(request, verdict, now);
  settle(now);
}

void Failover::credentials_refreshed(ServerIndex server, bool changed, Instant now) {
  requests_.credentials_refreshed(server, changed, now);
  if (changed && servers_.listed(server)) probe_soon(server, now);
  settle(now);
}

void Failover::link(LinkState state, Instant now) {
  const bool was_blind = local_.blames_us();
  local_.link(state, now);
  // "No way there" was said of the network that was.
  if (state.usable()) {
    for (size_t rank = 0; rank < servers_.count(); ++rank)
      servers_.at(servers_.ranked(rank)).no_way = false;
  }
  judge_local(now);
  if (was_blind && !local_.blames_us()) {
    forgive_all(now);
    ask_all(now);
  }
  settle(now);
}

void Failover::clock_stepped(Instant now) {
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    if (servers_.at(s).health.certificate_not_yet_valid()) probe_soon(s, now);
  }
  settle(now);
}

void Failover::user_present(bool present, Instant now) {
  present_ = present;
  settle(now);
}

Status Failover::fail_back(Instant now) {
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    if (route_.kind == RouteKind::server && s == route_.server) break;
    const Health& health = servers_.at(s).health;
    if (!health.returnable()) continue;
    failback_.request();
    settle(now);
    return {};
  }
  return Code::not_found;
}

void Failover::attempt_timed_out(ServerIndex s, Instant sent_at, uint32_t generation, Instant now) {
  Server& server = servers_.at(s);
  if (generation != server.health.generation() || local_.blames_us()) return;
  if (server.health.forgiven(sent_at)) return;
  Evidence evidence;
  evidence.outcome = Outcome::timed_out;
  ++server.requests_failed;
  apply(s, server.health.request_result(evidence, sent_at, now, prng_), now);
  judge_canary(s, evidence, sent_at, now);
  unsettled_ = true;
}

void Failover::attempt_overtaken(ServerIndex s, Instant sent_at, uint32_t generation, Instant now) {
  Server& server = servers_.at(s);
  if (generation != server.health.generation() || local_.blames_us()) return;
  apply(s, server.health.overtaken(now), now);
  unsettled_ = true;
  // A quick hedge proves nothing: it must have had some time to answer (own choice).
  constexpr Duration kCanaryPatience = milliseconds(500);
  if (now - sent_at >= kCanaryPatience) doubt_canary(s, sent_at, now);
}

void Failover::look_at(ServerIndex server, Instant now) { probe_soon(server, now); }

// ---- the canary of a return

void Failover::judge_canary(ServerIndex s, const Evidence& evidence, Instant sent_at, Instant now) {
  if (canary_ == Canary::none || route_.kind != RouteKind::server || s != route_.server) return;
  switch (evidence.outcome) {
    case Outcome::good:
    case Outcome::client_error:
    case Outcome::not_found:
      canary_ = Canary::none;
      return;
    case Outcome::timed_out:
      return doubt_canary(s, sent_at, now);
    case Outcome::refused:
    case Outcome::garbage:
    case Outcome::server_error:
    case Outcome::bad_gateway:
    case Outcome::unavailable:
      return return_failed(now);
    default:
      return;
  }
}

// One canary without an answer may have been lost, or have met a stun that is over: the server is
// looked at, and the next request goes ahead. A second one, sent after that, is a verdict.
void Failover::doubt_canary(ServerIndex s, Instant sent_at, Instant now) {
  if (canary_ == Canary::none || route_.kind != RouteKind::server || s != route_.server) return;
  if (!canary_doubted_) {
    canary_doubted_ = true;
    canary_doubted_at_ = now;
    return probe_soon(s, now);
  }
  const bool again = sent_at >= canary_doubted_at_;
  if (again && now - canary_doubted_at_ >= milliseconds(config_.down.down_silence_ms))
    return_failed(now);
}

void Failover::return_failed(Instant now) {
  const ServerIndex previous = canary_previous_;
  if (servers_.listed(previous) && servers_.at(previous).health.state() == ServerState::up)
    switch_to({RouteKind::server, previous}, SwitchReason::return_failed, now);
}

}  // namespace holdfast::core
