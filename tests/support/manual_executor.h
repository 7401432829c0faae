// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// An Executor whose worker is the test: nothing runs before it says so.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "holdfast/ports/executor.h"

namespace holdfast::test {

class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(size_t queue_limit = 64) : queue_limit_(queue_limit) {}

  // Runs the oldest task that hasn't run; false when there is none.
  bool run_one() {
    if (queue_.empty()) return false;
    std::unique_ptr<Task> task = std::move(queue_.front());
    queue_.pop_front();
    task->run();
    done_.push_back(std::move(task));
    if (waker_) waker_();
    return true;
  }
  void run_all() {
    while (run_one()) {
    }
  }
  // What a power cut does: tasks that were queued or not yet finished are gone.
  void forget() {
    queue_.clear();
    done_.clear();
  }
  size_t queued() const { return queue_.size(); }

  Status submit(std::unique_ptr<Task> task) override {
    if (queue_.size() + done_.size() >= queue_limit_) return Code::busy;
    queue_.push_back(std::move(task));
    return {};
  }
  void poll() override {
    for (size_t left = done_.size(); left > 0; --left) {
      const std::unique_ptr<Task> task = std::move(done_.front());
      done_.pop_front();
      task->finish();
    }
  }
  bool idle() const override { return queue_.empty() && done_.empty(); }
  void set_waker(std::function<void()> waker) override { waker_ = std::move(waker); }

 private:
  const size_t queue_limit_;
  std::deque<std::unique_ptr<Task>> queue_;
  std::deque<std::unique_ptr<Task>> done_;
  std::function<void()> waker_;
};

}  // namespace holdfast::test
