// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Who answers, whether it has proved itself, and when to ask again.
#include <algorithm>

#include "core/health.h"
#include "core/mutants.h"

namespace holdfast::core {

// ---- identity and proof

void Health::learn(const Identity& identity, HealthEffect* effect) {
  const bool told = older_epoch_;
  older_epoch_ = false;
  if (identity.epoch != 0 && identity.active) {
    if (identity.epoch < epoch_ && !mutant(Mutant::old_epoch)) {
      older_epoch_ = true;
      effect->split_brain = !told;  // one alarm, not one for each probe
      return;
    }
    epoch_ = identity.epoch;
  }
  if (identity.instance == 0) return;
  if (instance_ != 0 && instance_ != identity.instance) {
    ++generation_;
    effect->drop_pool = true;
  }
  instance_ = identity.instance;
}

void Health::prove(const Identity& identity, Instant now) {
  constexpr uint32_t kPlenty = 1000;
  const bool same =
      proof_ > 0 && proof_instance_ == identity.instance && proof_epoch_ == identity.epoch;
  if (same && now - proof_at_ < proof_spacing_) return;
  proof_ = same ? std::min(kPlenty, proof_ + 1) : 1;
  proof_at_ = now;
  proof_instance_ = identity.instance;
  proof_epoch_ = identity.epoch;
}

bool Health::in_grace(Instant now) const {
  if (grace_.us == 0 || gray_outage_) return false;
  if (state_ == ServerState::down || state_ == ServerState::draining)
    return now - outage_since_ < grace_;
  return last_outage_.us > 0 && last_outage_ < grace_;
}

// ---- probing

Duration Health::retry_after(uint32_t seconds_asked, Prng& prng) const {
  const Duration pause = seconds(std::min(seconds_asked, down_->retry_after_max_s));
  return pause + prng.up_to(pause / 5);
}

Duration Health::probe_interval(const ProbeContext& context, Instant now, Prng& prng) const {
  const Duration dense = milliseconds(probe_->suspect_interval_ms);
  const Duration present = milliseconds(probe_->user_present_probe_ms);
  const Duration idle = prng.around(seconds(context.probe_s), 20);
  switch (state_) {
    case ServerState::initial:
    case ServerState::suspect:
      return dense;
    case ServerState::up:
      if (troubled_) return dense;
      if (context.preferred && !proved()) {
        if (in_grace(now)) return dense + prng.up_to(dense);
        return proof_spacing_ + prng.up_to(proof_spacing_ / 5);
      }
      return longer(context.user_present ? present : idle, no_probe_until_ - now);
    case ServerState::quarantined:
      return seconds(probe_->quarantine_recheck_s);
    case ServerState::draining:
      if (draining_until_ > now) return draining_until_ - now;
      if (in_grace(now)) return dense + prng.up_to(dense);
      return context.user_present && context.nothing_in_charge ? present : idle;
    case ServerState::reopen:
      if (context.nothing_in_charge)
        return context.user_present ? dense : prng.around(seconds(2), 20);
      if (in_grace(now)) return dense + prng.up_to(dense);
      return milliseconds(failback_->good_probe_spacing_ms) +
             prng.up_to(milliseconds(failback_->good_probe_spacing_ms / 5));
    case ServerState::down:
      break;
  }
  if (recheck_.us > 0) return recheck_;
  if (in_grace(now)) return dense + prng.up_to(dense);
  Duration limit = milliseconds(down_->backoff_max_ms);
  if (context.preferred || (context.nothing_in_charge && context.user_present))
    limit = shorter(limit, milliseconds(down_->preferred_backoff_max_ms));
  Duration pause = milliseconds(down_->backoff_min_ms);
  for (uint32_t i = 0; i < backoff_ && pause < limit; ++i) pause = pause * 8 / 5;
  return prng.around(shorter(pause, limit), 20);
}

Duration Health::probe_timeout() const {
  Duration timeout = milliseconds(probe_->first_timeout_ms);
  if (probe_latency_.count() >= 3) {
    timeout = longer(milliseconds(probe_->min_timeout_ms),
                     shorter(probe_latency_.mean() * 5, milliseconds(probe_->max_timeout_ms)));
  }
  return state_ == ServerState::suspect ? shorter(timeout, milliseconds(probe_->suspect_timeout_ms))
                                        : timeout;
}

}  // namespace holdfast::core
