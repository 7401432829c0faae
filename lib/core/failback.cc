// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/failback.h"

#include <algorithm>

#include "core/mutants.h"

namespace holdfast::core {
namespace {

constexpr Duration kHour = seconds(3600);

}  // namespace

Failback::Failback(const FailbackPolicy* policy) : switches_(FailbackMemory::kSwitches) {
  policy_ = policy;
  hold_down_ = seconds(policy->hold_down_s);
}

void Failback::reconfigure(const FailbackPolicy* policy) {
  policy_ = policy;
  hold_down_ =
      longer(seconds(policy->hold_down_s), shorter(hold_down_, seconds(policy->hold_down_max_s)));
}

void Failback::restore(const FailbackMemory& memory, Instant now, WallClock wall) {
  if (memory.hold_down_s != 0)
    hold_down_ = longer(seconds(policy_->hold_down_s),
                        seconds(std::min(memory.hold_down_s, policy_->hold_down_max_s)));
  switches_.clear();
  const uint32_t count = std::min<uint32_t>(memory.switches, FailbackMemory::kSwitches);
  for (uint32_t i = 0; i < count; ++i) {
    const int64_t then = memory.switch_unix_ms[i];
    const bool dated = wall.trusted && then != 0 && then <= wall.unix_ms;
    const Duration age = dated ? milliseconds(std::min(wall.unix_ms - then, kHour.ms() + 1))
                               : seconds(memory.switch_age_s[i]);
    switches_.push_over(now - age);
  }
  calm_since_ = now;  // the stable hour begins anew
}

FailbackMemory Failback::memory(Instant now, WallClock wall) const {
  FailbackMemory memory;
  for (size_t i = 0; i < switches_.size(); ++i) {
    if (now - switches_[i] > kHour) continue;
    const int64_t age_ms = (now - switches_[i]).ms();
    memory.switch_unix_ms[memory.switches] = wall.trusted ? wall.unix_ms - age_ms : 0;
    memory.switch_age_s[memory.switches++] = static_cast<uint32_t>(age_ms / 1000);
  }
  memory.hold_down_s = static_cast<uint32_t>(hold_down_.us / 1000000);
  return memory;
}

void Failback::switched(Route from, Route to, SwitchReason reason, Instant now) {
  const bool back = is_return(reason);
  const bool blames = reason == SwitchReason::failed || reason == SwitchReason::return_failed;
  if (blames && returned_ && now - returned_at_ < seconds(policy_->relapse_s)) {
    hold_down_ = shorter(longer(hold_down_ * 2, seconds(1)), seconds(policy_->hold_down_max_s));
    calm_since_ = now;
  }
  returned_ = back;
  if (back) returned_at_ = calm_since_ = now;
  in_charge_since_ = now;
  spread_drawn_ = false;
  requested_ = false;
  planned_ = Instant::never();
  if (from.kind == RouteKind::server || to.kind == RouteKind::server) {
    if (reason != SwitchReason::started) switches_.push_over(now);
  }
}

bool Failback::tick(Instant now) {
  const Duration base = seconds(policy_->hold_down_s);
  if (hold_down_ > base && now - calm_since_ >= seconds(policy_->stable_s)) {
    hold_down_ = base;
    return true;
  }
  return false;
}

uint32_t Failback::switches_last_hour(Instant now) const {
  uint32_t count = 0;
  for (size_t i = 0; i < switches_.size(); ++i)
    if (now - switches_[i] < kHour) ++count;
  return count;
}

Instant Failback::due(bool grace, uint32_t spread_s, Instant now, WallClock wall, Prng& prng) {
  if (requested_) return planned_ = now;
  if (policy_->mode == FailbackMode::manual) return planned_ = Instant::never();

  // A short outage excuses from the long hold-down only as long as no return has failed of late.
  const bool calm = hold_down_ <= seconds(policy_->hold_down_s);
  const bool quick = grace && calm;
  const bool held = !quick && !mutant(Mutant::no_hold_down);
  Instant at = in_charge_since_ + (held ? hold_down_ : Duration{0});
  if (at > now) return planned_ = at;
  const bool windowed = policy_->mode == FailbackMode::window;
  const Duration left = windowed ? window_left(wall) : Duration{0};
  if (windowed && left.us == 0) {
    // Looked at again each minute; the spread begins with the window, or it would be a herd's hour.
    spread_drawn_ = false;
    return planned_ = now + seconds(60);
  }
  if (!spread_drawn_) {
    Duration limit =
        seconds(quick ? policy_->grace_spread_s : std::max(policy_->spread_s, spread_s));
    if (windowed) limit = shorter(limit, left);
    spread_until_ = now + prng.up_to(limit);
    spread_drawn_ = true;
  }
  at = later(at, spread_until_);
  if (switches_last_hour(now) >= policy_->max_switches_per_hour && !mutant(Mutant::no_hour_limit)) {
    const size_t oldest_that_counts = switches_.size() - policy_->max_switches_per_hour;
    at = later(at, switches_[oldest_that_counts] + kHour);
  }
  return planned_ = at;
}

// How long the window stays open; 0 while it is shut, as it is without a trusted clock.
Duration Failback::window_left(WallClock wall) const {
  if (!wall.trusted) return {0};
  const int64_t day = 24 * 3600 * 1000;
  const int64_t minute_ms = 60 * 1000;
  const int64_t local = wall.unix_ms + policy_->utc_offset_min * minute_ms;
  const int64_t length =
      (policy_->window_end_min * minute_ms - policy_->window_start_min * minute_ms + day) % day;
  const int64_t since = ((local - policy_->window_start_min * minute_ms) % day + day) % day;
  return milliseconds(since < length ? length - since : 0);
}

}  // namespace holdfast::core
