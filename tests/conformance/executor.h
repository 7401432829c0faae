// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Executor must do. `make(limit)` gives a new one that takes `limit` tasks;
// `run(executor)` lets it run what is queued and returns once run() of all has returned (poll()
// isn't called).
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "holdfast/ports/executor.h"

namespace holdfast::conformance {

// Written by run() on the worker and read after it: guarded by what `run` waits for.
struct TaskLog {
  std::atomic<int> ran{0};
  std::atomic<int> finished{0};
  std::atomic<int> destroyed{0};
  std::atomic<int> out_of_order{0};
  std::atomic<int> on_other_thread{0};
  std::atomic<int> waked{0};
};

class LoggedTask final : public Task {
 public:
  LoggedTask(TaskLog& log, int number, std::thread::id owner, std::function<void()> then = nullptr)
      : log_(log), number_(number), owner_(owner), then_(std::move(then)) {}
  ~LoggedTask() override { ++log_.destroyed; }

  void run() noexcept override {
    if (log_.ran != number_) ++log_.out_of_order;
    ++log_.ran;
    ran_ = true;
  }
  void finish() noexcept override {
    if (log_.finished != number_ || !ran_) ++log_.out_of_order;
    if (std::this_thread::get_id() != owner_) ++log_.on_other_thread;
    ++log_.finished;
    if (then_) then_();
  }

 private:
  TaskLog& log_;
  const int number_;
  const std::thread::id owner_;
  const std::function<void()> then_;
  bool ran_ = false;
};

template <class Make, class Run>
void executor(Make make, Run run) {
  const std::thread::id me = std::this_thread::get_id();
  TaskLog log;
  const auto task = [&](int number, std::function<void()> then = nullptr) {
    return std::make_unique<LoggedTask>(log, number, me, std::move(then));
  };
  // The waker comes last, so that with it all of run() is over.
  const auto ran = [&log](int count) { return [&log, count] { return log.waked >= count; }; };
  {
    std::unique_ptr<Executor> executor = make(4);
    REQUIRE(executor != nullptr);
    executor->set_waker([&log] { ++log.waked; });
    CHECK(executor->idle());
    executor->poll();  // nothing to do

    for (int i = 0; i < 4; ++i) CHECK(executor->submit(task(i)).ok());
    CHECK_FALSE(executor->idle());
    CHECK(executor->submit(task(99)).code() == Code::busy);
    CHECK(log.destroyed == 1);  // the refused one is gone
    run(*executor, ran(4));
    CHECK(log.ran == 4);
    CHECK(log.waked == 4);     // after each run()
    CHECK(log.finished == 0);  // only poll() finishes
    CHECK_FALSE(executor->idle());
    CHECK(executor->submit(task(99)).code() == Code::busy);
    executor->poll();
    CHECK(log.finished == 4);
    CHECK(executor->idle());

    // A finish() may submit what comes next.
    CHECK(executor->submit(task(4, [&] { CHECK(executor->submit(task(5)).ok()); })).ok());
    run(*executor, ran(5));
    executor->poll();
    CHECK(log.finished >= 5);
    run(*executor, ran(6));
    executor->poll();
    CHECK(log.finished == 6);
    CHECK(executor->idle());

    CHECK(executor->submit(task(6)).ok());
    CHECK(executor->submit(task(7)).ok());
  }
  // The end finishes nothing by itself, and loses no task's memory.
  CHECK(log.finished == 6);
  CHECK(log.destroyed == 10);
  CHECK(log.out_of_order == 0);
  CHECK(log.on_other_thread == 0);
}

}  // namespace holdfast::conformance
