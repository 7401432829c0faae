// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/health.h"

#include <algorithm>

#include "core/mutants.h"

namespace holdfast::core {
namespace {

// A gray suspicion without a further failed request is dropped after this (own choice).
constexpr Duration kGrayLapse = seconds(30);

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

HealthEffect Health::probe_result(const Evidence& evidence, Instant sent_at, Instant now,
                                  Prng& prng) {
  if (evidence.outcome != Outcome::name_not_found) recheck_ = {0};
  switch (evidence.outcome) {
    case Outcome::good:
      return good(evidence, true, sent_at, now);
    case Outcome::not_active:
      answered();
      drain(now, "passive or draining", now);
      return {};
    case Outcome::not_found:
      answered();
      drain(now, "404 on the health path", now);
      return {};
    case Outcome::device_refused:
    case Outcome::too_many:
      return alive_but_refusing(evidence, true, now, prng);
    case Outcome::client_error:
      return soft_failure(evidence, true, now, prng, "the health path answers 4xx");
    case Outcome::request_timeout:
    case Outcome::server_error:
    case Outcome::bad_gateway:
    case Outcome::unavailable:
      return soft_failure(evidence, true, now, prng, "answers 5xx or 408");
    case Outcome::garbage:
      return soft_failure(evidence, true, now, prng, "answers with something that isn't ours");
    case Outcome::refused:
      return refused(true, sent_at, now);
    case Outcome::timed_out:
    case Outcome::unreachable:
      return silent_probe(now);
    case Outcome::name_not_found:
      return name_missing(now);
    case Outcome::name_unavailable:
      abandoned(sent_at);
      return {};
    case Outcome::untrusted:
    case Outcome::not_yet_valid:
    case Outcome::wrong_cluster:
    case Outcome::misconfigured:
      return distrust(evidence, now);
  }
  return {};
}

HealthEffect Health::request_result(const Evidence& evidence, Instant sent_at, Instant now,
                                    Prng& prng) {
  switch (evidence.outcome) {
    case Outcome::good:
    case Outcome::client_error:
    case Outcome::not_found:
      server_errors_ = 0;
      note_request(false, now);
      return good(evidence, false, sent_at, now);
    case Outcome::not_active:
      answered();
      drain(now, "passive or draining", now);
      return {};
    case Outcome::device_refused:
    case Outcome::too_many:
      return alive_but_refusing(evidence, false, now, prng);
    case Outcome::request_timeout:
      answered();
      return note_request(true, now);
    case Outcome::server_error:
      return server_error(now);
    case Outcome::bad_gateway:
    case Outcome::unavailable:
    case Outcome::garbage: {
      const HealthEffect gray = note_request(true, now);
      if (state_ == ServerState::down) return gray;
      HealthEffect soft =
          soft_failure(evidence, false, now, prng, "requests fail with 502, 503 or 504");
      soft.probe_now = soft.probe_now || gray.probe_now;
      return soft;
    }
    case Outcome::refused:
      return refused(false, sent_at, now);
    case Outcome::timed_out:
      return note_request(true, now);
    case Outcome::unreachable:
    case Outcome::name_unavailable:
      abandoned(sent_at);
      return {};
    case Outcome::name_not_found:
      return name_missing(now);
    case Outcome::untrusted:
    case Outcome::not_yet_valid:
    case Outcome::wrong_cluster:
    case Outcome::misconfigured:
      return distrust(evidence, now);
  }
  return {};
}

HealthEffect Health::good(const Evidence& evidence, bool probe, Instant sent_at, Instant now) {
  HealthEffect effect;
  answered();
  if (!evidence.bulk) (probe ? probe_latency_ : request_latency_).add(now - sent_at);
  device_refused_ = not_yet_valid_ = false;
  if (probe) learn(evidence.identity, now, &effect);
  if (probe && !evidence.identity.active) {
    drain(now, "passive or draining", now);
    return effect;
  }
  if (effect.split_brain) {
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
  answered();
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
    case ServerState::draining:
      return down("connection refused", now);
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

HealthEffect Health::soft_failure(const Evidence& evidence, bool probe, Instant now, Prng& prng,
                                  const char* cause) {
  answered();
  unproved();
  if (evidence.outcome == Outcome::unavailable) {
    no_hedge_until_ = now + seconds(1);
    if (evidence.retry_after_s > 0) {
      const Instant until = now + retry_after(evidence.retry_after_s, prng);
      no_hedge_until_ = until;
      if (state_ != ServerState::quarantined) drain(until, "503 with Retry-After", now);
      return {};
    }
  }
  begin_trouble(now);
  ++soft_failures_;
  if (probe) ++failed_probes_;
  HealthEffect effect;
  effect.probe_now = state_ == ServerState::up || state_ == ServerState::initial;
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
  answered();
  ++server_errors_;
  HealthEffect effect = note_request(true, now);
  if (state_ == ServerState::up && server_errors_ >= down_->server_errors)
    return suspect(Trouble::gray, "500 many times in a row", now);
  return effect;
}

HealthEffect Health::silent_probe(Instant now) {
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
  answered();
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
  answered();
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
  answered();
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

// ---- silence

HealthEffect Health::tick(Instant now) {
  if (!silent_ || now < silence_deadline()) return {};
  if (state_ == ServerState::up) return suspect(Trouble::silence, "silent", now);
  return down("silent", now);
}

Instant Health::silence_deadline() const {
  if (!silent_) return Instant::never();
  if (state_ == ServerState::up) return silent_since_ + milliseconds(down_->suspect_silence_ms);
  const bool judged = state_ == ServerState::initial || state_ == ServerState::suspect ||
                      state_ == ServerState::draining;
  if (judged && trouble_ != Trouble::gray && failed_probes_ >= down_->down_failures)
    return silent_since_ + milliseconds(down_->down_silence_ms);
  return Instant::never();
}

// Enough failed probes, over long enough a time.
bool Health::beyond_doubt(Instant now) const {
  return failed_probes_ >= down_->down_failures &&
         now - trouble_since_ >= milliseconds(down_->down_silence_ms);
}

void Health::begin_trouble(Instant now) {
  if (troubled_) return;
  troubled_ = true;
  trouble_since_ = now;
}

// ---- gray failures

// Probes pass, and yet the requests fail: looked at over a window of real requests.
HealthEffect Health::note_request(bool failed, Instant now) {
  if (mutant(Mutant::gray_ignored)) return {};
  const uint32_t window = std::min<uint32_t>(down_->gray_window, kGrayMax);
  recent_failed_[recent_next_] = failed;
  recent_next_ = (recent_next_ + 1) % window;
  recent_count_ = std::min(window, recent_count_ + 1);
  if (!failed) return {};
  last_request_failure_ = now;
  if (state_ == ServerState::suspect && trouble_ == Trouble::gray) {
    return gray_failure(now);
  }
  const auto end = recent_failed_.begin() + window;
  const auto failures = static_cast<uint32_t>(std::count(recent_failed_.begin(), end, true));
  if (state_ == ServerState::up && recent_count_ == window &&
      failures * 100 >= down_->gray_percent * window)
    return suspect(Trouble::gray, "probes pass, requests fail", now);
  return {};
}

HealthEffect Health::gray_failure(Instant now) {
  ++gray_failures_;
  const bool long_enough = now - since_ >= milliseconds(down_->down_silence_ms);
  if (gray_failures_ < down_->down_failures || !long_enough) return {};
  const HealthEffect effect = down("probes pass, requests fail", now);
  gray_outage_ = true;
  return effect;
}

// A suspect that has failed half of its requests, and now loses each race, would never be judged:
// the winner's answer ends the attempt. So a lost race counts; a won one clears it.
HealthEffect Health::overtaken(Instant now) {
  if (state_ != ServerState::suspect || trouble_ != Trouble::gray) return {};
  last_request_failure_ = now;
  return gray_failure(now);
}

// ---- transitions

HealthEffect Health::suspect(Trouble trouble, const char* cause, Instant now) {
  trouble_ = trouble;
  begin_trouble(silent_ && trouble == Trouble::silence ? silent_since_ : now);
  gray_failures_ = 0;
  enter(ServerState::suspect, cause, now);
  HealthEffect effect;
  effect.probe_now = true;
  return effect;
}

HealthEffect Health::down(const char* cause, Instant now) {
  const bool was_serving = state_ == ServerState::up || state_ == ServerState::suspect;
  const bool long_up = was_serving && now - up_since_ >= milliseconds(down_->backoff_max_ms);
  backoff_ = long_up ? 0 : backoff_ + (was_serving ? 0 : 1);
  if (state_ != ServerState::reopen || outage_since_ == Instant{})
    outage_since_ = troubled_ ? trouble_since_ : now;
  last_outage_ = {0};
  recent_count_ = recent_next_ = 0;
  recent_failed_.fill(false);
  silent_ = gray_outage_ = false;
  ++generation_;
  unproved();
  enter(ServerState::down, cause, now);
  HealthEffect effect;
  effect.drop_pool = true;
  return effect;
}

void Health::drain(Instant until, const char* cause, Instant now) {
  unproved();
  troubled_ = hard_ = false;
  failed_probes_ = soft_failures_ = 0;
  draining_until_ = until;
  if (state_ == ServerState::draining) return;
  if (state_ == ServerState::up || state_ == ServerState::suspect) outage_since_ = now;
  last_outage_ = {0};
  enter(ServerState::draining, cause, now);
}

void Health::enter(ServerState state, const char* cause, Instant now) {
  const bool answers = state == ServerState::up || state == ServerState::reopen;
  const bool was_out = state_ == ServerState::down || state_ == ServerState::draining;
  if (answers && was_out) last_outage_ = now - outage_since_;
  if (state == ServerState::up && state_ != ServerState::suspect) up_since_ = now;
  state_ = state;
  since_ = now;
  cause_ = cause;
}

}  // namespace holdfast::core
