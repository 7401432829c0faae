// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What silence and failing requests come to, and the transitions between states.
#include <algorithm>

#include "core/health.h"

namespace holdfast::core {

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
