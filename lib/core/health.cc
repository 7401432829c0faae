// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/health.h"

#include <algorithm>

#include "core/mutants.h"

namespace holdfast::core {
namespace {

// A gray suspicion without a further failed request is dropped after this (own choice).
constexpr Duration kGrayLapse = seconds(30);

const char* soft_cause(Outcome outcome, bool probe) {
  if (!probe) return "requests fail with 502, 503 or 504";
  if (outcome == Outcome::client_error) return "the health path answers 4xx";
  if (outcome == Outcome::garbage) return "answers with something that isn't ours";
  return "answers 5xx or 408";
}

}  // namespace

Health::Health(const ProbePolicy* probe, const DownPolicy* down, const FailbackPolicy* failback,
               Duration cluster_grace) {
  reconfigure(probe, down, failback, cluster_grace);
  proof_spacing_ = milliseconds(failback->good_probe_spacing_ms);
}

void Health::reconfigure(const ProbePolicy* probe, const DownPolicy* down,
                         const FailbackPolicy* failback, Duration cluster_grace) {
  probe_ = probe;
  down_ = down;
  failback_ = failback;
  grace_ = cluster_grace;
  recent_count_ = recent_next_ = 0;
}

// ---- sends

void Health::sent(Instant now) {
  if (!silent_) {
    silent_ = true;
    silent_since_ = now;
    silent_sends_ = 0;
  }
  ++silent_sends_;
}

// What we gave up ourselves proves nothing; the silence is counted from the others.
void Health::abandoned(Instant sent_at) {
  if (!silent_ || sent_at < silent_since_) return;
  if (--silent_sends_ == 0) silent_ = false;
}

void Health::forgive(Instant now) {
  forgiven_at_ = now;
  if (silent_) silent_since_ = now;
  failed_probes_ = 0;
  if (trouble_ == Trouble::silence || trouble_ == Trouble::none) troubled_ = false;
}

// ---- evidence

// What an outcome means, of a probe and of a real request.
Health::Meanings Health::meanings(Outcome outcome) {
  using M = Meaning;
  switch (outcome) {
    case Outcome::good:
      return {M::answer, M::answer};
    case Outcome::client_error:
      return {M::soft, M::answer};
    case Outcome::not_found:
      return {M::leave, M::answer};
    case Outcome::device_refused:
    case Outcome::too_many:
      return {M::refuses_us, M::refuses_us};
    case Outcome::request_timeout:
      return {M::soft, M::late};
    case Outcome::server_error:
      return {M::soft, M::error};
    case Outcome::bad_gateway:
    case Outcome::unavailable:
    case Outcome::garbage:
      return {M::soft, M::soft};
    case Outcome::not_active:
      return {M::leave, M::leave};
    case Outcome::refused:
      return {M::cut, M::cut};
    case Outcome::timed_out:
      return {M::silence, M::unanswered};
    case Outcome::unreachable:
      return {M::silence, M::nothing};
    case Outcome::name_unavailable:
      return {M::nothing, M::nothing};
    case Outcome::name_not_found:
      return {M::no_name, M::no_name};
    case Outcome::untrusted:
    case Outcome::not_yet_valid:
    case Outcome::wrong_cluster:
    case Outcome::misconfigured:
      return {M::distrust, M::distrust};
  }
  return {M::nothing, M::nothing};
}

HealthEffect Health::result(const Evidence& evidence, bool probe, Instant sent_at, Instant now,
                            Prng& prng) {
  if (probe && evidence.outcome != Outcome::name_not_found) recheck_ = {0};
  const Meanings meanings_of_it = meanings(evidence.outcome);
  switch (probe ? meanings_of_it.of_probe : meanings_of_it.of_request) {
    case Meaning::answer:
      if (!probe) {
        server_errors_ = 0;
        note_request(false, now);
      }
      return good(evidence, probe, sent_at, now);
    case Meaning::leave: {
      const bool missing = evidence.outcome == Outcome::not_found;
      answered(now);
      drain(now, missing ? "404 on the health path" : "passive or draining", now);
      return {};
    }
    case Meaning::refuses_us:
      return alive_but_refusing(evidence, probe, now, prng);
    case Meaning::soft:
      return soft_failure(evidence, probe, now, prng);
    case Meaning::late:
      answered(now);
      return note_request(true, now);
    case Meaning::error:
      return server_error(now);
    case Meaning::cut:
      return refused(probe, sent_at, now);
    case Meaning::silence:
      return silent_probe(sent_at, now);
    case Meaning::unanswered:
      return note_request(true, now);
    case Meaning::nothing:
      abandoned(sent_at);
      return {};
    case Meaning::no_name:
      return name_missing(now);
    case Meaning::distrust:
      return distrust(evidence, now);
  }
  return {};
}

HealthEffect Health::good(const Evidence& evidence, bool probe, Instant sent_at, Instant now) {
  HealthEffect effect;
  answered(now);
  if (!evidence.bulk) (probe ? probe_latency_ : request_latency_).add(now - sent_at);
  device_refused_ = not_yet_valid_ = false;
  if (probe) learn(evidence.identity, &effect);
  if (probe && !evidence.identity.active) {
    drain(now, "passive or draining", now);
    return effect;
  }
  if (probe && older_epoch_) {
    drain(now, "an older epoch claims to be active", now);
    return effect;
  }
  const bool doubtful = state_ == ServerState::suspect && trouble_ == Trouble::gray && probe &&
                        now - last_request_failure_ < kGrayLapse;
  if (doubtful) return effect;  // its probes always passed; only its requests can clear it

  troubled_ = hard_ = false;
  trouble_ = Trouble::none;
  failed_probes_ = soft_failures_ = gray_failures_ = 0;
  if (probe) prove(evidence.identity, now);
  switch (state_) {
    case ServerState::up:
      break;
    case ServerState::initial:
      enter(ServerState::up, "answers", now);
      break;
    case ServerState::suspect:
      enter(ServerState::up, "answers again", now);
      break;
    case ServerState::draining:
      if (probe) enter(ServerState::up, "active again", now);
      break;
    case ServerState::down:
    case ServerState::quarantined:
      if (probe) enter(ServerState::reopen, "answers again, to be proved", now);
      break;
    case ServerState::reopen:
      if (proved()) enter(ServerState::up, "proved", now);
      break;
  }
  if (state_ == ServerState::reopen && proved()) enter(ServerState::up, "proved", now);
  return effect;
}

// Refused once could be a restart that is over by now; refused again by a look taken after that is
// a verdict.
HealthEffect Health::refused(bool probe, Instant sent_at, Instant now) {
  answered(now);
  unproved();
  begin_trouble(now);
  if (probe) ++failed_probes_;
  HealthEffect effect;
  switch (state_) {
    case ServerState::quarantined:
      return effect;
    case ServerState::down:
      if (probe) ++backoff_;
      return effect;
    case ServerState::reopen:
      return down("connection refused", now);
    case ServerState::draining:
    case ServerState::initial:
    case ServerState::up:
    case ServerState::suspect:
      break;
  }
  if (hard_ && sent_at >= hard_at_) return down("connection refused twice", now);
  if (!hard_) {
    hard_ = true;
    hard_at_ = now;
  }
  if (state_ == ServerState::up) suspect(Trouble::hard, "connection refused", now);
  effect.probe_now = true;
  return effect;
}

HealthEffect Health::soft_failure(const Evidence& evidence, bool probe, Instant now, Prng& prng) {
  HealthEffect effect;
  if (!probe) {
    effect = note_request(true, now);
    if (state_ == ServerState::down) return effect;
  }
  answered(now);
  unproved();
  if (evidence.outcome == Outcome::unavailable) {
    no_hedge_until_ = now + seconds(1);
    if (evidence.retry_after_s > 0) {
      const Instant until = now + retry_after(evidence.retry_after_s, prng);
      no_hedge_until_ = until;
      if (state_ != ServerState::quarantined) drain(until, "503 with Retry-After", now);
      return effect;
    }
  }
  begin_trouble(now);
  ++soft_failures_;
  if (probe) ++failed_probes_;
  const char* const cause = soft_cause(evidence.outcome, probe);
  if (state_ == ServerState::up || state_ == ServerState::initial) effect.probe_now = true;
  switch (state_) {
    case ServerState::up:
      if (soft_failures_ >= down_->soft_failures) suspect(Trouble::soft, cause, now);
      break;
    case ServerState::initial:
    case ServerState::suspect:
    case ServerState::draining:
      if (probe && beyond_doubt(now)) return down(cause, now);
      break;
    case ServerState::reopen:
      if (probe) return down(cause, now);
      break;
    case ServerState::down:
      if (probe) ++backoff_;
      break;
    case ServerState::quarantined:
      break;
  }
  return effect;
}

HealthEffect Health::server_error(Instant now) {
  answered(now);
  ++server_errors_;
  HealthEffect effect = note_request(true, now);
  if (state_ == ServerState::up && server_errors_ >= down_->server_errors)
    return suspect(Trouble::gray, "500 many times in a row", now);
  return effect;
}

HealthEffect Health::silent_probe(Instant sent_at, Instant now) {
  if (mutant(Mutant::silence_ignored)) return {};
  if (sent_at < answered_at_) return {};  // it has answered since: that isn't silence
  unproved();
  begin_trouble(silent_ ? silent_since_ : now);
  ++failed_probes_;
  HealthEffect effect;
  switch (state_) {
    case ServerState::up:
      effect.probe_now = true;
      break;
    case ServerState::initial:
    case ServerState::suspect:
    case ServerState::draining:
      if (beyond_doubt(now)) return down("silent", now);
      effect.probe_now = true;
      break;
    case ServerState::reopen:
      return down("silent again", now);
    case ServerState::down:
      ++backoff_;
      break;
    case ServerState::quarantined:
      break;
  }
  return effect;
}

HealthEffect Health::name_missing(Instant now) {
  unproved();
  answered(now);
  begin_trouble(now);
  recheck_ = seconds(probe_->name_not_found_recheck_s);
  if (state_ == ServerState::down || state_ == ServerState::quarantined) return {};
  return down("its name doesn't exist", now);
}

HealthEffect Health::alive_but_refusing(const Evidence& evidence, bool probe, Instant now,
                                        Prng& prng) {
  if (evidence.outcome == Outcome::device_refused) {
    Evidence alive = evidence;
    alive.outcome = Outcome::good;
    alive.bulk = true;  // a refusal's speed is no measure of an answer's
    alive.identity = Identity{instance_, 0, true, 0, 0};
    const HealthEffect effect = good(alive, probe, now, now);
    device_refused_ = true;
    return effect;
  }
  answered(now);
  troubled_ = hard_ = false;
  failed_probes_ = 0;
  const Duration pause = retry_after(std::max(1u, evidence.retry_after_s), prng);
  busy_until_ = no_hedge_until_ = now + pause;
  if (probe) no_probe_until_ = now + pause;
  if (state_ == ServerState::initial || state_ == ServerState::suspect)
    enter(ServerState::up, "answers 429", now);
  return {};
}

HealthEffect Health::distrust(const Evidence& evidence, Instant now) {
  answered(now);
  unproved();
  not_yet_valid_ = evidence.outcome == Outcome::not_yet_valid;
  HealthEffect effect;
  if (state_ == ServerState::quarantined) return effect;
  ++generation_;
  effect.drop_pool = true;
  last_outage_ = {0};
  const char* cause = "its certificate, name or pin don't hold";
  if (evidence.outcome == Outcome::not_yet_valid) cause = "its certificate isn't valid yet";
  if (evidence.outcome == Outcome::wrong_cluster)
    cause = "it serves another cluster than configured";
  if (evidence.outcome == Outcome::misconfigured)
    cause = "this device's files or options for it are unusable";
  enter(ServerState::quarantined, cause, now);
  return effect;
}

}  // namespace holdfast::core
