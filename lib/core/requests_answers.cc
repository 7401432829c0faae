// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What answers and failures mean for a request, and how it ends.
#include <algorithm>

#include "core/mutants.h"
#include "core/requests.h"

namespace holdfast::core {

void Requests::result(uint32_t attempt, const Evidence& evidence, Instant now) {
  Attempt* slot = nullptr;
  Request* r = owner(attempt, &slot);
  if (r == nullptr) return;
  const Attempt a = *slot;
  *slot = {};
  Server& server = servers_->at(a.server);
  const bool answered = evidence.outcome == Outcome::good ||
                        evidence.outcome == Outcome::client_error ||
                        evidence.outcome == Outcome::not_found;
  if (answered) {
    server.retries.succeeded();
  } else {
    server.retries.failed();
    ++server.requests_failed;
  }

  if (r->lingering) {
    // Within home the first answer wins, and ends the wait.
    const bool word = evidence.outcome == Outcome::good && evidence.verdict != Verdict::unknown;
    if (word && server.home && !mutant(Mutant::contradiction_ignored)) {
      if (evidence.verdict == Verdict::denied)
        push_action(*out_, ActionKind::contradicted).request = r->id;
      cancel_attempts(*r, false);
      release(*r);
      return;
    }
  } else if (answered) {
    good(*r, a, evidence, now);
  } else {
    failed(*r, a, evidence, now);
  }
  if (r->id != 0) advance(*r, now);
}

void Requests::good(Request& r, const Attempt& a, const Evidence& e, Instant now) {
  const Answer answer{a.id, a.server, e.verdict};
  const bool first_runs =
      std::any_of(r.attempts.begin(), r.attempts.end(),
                  [&](const Attempt& other) { return other.id != 0 && other.server == r.first; });
  const bool early = now - r.start < milliseconds(policy_->cold_prefer_ms);
  // Home's denial is its last word, and its grant better than what another cluster says.
  const bool home = servers_->at(a.server).home;
  const bool final_word = home && e.verdict == Verdict::denied;
  if (r.cold && a.server != r.first && first_runs && early && !final_word) {
    const bool better = home && r.held.attempt != 0 && !servers_->at(r.held.server).home;
    if (r.held.attempt == 0 || better) r.held = answer;
    return;
  }
  conclude(r, answer, now);
}

void Requests::failed(Request& r, const Attempt& a, const Evidence& e, Instant now) {
  const auto bit = static_cast<uint16_t>(1u << a.server);
  switch (e.outcome) {
    case Outcome::device_refused:
      return refused_device(r, a, now);
    case Outcome::too_many:
      --r.tried[a.server];  // not a failure: it says when to come back
      return;
    case Outcome::request_timeout:
      if (repeatable(r) && (r.fresh_retry & bit) == 0) {
        r.fresh_retry = static_cast<uint16_t>(r.fresh_retry | bit);
        start(r, a.server, a.last_good_address, true, now);
        return;
      }
      break;
    case Outcome::name_unavailable:
      if ((r.address_retry & bit) == 0 && !a.last_good_address) {
        r.address_retry = static_cast<uint16_t>(r.address_retry | bit);
        start(r, a.server, true, a.fresh, now);
      }
      return;
    case Outcome::server_error:
    case Outcome::unavailable: {
      // An answer, if not the one hoped for: another server may do better, once.
      const bool second = r.error.attempt != 0 && e.outcome == Outcome::server_error;
      const Answer error{a.id, a.server, Verdict::unknown};
      if (!repeatable(r) || second) return finish(r, RequestEnd::answered, error, now);
      if (e.outcome == Outcome::server_error) r.error = error;
      return;
    }
    default:
      break;
  }
  if (!repeatable(r) && e.sent && e.outcome != Outcome::not_active)
    finish(r, RequestEnd::outcome_unknown, {}, now);
}

void Requests::refused_device(Request& r, const Attempt& a, Instant now) {
  if (!r.refreshed) {
    r.refreshed = true;
    r.awaiting_refresh = a.server;
    --r.tried[a.server];
    Action& action = push_action(*out_, ActionKind::refresh_credentials);
    action.server = a.server;
    action.request = r.id;
    return;
  }
  r.refused = true;
  if (running(r) == 0) finish(r, RequestEnd::device_refused, {}, now);
}

void Requests::credentials_refreshed(ServerIndex server, bool changed, Instant now) {
  for (Request& r : table_) {
    if (r.id == 0 || r.awaiting_refresh != server) continue;
    r.awaiting_refresh = kNoServer;
    if (!changed) {
      r.refused = true;
      ++r.tried[server];
      if (running(r) == 0) finish(r, RequestEnd::device_refused, {}, now);
    }
    if (r.id != 0) advance(r, now);
  }
}

// ---- conclusions

void Requests::conclude(Request& r, const Answer& answer, Instant now) {
  if (r.spec.kind == RequestKind::login && answer.verdict != Verdict::unknown)
    return conclude_login(r, answer, now);
  finish(r, RequestEnd::answered, answer, now);
}

// Home's word is final. Another cluster may grant, if it may at all, until home says otherwise; its
// refusal counts only when home can't be heard.
void Requests::conclude_login(Request& r, const Answer& answer, Instant now) {
  const bool home = servers_->at(answer.server).home;
  const bool granted = answer.verdict == Verdict::granted;
  if (home && !granted && mutant(Mutant::denial_to_cache))
    return nobody_left(r, RequestEnd::unreachable, now);
  if (home) return finish(r, granted ? RequestEnd::granted : RequestEnd::denied, answer, now);
  if (granted && r.foreign_denial.attempt == 0)
    return finish(r, RequestEnd::provisional, answer, now);
  if (r.foreign_denial.attempt == 0) r.foreign_denial = answer;
  r.held = {};
  if (home_runs(r)) return;
  for (size_t rank = 0; rank < servers_->count(); ++rank) {
    const ServerIndex s = servers_->ranked(rank);
    if (servers_->at(s).home && r.tried[s] == 0 && usable(s)) {
      start(r, s, false, false, now);
      return;
    }
  }
  finish(r, RequestEnd::denied, r.foreign_denial, now);
}

void Requests::cache_verdict(uint32_t request, Verdict verdict, Instant now) {
  Request* r = request == 0 ? nullptr : find(request);
  if (r == nullptr || r->lingering || !r->cache_pending) return;
  r->cache_pending = false;
  if (verdict == Verdict::denied) return cache_denial(*r, now);
  // A refusal never becomes a grant by the cache: not what is held, which may be one, nor the
  // device's own, which came meanwhile.
  const bool refused = r->refused || r->awaiting_refresh != kNoServer || !cache_allowed_;
  if (r->foreign_denial.attempt != 0 || r->held.attempt != 0) return;
  if (verdict == Verdict::granted && !refused) {
    // Home may still say otherwise.
    return finish(*r, home_runs(*r) ? RequestEnd::provisional : RequestEnd::granted, {}, now);
  }
  advance(*r, now);
}

// What home had said of this user once. It counts for more than what another cluster says now, and
// for less than what home says.
void Requests::cache_denial(Request& r, Instant now) {
  if (r.held.attempt != 0 && servers_->at(r.held.server).home) return;
  r.held = {};
  r.cache_denied = true;
  cancel_attempts(r, true);
  if (!home_runs(r)) finish(r, RequestEnd::denied, r.foreign_denial, now);
}

void Requests::nobody_left(Request& r, RequestEnd end, Instant now) {
  if (r.foreign_denial.attempt != 0) return finish(r, RequestEnd::denied, r.foreign_denial, now);
  if (r.error.attempt != 0) return finish(r, RequestEnd::answered, r.error, now);
  if (r.refused) return finish(r, RequestEnd::device_refused, {}, now);
  ask_cache(r);
  if (!r.cache_pending) finish(r, end, {}, now);
}

// The last leg. A refusal, be it another cluster's or of the device itself, is never asked away.
void Requests::ask_cache(Request& r) {
  if (!may_ask_cache(r)) return;
  r.cache_asked = r.cache_pending = true;
  push_action(*out_, ActionKind::ask_cache).request = r.id;
}

void Requests::server_lost(ServerIndex server, Instant now) {
  Evidence cut;
  cut.outcome = Outcome::refused;
  for (Request& r : table_) {
    if (r.id == 0) continue;
    for (Attempt& slot : r.attempts) {
      if (slot.id == 0 || slot.server != server) continue;
      const Attempt a = slot;
      slot = {};
      Action& action = push_action(*out_, ActionKind::cancel_attempt);
      action.server = server;
      action.id = a.id;
      servers_->at(server).retries.failed();
      if (!r.lingering) failed(r, a, cut, now);
      if (r.id == 0) break;
    }
    if (r.id != 0) advance(r, now);
  }
}

void Requests::expire(Request& r, Instant now) {
  bool waiting = false;
  for (const Attempt& a : r.attempts) {
    if (a.id == 0) continue;
    waiting = true;
    observer_->attempt_timed_out(a.server, a.sent_at, a.generation, now);
  }
  if (r.lingering) {
    cancel_attempts(r, false);
    return release(r);
  }
  if (r.cache_denied) return finish(r, RequestEnd::denied, r.foreign_denial, now);
  const bool was_sent =
      std::any_of(r.tried.begin(), r.tried.end(), [](uint8_t n) { return n > 0; });
  if (r.foreign_denial.attempt != 0) return finish(r, RequestEnd::denied, r.foreign_denial, now);
  if (r.held.attempt != 0) {
    const Answer held = r.held;
    r.held = {};
    return conclude(r, held, now);
  }
  if (r.error.attempt != 0) return finish(r, RequestEnd::answered, r.error, now);
  if (r.refused) return finish(r, RequestEnd::device_refused, {}, now);
  if (waiting && !repeatable(r)) return finish(r, RequestEnd::outcome_unknown, {}, now);
  finish(r, was_sent ? RequestEnd::timed_out : RequestEnd::unreachable, {}, now);
}

void Requests::finish(Request& r, RequestEnd end, const Answer& answer, Instant now) {
  const bool linger = end == RequestEnd::provisional && home_runs(r) && now < r.deadline;
  if (!linger) note_overtaken(r, answer, now);
  cancel_attempts(r, linger);
  Action& action = push_action(*out_, ActionKind::finish);
  action.request = r.id;
  action.end = end;
  action.id = answer.attempt;
  action.server = answer.attempt != 0 ? answer.server : kNoServer;
  if (linger) {
    r.lingering = true;
  } else {
    release(r);
  }
}

void Requests::note_overtaken(const Request& r, const Answer& answer, Instant now) {
  if (answer.attempt == 0) return;
  // Only who was asked first can be overtaken. Numbers are given in order, and may wrap.
  const auto earlier = [&](const Attempt& a) {
    return static_cast<int32_t>(a.id - answer.attempt) < 0;
  };
  for (const Attempt& a : r.attempts)
    if (a.id != 0 && a.server != answer.server && earlier(a))
      observer_->attempt_overtaken(a.server, a.sent_at, a.generation, now);
}

void Requests::cancel_attempts(Request& r, bool keep_home) {
  for (Attempt& a : r.attempts) {
    if (a.id == 0) continue;
    Server& server = servers_->at(a.server);
    if (keep_home && server.home) continue;
    Action& action = push_action(*out_, ActionKind::cancel_attempt);
    action.server = a.server;
    action.id = a.id;
    if (!r.spec.bulk && a.generation == server.health.generation())
      server.health.abandoned(a.sent_at);
    a = {};
  }
}

}  // namespace holdfast::core
