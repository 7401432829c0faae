// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "conformance/executor.h"
#include "conformance/random.h"
#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

TEST_CASE("monotonic clock") {
  const Instant before = monotonic_now();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const Duration slept = monotonic_now() - before;
  CHECK(slept >= milliseconds(5));
  CHECK(slept < seconds(10));
}

TEST_CASE("wall clock and its trust") {
  const int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  const WallClock wall = wall_now(WallTrust::always);
  CHECK(wall.trusted);
  CHECK(wall.unix_ms >= now_ms);
  CHECK(wall.unix_ms < now_ms + 10000);
  CHECK_FALSE(wall_now(WallTrust::never).trusted);
  // A clock before the firmware was built was never set.
  CHECK_FALSE(wall_now(WallTrust::always, now_ms + 1000000).trusted);
  CHECK(wall_now(WallTrust::always, now_ms - 1000).trusted);
  (void)wall_now(WallTrust::synchronised);  // depends on the machine
}

TEST_CASE("system random conforms") {
  const auto random = system_random();
  conformance::random(*random);
}

TEST_CASE("inline executor conforms") {
  conformance::executor([](size_t limit) { return inline_executor(limit); },
                        [](Executor&, auto&&) {});
}

struct Counter {
  std::atomic<int> ran{0};
};

class Counted final : public Task {
 public:
  explicit Counted(Counter& counter) : counter_(counter) {}
  void run() noexcept override { ++counter_.ran; }
  void finish() noexcept override {}

 private:
  Counter& counter_;
};

TEST_CASE("worker executor conforms") {
  conformance::executor(
      [](size_t limit) {
        auto executor = worker_executor("holdfast-test", limit);
        return executor ? std::move(*executor) : nullptr;
      },
      [](Executor&, auto&& done) {
        for (int i = 0; i < 10000 && !done(); ++i) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
      });
}

class Probe final : public Task {
 public:
  struct Seen {
    std::atomic<bool> done{false};
    std::string name;
    std::thread::id id;
    bool signals_blocked = true;
  };
  explicit Probe(Seen& seen) : seen_(seen) {}
  void run() noexcept override {
    char name[16] = {};
    (void)::pthread_getname_np(::pthread_self(), name, sizeof name);
    seen_.name = name;
    seen_.id = std::this_thread::get_id();
    sigset_t blocked;
    (void)::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    for (const int number : {SIGINT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1, SIGPIPE}) {
      if (sigismember(&blocked, number) != 1) seen_.signals_blocked = false;
    }
    seen_.done = true;
  }
  void finish() noexcept override {}

 private:
  Seen& seen_;
};

TEST_CASE("the worker is one named thread that no signal finds") {
  sigset_t before;
  sigset_t after;
  (void)::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  auto executor = worker_executor("a-name-that-is-too-long");
  REQUIRE(executor.has_value());
  (void)::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  CHECK(sigismember(&after, SIGTERM) == sigismember(&before, SIGTERM));  // ours is as it was

  Probe::Seen first;
  Probe::Seen second;
  CHECK((*executor)->submit(std::make_unique<Probe>(first)).ok());
  CHECK((*executor)->submit(std::make_unique<Probe>(second)).ok());
  for (int i = 0; i < 500 && !second.done; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  REQUIRE(second.done);
  CHECK(first.name == "a-name-that-is-");
  CHECK((first.id != std::this_thread::get_id()));
  CHECK((first.id == second.id));
  CHECK(first.signals_blocked);
}

TEST_CASE("the end of a worker lets queued writes happen") {
  Counter counter;
  {
    auto executor = worker_executor("holdfast-test");
    REQUIRE(executor.has_value());
    for (int i = 0; i < 20; ++i)
      CHECK((*executor)->submit(std::make_unique<Counted>(counter)).ok());
  }
  CHECK(counter.ran == 20);
}

}  // namespace
}  // namespace holdfast
