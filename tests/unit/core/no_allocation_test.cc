// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The core takes its memory when it is made. Everything after that is counted here: two days of
// requests, failures, switches and a restart of servers must not allocate once.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <new>
#include <string>

#include "core/failover.h"

namespace {

bool counting = false;
size_t allocations = 0;

void* take(size_t size) {
  if (counting) ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(size_t size) {
  void* memory = take(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return take(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return take(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

using namespace holdfast;
using namespace holdfast::core;

namespace {

// What was sent, and when its answer is due. No memory of its own either.
struct Sent {
  bool used = false;
  bool probe = false;
  uint32_t id = 0;
  ServerIndex server = 0;
  Instant due{};
};

class Host {
 public:
  explicit Host(Failover* core) : core_(core) {}

  void run_until(Instant end) {
    while (now < end) {
      now = earlier(later(now, earlier(core_->deadline(), next_due())), end);
      deliver();
      pump();
    }
  }
  void pump() {
    core_->tick(now, wall());
    Action action;
    while (core_->poll(&action)) carry_out(action);
  }
  WallClock wall() const { return {1767600000000 + now.us / 1000, true}; }

  Instant now = Instant{} + seconds(1000);
  std::array<Outcome, 3> manner{Outcome::good, Outcome::good, Outcome::good};
  uint64_t finished = 0, switches = 0, attempts = 0, most_in_flight = 0;

 private:
  Instant next_due() const {
    Instant next = Instant::never();
    for (const Sent& s : sent_)
      if (s.used) next = earlier(next, s.due);
    return next;
  }
  void deliver() {
    for (Sent& slot : sent_) {
      if (!slot.used || slot.due > now) continue;
      const Sent s = slot;
      slot.used = false;
      Evidence evidence;
      evidence.outcome = manner[s.server];
      evidence.verdict = Verdict::granted;
      evidence.identity.instance = 7;
      if (evidence.outcome == Outcome::timed_out) continue;  // silence
      if (s.probe)
        core_->probe_result(s.id, evidence, now);
      else
        core_->attempt_result(s.id, evidence, now);
      pump();
    }
  }
  void carry_out(const Action& action) {
    switch (action.kind) {
      case ActionKind::probe:
      case ActionKind::attempt:
        attempts += action.kind == ActionKind::attempt ? 1 : 0;
        for (Sent& slot : sent_) {
          if (slot.used) continue;
          slot = {true, action.kind == ActionKind::probe, action.id, action.server,
                  now + milliseconds(15)};
          return;
        }
        FAIL("more is under way than the test has room for");
        return;
      case ActionKind::cancel_probe:
      case ActionKind::cancel_attempt:
        for (Sent& slot : sent_)
          if (slot.id == action.id && slot.probe == (action.kind == ActionKind::cancel_probe))
            slot.used = false;
        return;
      case ActionKind::ask_cache:
        core_->cache_verdict(action.request, Verdict::unknown, now);
        return;
      case ActionKind::finish:
        ++finished;
        return;
      case ActionKind::switched:
        ++switches;
        return;
      default:
        return;
    }
  }

  Failover* core_;
  std::array<Sent, 256> sent_;
};

Config three_servers() {
  Config config;
  config.device_id = "device";
  for (const char* name : {"a", "b", "c"}) {
    ServerConfig server;
    server.name = name;
    server.cluster_id = "main";
    config.servers.push_back(server);
  }
  return config;
}

}  // namespace

TEST_CASE("the counter counts") {
  counting = true;
  allocations = 0;
  volatile size_t length = 200;  // or the compiler leaves it out
  const std::string text(length, 'x');
  counting = false;
  CHECK(allocations == 1);
  CHECK(text.size() == length);
}

TEST_CASE("nothing is allocated after the start") {
  const Config config = three_servers();
  Failover core(config, 42);
  Host host(&core);
  core.start(nullptr, host.now, host.wall());
  Prng prng(9);
  uint64_t begun = 0;

  counting = true;
  allocations = 0;
  for (int round = 0; round < 2000; ++round) {
    constexpr Outcome kManners[] = {Outcome::good,        Outcome::good,       Outcome::refused,
                                    Outcome::timed_out,   Outcome::good,       Outcome::unavailable,
                                    Outcome::bad_gateway, Outcome::not_active, Outcome::untrusted};
    if (round % 20 == 0)
      for (Outcome& manner : host.manner) manner = kManners[prng.below(std::size(kManners))];
    core.user_present(prng.below(2) == 0, host.now);
    for (uint64_t i = prng.below(4); i > 0; --i) {
      RequestSpec spec;
      spec.kind = prng.below(2) == 0 ? RequestKind::login : RequestKind::general;
      spec.repeat = static_cast<Repeat>(prng.below(3));
      spec.cache = spec.kind == RequestKind::login;
      if (core.request(spec, host.now)) ++begun;
      host.pump();
    }
    host.run_until(host.now + seconds(static_cast<int64_t>(prng.below(120))));
    (void)core.memory(host.now, host.wall());
  }
  host.manner = {Outcome::good, Outcome::good, Outcome::good};
  host.run_until(host.now + seconds(600));
  counting = false;

  CHECK(allocations == 0);
  // The run was worth something.
  CHECK(begun > 1000);
  CHECK(host.finished == begun);
  CHECK(host.switches > 50);
  CHECK(host.attempts > 1000);
}
