// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// How fast a server answers, and what may be spent on not waiting for it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/mutants.h"
#include "holdfast/config.h"
#include "holdfast/time.h"

namespace holdfast::core {

// The last answer times of one server.
class LatencyWindow {
 public:
  void add(Duration latency) {
    samples_[next_] = latency;
    next_ = (next_ + 1) % samples_.size();
    if (count_ < samples_.size()) ++count_;
  }

  size_t count() const { return count_; }

  Duration mean() const {
    if (count_ == 0) return {0};
    Duration sum{0};
    for (size_t i = 0; i < count_; ++i) sum = sum + samples_[i];
    return sum / static_cast<int64_t>(count_);
  }

  // The 98th percentile; 0 without samples.
  Duration p98() const {
    if (count_ == 0) return {0};
    std::array<Duration, kSamples> sorted = samples_;
    const auto place = sorted.begin() + static_cast<std::ptrdiff_t>((count_ * 98) / 100);
    const auto nth =
        place == sorted.begin() + static_cast<std::ptrdiff_t>(count_) ? place - 1 : place;
    std::nth_element(sorted.begin(), nth, sorted.begin() + static_cast<std::ptrdiff_t>(count_));
    return *nth;
  }

 private:
  static constexpr size_t kSamples = 64;
  std::array<Duration, kSamples> samples_{};
  size_t next_ = 0;
  size_t count_ = 0;
};

// How long to wait for an answer before the next server is asked as well.
inline Duration hedge_delay(const LatencyWindow& window, const RequestPolicy& policy) {
  constexpr size_t kEnough = 20;
  if (window.count() < kEnough) return milliseconds(policy.hedge_default_ms);
  return longer(milliseconds(policy.hedge_min_ms),
                shorter(window.p98(), milliseconds(policy.hedge_max_ms)));
}

// Counts in thousandths of a token, so that nothing is rounded away.
//
// Hedges: a share of the requests, plus a burst.
class HedgeBudget {
 public:
  explicit HedgeBudget(const RequestPolicy& policy)
      : share_(policy.hedge_percent * 10), limit_(policy.hedge_burst * 1000), tokens_(limit_) {}

  void request() { tokens_ = std::min(limit_, tokens_ + share_); }
  bool take() {
    if (mutant(Mutant::hedges_unlimited)) return true;
    if (tokens_ < 1000) return false;
    tokens_ -= 1000;
    return true;
  }

 private:
  uint32_t share_;
  uint32_t limit_;
  uint32_t tokens_;
};

// Retries of one server (gRFC A6): a failure costs a token, a success gives a tenth back, and with
// half or less of them left nothing is retried.
class RetryBudget {
 public:
  RetryBudget() = default;
  explicit RetryBudget(const RequestPolicy& policy)
      : limit_(policy.retry_tokens * 1000), tokens_(limit_) {}

  void failed() { tokens_ = tokens_ < 1000 ? 0 : tokens_ - 1000; }
  void succeeded() { tokens_ = std::min(limit_, tokens_ + 100); }
  bool allows() const { return tokens_ > limit_ / 2; }

 private:
  uint32_t limit_ = 0;
  uint32_t tokens_ = 0;
};

}  // namespace holdfast::core
