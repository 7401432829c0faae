// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Which server a request is sent to, and when. What answers mean is in requests_answers.cc.
#include "core/requests.h"

#include <algorithm>

namespace holdfast::core {

Requests::Requests(const RequestPolicy* policy, const LoginPolicy* login, size_t capacity,
                   ServerTable* servers, Ring<Action>* out, Prng* prng, RequestObserver* observer)
    : policy_(policy),
      login_(login),
      servers_(servers),
      out_(out),
      prng_(prng),
      observer_(observer),
      table_(capacity),
      budget_(*policy) {}

// ---- the table

Result<uint32_t> Requests::begin(const RequestSpec& spec, Instant now) {
  Request* r = find(0);
  if (r == nullptr) return failure(Code::busy);
  *r = Request{};
  r->id = next_request_++;
  if (next_request_ == 0) next_request_ = 1;
  r->spec = spec;
  r->start = now;
  r->deadline = now + (spec.deadline.us > 0 ? spec.deadline : milliseconds(policy_->deadline_ms));
  ++counts_.requests;
  budget_.request();
  const uint32_t id = r->id;
  advance(*r, now);
  return id;
}

void Requests::cancel(uint32_t request, Instant now) {
  Request* r = request == 0 ? nullptr : find(request);
  if (r == nullptr || r->lingering) return;
  finish(*r, RequestEnd::cancelled, {}, now);
}

Requests::Request* Requests::find(uint32_t id) {
  for (Request& r : table_)
    if (r.id == id) return &r;
  return nullptr;
}

const RequestSpec* Requests::spec(uint32_t request) const {
  for (const Request& r : table_)
    if (r.id == request && request != 0) return &r.spec;
  return nullptr;
}

Requests::Request* Requests::owner(uint32_t attempt, Attempt** found) {
  if (attempt == 0) return nullptr;
  for (Request& r : table_) {
    for (Attempt& a : r.attempts) {
      if (r.id == 0 || a.id != attempt) continue;
      *found = &a;
      return &r;
    }
  }
  return nullptr;
}

bool Requests::find_attempt(uint32_t attempt, AttemptInfo* info) const {
  Attempt* a = nullptr;
  const Request* r = const_cast<Requests*>(this)->owner(attempt, &a);
  if (r == nullptr) return false;
  *info = {a->server, a->sent_at, a->generation, r->spec.bulk};
  return true;
}

size_t Requests::running(const Request& r) const {
  return static_cast<size_t>(std::count_if(r.attempts.begin(), r.attempts.end(),
                                           [](const Attempt& a) { return a.id != 0; }));
}

bool Requests::someone_waits() const {
  return std::any_of(table_.begin(), table_.end(), [](const Request& r) {
    return r.id != 0 && !r.spec.background && !r.lingering;
  });
}

size_t Requests::under_way() const {
  return static_cast<size_t>(std::count_if(
      table_.begin(), table_.end(), [](const Request& r) { return r.id != 0 && !r.lingering; }));
}

// ---- time

void Requests::advance(Instant now) {
  for (Request& r : table_)
    if (r.id != 0) advance(r, now);
}

void Requests::advance(Request& r, Instant now) {
  if (now >= r.deadline) return expire(r, now);
  if (r.lingering) {
    if (!home_runs(r)) release(r);
    return;
  }
  const bool late = now - r.start >= milliseconds(login_->offline_after_ms);
  if (late) ask_cache(r);
  if (r.held.attempt != 0) {
    const bool first_runs =
        std::any_of(r.attempts.begin(), r.attempts.end(),
                    [&](const Attempt& a) { return a.id != 0 && a.server == r.first; });
    if (!first_runs || now - r.start >= milliseconds(policy_->cold_prefer_ms)) {
      const Answer held = r.held;
      conclude(r, held, now);
      if (r.id == 0 || r.lingering) return;  // else home is asked still
    }
  }
  if (running(r) == 0) begin_attempt(r, now);
  if (r.id != 0 && running(r) > 0) join(r, now);
}

Instant Requests::deadline(Instant now) const {
  Instant next = Instant::never();
  for (const Request& r : table_) {
    if (r.id == 0) continue;
    next = earlier(next, r.deadline);
    if (r.lingering) continue;
    if (may_ask_cache(r)) next = earlier(next, r.start + milliseconds(login_->offline_after_ms));
    if (r.held.attempt != 0) next = earlier(next, r.start + milliseconds(policy_->cold_prefer_ms));
    if (running(r) > 0) {
      next = earlier(next, earlier(r.hedge_at, rescue_at(r)));
      continue;
    }
    if (r.retry_at > now) next = earlier(next, r.retry_at);
    if (!repeatable(r)) {
      const Instant verdict = r.start + milliseconds(policy_->verdict_wait_ms);
      if (verdict > now) next = earlier(next, verdict);
    }
    for (size_t rank = 0; rank < servers_->count(); ++rank) {
      const Instant busy = servers_->at(servers_->ranked(rank)).health.busy_until();
      if (busy > now) next = earlier(next, busy);
    }
  }
  return next;
}

// ---- the first attempt, and the next one after a failure

void Requests::begin_attempt(Request& r, Instant now) {
  if (r.awaiting_refresh != kNoServer) return;
  // Home was asked still when the cache denied, and has nothing to say.
  if (r.cache_denied) return finish(r, RequestEnd::denied, r.foreign_denial, now);
  ServerIndex s = next_untried(r, false, now);
  const bool again = s == kNoServer;
  if (again && r.error.attempt == 0) s = retry_choice(r);
  if (s == kNoServer) {
    const Wait wait = waits_for(r, now);
    if (wait == Wait::failover) ask_cache(r);
    if (wait == Wait::nobody) nobody_left(r, RequestEnd::unreachable, now);
    return;
  }
  if (busy_for_too_long(r, s, now)) {
    const ServerIndex other = idle_peer(r, s, now);
    if (other != kNoServer) {
      start(r, other, false, false, now);
      return;
    }
    // Nobody is waited for in vain: what is known to come too late is as good as no answer.
    if (servers_->at(s).health.busy_until() >= r.deadline)
      return nobody_left(r, RequestEnd::too_busy, now);
    ask_cache(r);
  }
  const Health& health = servers_->at(s).health;
  if (health.busy_until() > now) return;
  if (!repeatable(r) && health.state() != ServerState::up &&
      health.state() != ServerState::draining &&
      now - r.start < milliseconds(policy_->verdict_wait_ms))
    return;  // what can't be repeated waits for the verdict
  if (again) {
    if (r.retry_at == Instant{}) {
      Duration limit = milliseconds(policy_->retry_base_ms);
      const Duration most = milliseconds(policy_->retry_max_ms);
      for (uint32_t i = 0; i < r.retries && limit < most; ++i) limit = limit * 2;
      r.retry_at = now + prng_->up_to(shorter(limit, most));
      ++r.retries;
    }
    if (now < r.retry_at) return;
    ++counts_.retries;
  }
  r.retry_at = {};
  start(r, s, false, false, now);
}

bool Requests::start(Request& r, ServerIndex s, bool last_good, bool fresh, Instant now) {
  const auto free = std::find_if(r.attempts.begin(), r.attempts.end(),
                                 [](const Attempt& a) { return a.id == 0; });
  if (free == r.attempts.end()) return false;
  if (mutant(Mutant::deadline_per_attempt)) r.deadline = now + (r.deadline - r.start);
  Server& server = servers_->at(s);
  const bool unheard = server.health.state() == ServerState::initial;
  *free = {next_attempt_++,
           s,
           now,
           server.health.generation(),
           last_good || server.resolver_failed,
           fresh};
  if (next_attempt_ == 0) next_attempt_ = 1;
  if (r.first == kNoServer) {
    r.first = s;
    r.cold = unheard;
  }
  ++r.tried[s];
  r.hedge_at = now + (unheard ? milliseconds(policy_->cold_join_ms)
                              : hedge_delay(server.health.latency(), *policy_));
  if (!r.spec.bulk) server.health.sent(now);
  ++server.requests_sent;

  Action& action = push_action(*out_, ActionKind::attempt);
  action.server = s;
  action.id = free->id;
  action.request = r.id;
  action.timeout = r.deadline - now;
  action.fresh = fresh;
  action.last_good_address = free->last_good_address;
  return true;
}

// ---- the next server as well

// When a person has waited so long that the hedge budget doesn't count any more.
Instant Requests::rescue_at(const Request& r) const {
  if (r.rescued || r.spec.background) return Instant::never();
  return r.start + milliseconds(login_->offline_after_ms);
}

void Requests::join(Request& r, Instant now) {
  const Attempt* suspect = nullptr;
  const Attempt* slow = nullptr;
  bool unheard = true;
  for (const Attempt& a : r.attempts) {
    if (a.id == 0) continue;
    const ServerState state = servers_->at(a.server).health.state();
    const bool answered_for = (r.hedged_from >> a.server) & 1;
    if (state == ServerState::suspect && !answered_for) suspect = &a;
    if (state != ServerState::initial) unheard = false;
    if (slow == nullptr || a.sent_at > slow->sent_at) slow = &a;
  }
  const bool due = now >= r.hedge_at;
  const bool rescue = now >= rescue_at(r);
  if (suspect == nullptr && !due && !rescue) return;
  const ServerIndex from = suspect != nullptr ? suspect->server : slow->server;
  if (due) {
    // Also where nobody may join, or this moment would stay due for ever.
    r.hedge_at = Instant::never();
    if (!r.spec.bulk) observer_->look_at(from, now);
  }
  const bool alone = !repeatable(r) || r.spec.only != kNoServer || running(r) >= r.attempts.size();
  const ServerIndex to = alone ? kNoServer : next_untried(r, true, now);
  if (rescue) r.rescued = true;
  if (to == kNoServer) return;
  if (suspect != nullptr) {
    ++counts_.races;  // exempt from the budget: a suspect isn't a slow server
  } else if (rescue) {
    ++counts_.races;  // so is one that let a person wait for so long, whatever its probes say
  } else if (!unheard) {
    if (r.spec.background || !budget_.take()) return;
    ++counts_.hedges;
  }
  r.hedged_from = static_cast<uint16_t>(r.hedged_from | (1u << from));
  start(r, to, false, false, now);
}

// ---- choices

bool Requests::usable(ServerIndex s) const {
  const ServerState state = servers_->at(s).health.state();
  return state == ServerState::up || state == ServerState::suspect ||
         state == ServerState::initial || state == ServerState::reopen;
}

bool Requests::permitted(const Request& r, ServerIndex s, bool concurrent) const {
  if (!servers_->listed(s)) return false;
  const Server& server = servers_->at(s);
  if (r.spec.only != kNoServer) return s == r.spec.only;
  const bool login = r.spec.kind == RequestKind::login;
  if (login && login_->accept_login_from == AcceptLogin::same_cluster && !server.home) return false;
  // Once another cluster or the cache has refused, only home can say otherwise.
  const bool refused = r.foreign_denial.attempt != 0 || r.cache_denied;
  if (login && refused && !server.home) return false;
  if (r.first == kNoServer) return true;
  const bool same_data = servers_->at(r.first).cluster == server.cluster;
  if (r.spec.repeat == Repeat::keyed && !same_data) return false;
  const bool alone =
      r.spec.single_cluster || (r.spec.password && !login_->hedge_passwords_across_clusters);
  if (concurrent && alone && !same_data) return false;
  return true;
}

ServerIndex Requests::first_choice(const Request& r) const {
  const auto serves = [&](ServerIndex s) {
    if (!permitted(r, s, false)) return false;
    const ServerState state = servers_->at(s).health.state();
    return state == ServerState::up || state == ServerState::suspect;
  };
  if (r.spec.only != kNoServer) {
    // Work that belongs to one server may also end there while it drains.
    const bool drains = servers_->listed(r.spec.only) &&
                        servers_->at(r.spec.only).health.state() == ServerState::draining;
    return servers_->listed(r.spec.only) && (drains || usable(r.spec.only)) ? r.spec.only
                                                                            : kNoServer;
  }
  if (r.spec.prefer != kNoServer && serves(r.spec.prefer) && !mutant(Mutant::session_moves))
    return r.spec.prefer;
  if (route_.kind == RouteKind::server && serves(route_.server)) return route_.server;
  return kNoServer;
}

// A server this request hasn't been to. `concurrent`: while another attempt is running.
ServerIndex Requests::next_untried(const Request& r, bool concurrent, Instant now) const {
  if (!concurrent) {
    const ServerIndex first = first_choice(r);
    if (first != kNoServer && r.tried[first] == 0) return first;
  }
  for (int pass = 0; pass < (concurrent ? 1 : 3); ++pass) {
    for (size_t rank = 0; rank < servers_->count(); ++rank) {
      const ServerIndex s = servers_->ranked(rank);
      if (r.tried[s] != 0 || !permitted(r, s, concurrent)) continue;
      const Health& health = servers_->at(s).health;
      const ServerState state = health.state();
      if (concurrent && (!health.accepts_hedges(now) || health.busy_until() > now)) continue;
      if (pass == 0 && (state == ServerState::up || state == ServerState::initial)) return s;
      if (pass == 1 && state == ServerState::suspect) return s;
      if (pass == 2 && state == ServerState::reopen) return s;
    }
  }
  return kNoServer;
}

// A Retry-After is obeyed, which says nothing of others: a person waits for as long as for a silent
// server, the rest until their deadline.
bool Requests::busy_for_too_long(const Request& r, ServerIndex s, Instant now) const {
  const Instant busy = servers_->at(s).health.busy_until();
  if (busy <= now) return false;
  if (busy >= r.deadline) return true;
  return !r.spec.background && busy > r.start + milliseconds(login_->offline_after_ms);
}

// Another server with the same data that can be asked at once. Only for people: a fleet's
// background work would carry the load that one server turns away to the next.
ServerIndex Requests::idle_peer(const Request& r, ServerIndex busy, Instant now) const {
  if (!repeatable(r) || r.spec.background) return kNoServer;
  for (size_t rank = 0; rank < servers_->count(); ++rank) {
    const ServerIndex s = servers_->ranked(rank);
    const Server& server = servers_->at(s);
    if (server.cluster != servers_->at(busy).cluster || r.tried[s] != 0 || !permitted(r, s, false))
      continue;
    if (server.health.state() == ServerState::up && server.health.busy_until() <= now) return s;
  }
  return kNoServer;
}

// A server to ask once more, where that may be done.
ServerIndex Requests::retry_choice(const Request& r) const {
  const auto again = [&](ServerIndex s) {
    if (s == kNoServer || !permitted(r, s, false)) return false;
    const Server& server = servers_->at(s);
    return usable(s) && r.tried[s] < policy_->attempts_per_server && server.retries.allows();
  };
  const ServerIndex first = first_choice(r);
  if (again(first)) return first;
  for (size_t rank = 0; rank < servers_->count(); ++rank)
    if (again(servers_->ranked(rank))) return servers_->ranked(rank);
  return kNoServer;
}

// Nobody can be asked now, but somebody may be soon enough: a server that said until when it is
// busy, or a cluster in the middle of its own failover.
Requests::Wait Requests::waits_for(const Request& r, Instant now) const {
  if (r.error.attempt != 0 || r.foreign_denial.attempt != 0) return Wait::nobody;
  Wait wait = Wait::nobody;
  for (size_t rank = 0; rank < servers_->count(); ++rank) {
    const ServerIndex s = servers_->ranked(rank);
    if (!permitted(r, s, false) || r.tried[s] >= policy_->attempts_per_server) continue;
    const Health& health = servers_->at(s).health;
    const bool drains = health.state() == ServerState::draining;
    if (drains && health.draining_until() > now && health.draining_until() < r.deadline)
      return Wait::promised;
    if ((drains || health.state() == ServerState::down) && health.in_grace(now))
      wait = Wait::failover;
  }
  return wait;
}

bool Requests::home_runs(const Request& r) const {
  return std::any_of(r.attempts.begin(), r.attempts.end(),
                     [&](const Attempt& a) { return a.id != 0 && servers_->at(a.server).home; });
}

}  // namespace holdfast::core
