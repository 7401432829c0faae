// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What must hold for each thing that the device does.
#include <algorithm>

#include "sim/invariants.h"

namespace holdfast::sim {

using core::Action;
using core::ActionKind;
using core::Outcome;
using core::Repeat;
using core::RequestEnd;

ServerState Invariants::final_state(uint8_t server) const {
  return device_->core().servers().at(server).health.state();
}

// A state may change between an action and the word of that change; only what is so in both counts.
bool Invariants::serves(uint8_t server) const {
  const auto yes = [](ServerState s) { return s == ServerState::up || s == ServerState::suspect; };
  return yes(states_[server]) && yes(final_state(server));
}

// It has really been well for a while, as far as the server itself is concerned.
bool Invariants::innocent(uint8_t server, Instant now) const {
  const SimServer& truth = servers_->at(server);
  const bool clock =
      scenario_.untrusted_boot_percent != 0 && now - device_->booted_at() < seconds(600);
  return truth.sound() && now - truth.last_trouble > seconds(60) && network_->lossless() && !clock;
}

// Something was in the way lately that the device could take for the server's fault.
bool Invariants::untold(uint8_t server, Instant now) const {
  return now - network_->last_untold(server, now) < seconds(60);
}

void Invariants::action(const Action& action, const Call* call, Instant now) {
  count(action);
  switch (action.kind) {
    case ActionKind::probe:
      return probe(action, now);
    case ActionKind::attempt:
      return attempt(action, call, now);
    case ActionKind::finish:
      return finish(action, call, now);
    case ActionKind::ask_cache:
      if (call != nullptr && (call->home_denied || call->foreign_denied))
        broken("29", "the cache is asked after a denial", now);
      return;
    case ActionKind::state_changed:
      return state_changed(action, now);
    case ActionKind::switched:
      return switched(action, now);
    default:
      return;
  }
}

void Invariants::probe(const Action& action, Instant now) {
  if (now - last_probe_[action.server] < milliseconds(500))
    broken("25", "two probes of a server within 500 ms", now);
  last_probe_[action.server] = now;
  probes_.push_back(now);
  while (now - probes_.front() > seconds(60)) probes_.pop_front();
  if (!quiet(now)) return;
  const size_t least = scenario_.config.probe.probe_s < 10 ? 16 : 15;
  if (probes_.size() > least * servers_->count())
    broken("S6", std::to_string(probes_.size()) + " probes a minute with nobody there", now);
}

// Nothing has been wrong, and nobody has been there, for five minutes.
bool Invariants::quiet(Instant now) const {
  const Duration long_enough = seconds(300);
  if (now - last_busy_ < seconds(61) || !network_->lossless() ||
      now - device_->booted_at() < long_enough || now - device_->stall_ended() < long_enough)
    return false;
  for (uint8_t s = 0; s < servers_->count(); ++s) {
    const Instant clear = network_->clear_since(s);
    if (states_[s] != ServerState::up || now - up_since_[s] < long_enough ||
        !servers_->at(s).sound() || now - servers_->at(s).sound_since < long_enough ||
        clear == Instant::never() || now - clear < long_enough ||
        now - servers_->at(s).stunned_until < long_enough)
      return false;
  }
  return true;
}

void Invariants::attempt(const Action& action, const Call* call, Instant now) {
  const uint8_t s = action.server;
  const auto both = [&](ServerState state) {
    return states_[s] == state && final_state(s) == state;
  };
  if (both(ServerState::down)) broken("S5", "an attempt at a server that is down", now);
  if (both(ServerState::quarantined)) broken("22", "an attempt at a quarantined server", now);
  if (action.last_good_address) reached_->hit(Sometimes::last_good_address);
  if (call == nullptr) return broken("S2", "an attempt for a request that has ended", now);
  if (call->spec.repeat == Repeat::never && call->maybe_sent)
    broken("S1", "request " + std::to_string(call->id) + " may be sent once, and is sent again",
           now);
  const uint8_t session = call->spec.prefer;
  if (call->attempts != 0 || session == kNoServer || call->spec.only != kNoServer) return;
  if (serves(session) && s != session && told_to_wait_[session] <= now)
    broken("14", "a session's request went elsewhere though its server serves", now);
  if (s == session && route_.kind == RouteKind::server && route_.server != s)
    reached_->hit(Sometimes::session_kept);
}

void Invariants::finish(const Action& action, const Call* call, Instant now) {
  if (call == nullptr || call->ended)
    return broken("S2", "request " + std::to_string(action.request) + " ended twice", now);
  ++ended_;
  const Instant limit = later(call->deadline, device_->stall_ended());
  if (now > limit) longest_over_ = longer(longest_over_, now - limit);
  if (now > limit + milliseconds(50))
    broken("12", "request " + std::to_string(call->id) + " ended late", now);
  const bool unserved = action.end == RequestEnd::timed_out ||
                        action.end == RequestEnd::unreachable ||
                        action.end == RequestEnd::outcome_unknown;
  if (unserved && call->spec.only == kNoServer && call->spec.repeat != Repeat::never) ++unserved_;
  if (unserved) check_unserved(*call, action.end, now);
  if (call->spec.kind != core::RequestKind::login) return;
  const bool granted = action.end == RequestEnd::granted || action.end == RequestEnd::provisional;
  if (granted && call->home_denied) broken("29", "home denied, and the login was granted", now);
  if (granted && call->foreign_denied && action.id == 0)
    broken("29", "a cluster denied, and the cache granted", now);
}

// Whoever may be asked, is well and was known to be for as long as the request lasted, would have
// answered it.
void Invariants::check_unserved(const Call& call, RequestEnd end, Instant now) {
  if (call.spec.only != kNoServer || call.spec.repeat != Repeat::safe || call.spec.background ||
      !network_->lossless() || now - device_->stall_ended() < seconds(60) || device_->told_down())
    return;
  // A server that swallows requests and answers probes is found out by the requests it swallows,
  // beyond the hedges' budget; one that says 429 is waited for.
  for (uint8_t s = 0; s < servers_->count(); ++s) {
    const SimServer& truth = servers_->at(s);
    const bool swallows = truth.fault == StepKind::gray || truth.fault == StepKind::half_open;
    if ((swallows && truth.last_trouble > call.began) || told_to_wait_[s] > call.began) return;
  }
  const bool login = call.spec.kind == core::RequestKind::login;
  const bool anywhere = scenario_.config.login.accept_login_from == AcceptLogin::any;
  for (uint8_t s = 0; s < servers_->count(); ++s) {
    const SimServer& truth = servers_->at(s);
    const bool known = states_[s] == ServerState::up && final_state(s) == ServerState::up &&
                       up_since_[s] < call.began && innocent(s, now) && !untold(s, now) &&
                       network_->clear_since(s) < call.began &&
                       now - truth.stunned_until > seconds(60) &&
                       !device_->core().servers().at(s).health.device_refused();
    // A password goes to two clusters only where that was opted for.
    const bool secret = call.spec.password && call.first < servers_->count() &&
                        servers_->at(call.first).cluster != truth.cluster &&
                        !scenario_.config.login.hedge_passwords_across_clusters;
    if (known && !secret && (!login || anywhere || truth.cluster == 0) &&
        now - call.began > seconds(3))
      return broken("S7",
                    "request " + std::to_string(call.id) + " ended as " + to_string(end) +
                        ", and server " + static_cast<char>('a' + s) + " was there for it",
                    now);
  }
}

void Invariants::state_changed(const Action& action, Instant now) {
  const uint8_t s = action.server;
  states_[s] = action.to;
  up_since_[s] = now;
  if (action.to == ServerState::down) recent_[s].clear();
  const bool worse = action.to == ServerState::down || action.to == ServerState::suspect;
  if (!worse) return;
  const bool by_silence =
      !answering_ || outcome_ == Outcome::timed_out || outcome_ == Outcome::unreachable;
  if (device_->told_down() && by_silence)
    broken("17",
           std::string("without a link, server ") + static_cast<char>('a' + s) + " became " +
               to_string(action.to),
           now);
  // A server that has yet to prove itself falls back at the first silence.
  if (action.to != ServerState::down || action.from == ServerState::reopen || !innocent(s, now) ||
      untold(s, now))
    return;
  const bool ours = now - device_->stall_ended() < seconds(60) ||
                    now - network_->clear_since(s) < seconds(60) || !network_->path_clear(s);
  broken(ours ? "17" : "15", "a healthy server was put down", now);
}

void Invariants::switched(const Action& action, Instant now) {
  if (action.from_route != route_) broken("16", "a switch from a server not in charge", now);
  const Route from = route_;
  route_ = action.to_route;
  if (core::is_return(action.reason)) returned(action, now);
  const bool counts = from.kind == RouteKind::server || route_.kind == RouteKind::server;
  if (counts && action.reason != SwitchReason::started) {
    switches_.push_back(now);
    ++switches_ever_;
  }
  while (!switches_.empty() && now - switches_.front() > seconds(7200)) switches_.pop_front();
  in_charge_since_ = now;
  requested_ = false;
  const bool left =
      action.reason == SwitchReason::failed || action.reason == SwitchReason::draining ||
      action.reason == SwitchReason::quarantined || action.reason == SwitchReason::return_failed;
  if (left && from.kind == RouteKind::server && innocent(from.server, now) &&
      !untold(from.server, now))
    broken("15", "a server was left that at most stood still for 2 s", now);
}

void Invariants::returned(const Action& action, Instant now) {
  ++returns_;
  if (action.reason == SwitchReason::requested) {
    if (!requested_) broken("15", "a return by hand that nobody asked for", now);
    return;
  }
  if (surely_last_hour(now) >= scenario_.config.failback.max_switches_per_hour)
    broken("15", "a return after " + std::to_string(surely_last_hour(now)) + " switches in an hour",
           now);
  const Duration stay = now - in_charge_since_;
  if (stay >= seconds(scenario_.config.failback.hold_down_s)) return;
  reached_->hit(Sometimes::returned_in_grace);
  // Only a short outage excuses that. The device saw the first sign of it with its next probe.
  const SimServer& truth = servers_->at(action.to_route.server);
  const bool seen = truth.sound() && truth.outage_ended != Instant::never() &&
                    truth.outage_began < in_charge_since_ &&
                    truth.outage_began > device_->booted_at() && truth.fault <= StepKind::vanish;
  const Duration unseen = seconds(probe_s()) * 3 / 2 + seconds(15);
  const Duration grace =
      milliseconds(scenario_.config.servers[action.to_route.server].cluster_grace_ms);
  const bool path = untold(truth.index, now) || now - network_->clear_since(truth.index) < stay;
  // Nor before there was a way there.
  const Instant visible = later(truth.outage_began, network_->clear_since(truth.index));
  if (seen && !path && truth.outage_ended - visible > grace + unseen)
    broken("14", "returned before the hold-down was over", now);
}

void Invariants::count(const Action& action) {
  const auto hit = [&](bool yes, Sometimes what) {
    if (yes) reached_->hit(what);
  };
  if (action.kind == ActionKind::switched) {
    const SwitchReason reason = action.reason;
    hit(reason == SwitchReason::failed, Sometimes::switched_failed);
    hit(reason == SwitchReason::draining, Sometimes::switched_draining);
    hit(reason == SwitchReason::quarantined, Sometimes::switched_quarantined);
    hit(reason == SwitchReason::returned, Sometimes::returned);
    hit(reason == SwitchReason::requested, Sometimes::returned_by_hand);
    hit(reason == SwitchReason::return_failed, Sometimes::return_failed);
    hit(reason == SwitchReason::recovered, Sometimes::recovered);
    hit(action.to_route.kind == RouteKind::none, Sometimes::route_none);
    hit(action.to_route.kind == RouteKind::direct, Sometimes::route_direct);
  } else if (action.kind == ActionKind::state_changed) {
    const std::string cause = action.cause;
    hit(action.from == ServerState::suspect && action.to == ServerState::up,
        Sometimes::suspect_cleared);
    hit(cause == "probes pass, requests fail", Sometimes::gray);
    hit(action.to == ServerState::quarantined, Sometimes::quarantined);
  } else if (action.kind == ActionKind::local_changed) {
    hit(action.local == LocalHealth::network_down, Sometimes::network_down);
    hit(action.local == LocalHealth::local_stall, Sometimes::local_stall);
    hit(action.local == LocalHealth::clock_untrusted, Sometimes::clock_untrusted);
    hit(action.local == LocalHealth::device_refused, Sometimes::device_refused);
  } else if (action.kind == ActionKind::finish) {
    hit(action.end == RequestEnd::provisional, Sometimes::provisional);
    hit(action.end == RequestEnd::outcome_unknown, Sometimes::outcome_unknown);
    hit(action.end == RequestEnd::too_busy, Sometimes::too_busy);
    hit(action.end == RequestEnd::timed_out, Sometimes::timed_out);
    hit(action.end == RequestEnd::unreachable, Sometimes::unreachable);
    hit(action.end == RequestEnd::cancelled, Sometimes::cancelled);
    hit(action.end == RequestEnd::answered && answering_ && outcome_ == Outcome::server_error,
        Sometimes::answered_with_error);
  }
  hit(action.kind == ActionKind::alarm_split_brain, Sometimes::split_brain);
  hit(action.kind == ActionKind::contradicted, Sometimes::contradicted);
}

}  // namespace holdfast::sim
