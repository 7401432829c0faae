// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What must hold as time passes and as answers come. Actions are judged in invariants_actions.cc.
#include "sim/invariants.h"

#include <algorithm>
#include <utility>

namespace holdfast::sim {

using core::Evidence;
using core::Outcome;

const char* invariant_name(const std::string& number) {
  static constexpr std::pair<const char*, const char*> kNames[] = {
      {"12", "each call ends by its deadline + 50 ms"},
      {"13", "a dead server in charge is left in time"},
      {"14", "a healthy preferred server is returned to, and a session stays where it is"},
      {"15", "returns are limited, and nothing is left for a stun of 2 s"},
      {"16", "one target in charge, and what is stale changes nothing"},
      {"17", "the device's own trouble puts no server down"},
      {"18", "a server whose requests fail is not up"},
      {"22", "nothing goes to a server that isn't trusted"},
      {"25", "retries, hedges and probes stay within their budgets"},
      {"27", "after everything is repaired, everything settles"},
      {"28", "the same seed gives the same trace"},
      {"29", "a denial never becomes a grant"},
      {"S1", "what may not be repeated is sent once"},
      {"S2", "a request ends once"},
      {"S3", "the next deadline lies ahead"},
      {"S4", "the queue of actions never overflows"},
      {"S5", "nothing is asked of a server that is down"},
      {"S6", "an idle device is quiet"},
      {"S7", "a request that a healthy server could answer is answered"},
  };
  for (const auto& [known, name] : kNames)
    if (number == known) return name;
  return "?";
}

Invariants::Invariants(const Scenario& scenario, const Servers* servers, const Network* network,
                       const Device* device, Reached* reached)
    : scenario_(scenario),
      servers_(servers),
      network_(network),
      device_(device),
      reached_(reached) {}

void Invariants::broken(const char* number, const std::string& detail, Instant now) {
  if (violation_.found) return;
  violation_ = {true, number, invariant_name(number), detail, now};
}

// ---- the device's life

void Invariants::booted(Instant now) {
  states_ = {};
  route_ = {};
  recent_ = {};
  counts_ = {};
  last_probe_.fill(Instant{-1000000000});
  up_since_.fill(now);
  probes_.clear();
  hold_down_ = {};
  requested_ = false;
}

void Invariants::power_off(Instant now) {
  present_since_ = Instant::never();
  in_charge_since_ = now;
  dead_watch_ = return_watch_ = Instant::never();
}

void Invariants::presence(bool present, Instant now) {
  present_since_ = present ? now : Instant::never();
}

uint32_t Invariants::probe_s() const {
  uint32_t longest = scenario_.config.probe.probe_s;
  for (const uint32_t wish : scenario_.probe_wish_s)
    if (wish != 0) longest = std::max(longest, std::max(5u, wish));
  return longest;
}

uint32_t Invariants::switches_within(Duration past, Instant now) const {
  return static_cast<uint32_t>(std::count_if(switches_.begin(), switches_.end(),
                                             [&](Instant at) { return now - at < past; }));
}

// What the device must count, and what it may count: its clock may have been stepped, and a restart
// keeps whole milliseconds.
uint32_t Invariants::surely_last_hour(Instant now) const {
  return switches_within(seconds(3599) - clock_slack_, now);
}

uint32_t Invariants::perhaps_last_hour(Instant now) const {
  return switches_within(seconds(3601) + clock_slack_, now);
}

// ---- time has passed

void Invariants::before_event(Instant now) {
  if (!device_->powered() || device_->stalled()) return;
  check_deadlines(now);
  check_leaving(now);
  check_return(now);
}

void Invariants::check_deadlines(Instant now) {
  for (const Call& call : device_->calls()) {
    if (call.ended) continue;
    const Instant limit = later(call.deadline, device_->stall_ended()) + milliseconds(50);
    if (now > limit)
      broken("12", "request " + std::to_string(call.id) + " is open after its deadline", now);
  }
}

// 13. A server that is really dead, with another that is really fine and known to be.
void Invariants::watch_dead(Instant now) {
  const Route route = device_->core().route();
  bool watch = route.kind == RouteKind::server && servers_->at(route.server).dead() &&
               !device_->told_down() && network_->path_clear(route.server);
  bool candidate = false;
  for (uint8_t s = 0; s < servers_->count() && watch; ++s) {
    const bool up = device_->core().servers().at(s).health.state() == ServerState::up;
    const SimServer& server = servers_->at(s);
    candidate = candidate || (s != route.server && up && server.sound() &&
                              server.stunned_until < now && network_->path_clear(s));
  }
  watch = watch && candidate;
  if (!watch) {
    dead_watch_ = Instant::never();
  } else if (dead_watch_ == Instant::never() || dead_server_ != route.server) {
    dead_watch_ = now;
    dead_server_ = route.server;
    first_refusal_[route.server] = Instant::never();
  }
}

void Invariants::check_leaving(Instant now) {
  if (dead_watch_ == Instant::never()) return;
  const uint8_t s = dead_server_;
  // Answers under way when it died still came: the device can't know before the last of them. The
  // loop's own lateness counts once for each of the five wake-ups that it takes.
  const Instant heard = later(last_answer_[s], told_to_wait_[s]);
  const Instant since = later(later(dead_watch_, heard), device_->stall_ended());
  const Duration slack =
      scenario_.host_lateness * 5 + (network_->lossless() ? Duration{0} : seconds(3));
  const Duration idle = seconds(probe_s()) * 22 / 10 + seconds(10) + slack;
  if (now > since + idle)
    return broken("13", "nobody at the panel, and the dead server is still in charge", now);
  if (present_since_ == Instant::never()) return;
  const Instant present = later(since, present_since_);
  if (now > present + seconds(5) + slack)
    return broken("13", "a user has waited 5 s for a dead server to be left", now);
  const Instant refused = first_refusal_[s];
  if (refused != Instant::never() && network_->lossless() &&
      now > later(present, refused) + seconds(1) + slack)
    broken("13", "a user has waited 1 s after a refused connection", now);
}

// 14. Everything a return asks for has been so for long enough.
void Invariants::watch_return(Instant now) {
  const Route route = device_->core().route();
  const bool watch = scenario_.config.failback.mode == FailbackMode::automatic &&
                     route.kind == RouteKind::server && route.server != 0 &&
                     servers_->at(0).sound() && network_->path_clear(0) && network_->lossless() &&
                     !device_->told_down() && servers_->at(0).stunned_until <= now &&
                     now - device_->booted_blind_at() > seconds(3600) &&
                     perhaps_last_hour(now) < scenario_.config.failback.max_switches_per_hour;
  if (!watch) {
    return_watch_ = Instant::never();
    return_hold_down_ = {};
  } else if (return_watch_ == Instant::never()) {
    return_watch_ = now;
  }
  return_hold_down_ = longer(return_hold_down_, device_->core().hold_down());
}

void Invariants::check_return(Instant now) {
  if (return_watch_ == Instant::never()) return;
  const uint32_t spread = std::max(scenario_.config.failback.spread_s, scenario_.spread_wish_s[0]);
  // T: a Retry-After or a quarantine to be sat out, three spaced probes, and a minute.
  const Duration t = seconds(360 + 60 + 60) + seconds(probe_s()) * 5;
  const Instant since = later(return_watch_, device_->stall_ended());
  if (now > since + return_hold_down_ + seconds(spread) + t)
    broken("14", "the preferred server has been healthy for long, and isn't in charge", now);
}

// ---- an event has been dealt with

void Invariants::after_event(Instant now) {
  if (!device_->powered()) return;
  if (device_->user_present() || !device_->calls().empty()) last_busy_ = now;
  if (device_->stalled()) {
    dead_watch_ = return_watch_ = Instant::never();
    return;
  }
  if (device_->core().route() != route_)
    broken("16", "the route isn't the one that was announced", now);
  watch_dead(now);
  watch_return(now);
  check_budgets(now);
}

void Invariants::check_budgets(Instant now) {
  const core::RequestCounts& counts = device_->core().counts();
  if (counts.hedges > counts.requests / 50 + 5)
    broken("25",
           std::to_string(counts.hedges) + " hedges for " + std::to_string(counts.requests) +
               " requests",
           now);
  if (counts.retries > counts.requests / 10 + 5 * servers_->count())
    broken("25",
           std::to_string(counts.retries) + " retries for " + std::to_string(counts.requests) +
               " requests",
           now);
  if (counts.hedges > counts_.hedges) reached_->hit(Sometimes::hedge);
  if (counts.races > counts_.races) reached_->hit(Sometimes::race);
  if (counts.retries > counts_.retries) reached_->hit(Sometimes::retry);
  counts_ = counts;
  const Duration hold_down = device_->core().hold_down();
  if (hold_down_.us != 0 && hold_down > hold_down_) reached_->hit(Sometimes::hold_down_doubled);
  hold_down_ = hold_down;
  const Instant planned = device_->core().planned_return();
  if (planned != Instant::never() &&
      surely_last_hour(now) >= scenario_.config.failback.max_switches_per_hour)
    reached_->hit(Sometimes::hour_limit);
}

void Invariants::drained(size_t count, Instant now) {
  const size_t room = 64 + 8 * size_t{scenario_.config.limit.max_requests} + 16 * kMaxServers;
  if (count >= room) broken("S4", std::to_string(count) + " actions at once", now);
}

void Invariants::ticked(Instant next, Instant now) {
  if (next <= now) broken("S3", "to be called again at once, for ever", now);
}

// ---- answers

Invariants::Snapshot Invariants::snapshot(size_t server) const {
  const core::Health& health =
      device_->core().servers().at(static_cast<ServerIndex>(server)).health;
  return {health.state(), health.proof(), health.instance(), health.epoch(),
          health.latency().count()};
}

void Invariants::before_result(const Exchange& e, const Evidence& evidence, bool live, bool stale,
                               Instant now) {
  (void)e;
  (void)live;
  (void)now;
  outcome_ = evidence.outcome;
  answering_ = true;
  if (!stale) return;
  for (size_t s = 0; s < servers_->count(); ++s) before_[s] = snapshot(s);
}

void Invariants::after_result(const Exchange& e, const Evidence& evidence, bool live, bool stale,
                              Instant now) {
  answering_ = false;
  if (stale) {
    reached_->hit(live ? Sometimes::stale_result : Sometimes::late_after_cancel);
    for (size_t s = 0; s < servers_->count(); ++s)
      if (!(before_[s] == snapshot(s)))
        broken("16", std::string("a stale answer changed server ") + static_cast<char>('a' + s),
               now);
    return;
  }
  const bool silence = evidence.outcome == Outcome::timed_out ||
                       evidence.outcome == Outcome::unreachable ||
                       evidence.outcome == Outcome::name_unavailable;
  if (!silence && evidence.outcome != Outcome::refused) {
    last_answer_[e.server] = now;
    first_refusal_[e.server] = Instant::never();
  }
  const bool busy =
      evidence.outcome == Outcome::too_many || evidence.outcome == Outcome::unavailable;
  const Duration pause =
      seconds(std::min(evidence.retry_after_s, scenario_.config.down.retry_after_max_s));
  if (busy) told_to_wait_[e.server] = now + longer(seconds(1), pause) * 6 / 5;
  const bool refuses = servers_->at(e.server).fault == StepKind::refuse ||
                       servers_->at(e.server).fault == StepKind::restart;
  if (evidence.outcome == Outcome::refused && e.server == dead_server_ && refuses &&
      first_refusal_[e.server] == Instant::never())
    first_refusal_[e.server] = now;
  if (!silence && device_->told_down()) reached_->hit(Sometimes::answer_while_unplugged);

  const ServerState state = final_state(e.server);
  if (e.probe) {
    uint64_t& seen = epoch_seen_[e.server];
    if (evidence.outcome != Outcome::good || !evidence.identity.active) return;
    if (evidence.identity.epoch < seen &&
        (state == ServerState::up || state == ServerState::reopen))
      broken("16", "a node with an older epoch is taken for the active one", now);
    seen = std::max(seen, evidence.identity.epoch);
    return;
  }
  for (const Call& call : device_->calls()) {
    if (call.id != e.request) continue;
    if (call.ended && call.home_denied)
      broken("29", "home denied late, and the session goes on", now);
    if (evidence.verdict == Verdict::granted && !call.ended) reached_->hit(Sometimes::held_answer);
  }
  // 18. The window of real requests; what timed out isn't counted here, so this asks for less.
  const bool failed =
      evidence.outcome == Outcome::server_error || evidence.outcome == Outcome::bad_gateway ||
      evidence.outcome == Outcome::unavailable || evidence.outcome == Outcome::garbage;
  const bool good = evidence.outcome == Outcome::good ||
                    evidence.outcome == Outcome::client_error ||
                    evidence.outcome == Outcome::not_found;
  if (!failed && !good) return;
  std::deque<bool>& recent = recent_[e.server];
  if (state == ServerState::down) return recent.clear();
  recent.push_back(failed);
  const DownPolicy& policy = scenario_.config.down;
  if (recent.size() > policy.gray_window) recent.pop_front();
  const auto failures = std::count(recent.begin(), recent.end(), true);
  if (failed && recent.size() == policy.gray_window &&
      failures * 100 >= int64_t{policy.gray_percent} * policy.gray_window &&
      state == ServerState::up)
    broken("18", "half of its last requests failed, and it is up", now);
}

}  // namespace holdfast::sim
