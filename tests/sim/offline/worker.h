// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The executor's worker in virtual time: a task waits, runs at one instant and is finished at a
// later one. The device can lose its power in each of these states, and in the middle of the run.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "base/prng.h"
#include "holdfast/ports/executor.h"
#include "sim/offline/power.h"

namespace holdfast::sim::offline {

class Worker final : public Executor {
 public:
  Worker(Power& power, uint64_t seed) : power_(power), prng_(seed) {}

  Duration slowest = milliseconds(40);  // of one task
  bool refused = false;                 // a task, since it was last looked at
  std::function<void()> on_ran;         // one task
  std::function<void()> on_first;       // task of a start of the device has been finished
  std::function<void()> on_idle;        // all that was asked has been done

  // What can happen by `now` happens. False: the power failed in it.
  bool advance(Instant now) {
    while (!queue_.empty() && next() <= now) {
      if (!ran_) {
        ran_ = true;
        queue_.front()->run();
        if (on_ran) on_ran();
        if (!power_.on) return false;
        continue;
      }
      done_.push_back(std::move(queue_.front()));
      queue_.pop_front();
      if (!queue_.empty()) plan(now);
    }
    return true;
  }
  Instant next() const {
    if (queue_.empty()) return Instant::never();
    return ran_ ? done_at_ : run_at_;
  }
  bool has_done() const { return !done_.empty(); }
  void forget() {
    queue_.clear();
    done_.clear();
    ran_ = first_ = false;
  }
  void set_time(Instant now) { now_ = now; }

  Status submit(std::unique_ptr<Task> task) override {
    if (queue_.size() + done_.size() >= kLimit) {
      refused = true;
      return Code::busy;
    }
    queue_.push_back(std::move(task));
    if (queue_.size() == 1) plan(now_);
    return {};
  }
  void poll() override {
    const bool some = !done_.empty();
    for (size_t left = done_.size(); left > 0; --left) {
      const std::unique_ptr<Task> task = std::move(done_.front());
      done_.pop_front();
      task->finish();
      if (!std::exchange(first_, true) && on_first) on_first();
    }
    if (some && idle() && on_idle) on_idle();
  }
  bool idle() const override { return queue_.empty() && done_.empty(); }
  void set_waker(std::function<void()>) override {}

 private:
  static constexpr size_t kLimit = 64;

  void plan(Instant now) {
    ran_ = false;
    run_at_ = now + prng_.up_to(slowest);
    done_at_ = run_at_ + prng_.up_to(slowest);
  }

  Power& power_;
  Prng prng_;
  std::deque<std::unique_ptr<Task>> queue_, done_;
  bool ran_ = false;
  bool first_ = false;  // has been finished
  Instant run_at_{}, done_at_{}, now_{};
};

}  // namespace holdfast::sim::offline
