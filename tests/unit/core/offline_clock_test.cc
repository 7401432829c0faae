// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The clock that an outage ages by, and numbers that no honest device would see.
#include <doctest/doctest.h>

#include <iterator>

#include "base/prng.h"
#include "core/offline.h"

using namespace holdfast;
using namespace holdfast::core;

namespace {

constexpr int64_t kHour = 3600000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kNow = 1767600000000;  // 2026-01-05 08:00 UTC
constexpr int64_t kBuild = kNow - 30 * kDay;
constexpr int64_t k2099 = 4070908800000;

WallClock trusted(int64_t ms) { return {ms, true}; }
WallClock untrusted(int64_t ms) { return {ms, false}; }

EffectiveClock clock_at(const ClockMemory& memory, bool restarted, WallClock wall,
                        Instant now = Instant{0}) {
  return EffectiveClock(kBuild, memory, restarted, now, wall);
}

// Numbers at which arithmetic breaks.
const int64_t kExtremes[] = {
    INT64_MIN,        INT64_MIN + 1, -kDay,         -1,       0, 1, 999, 1000, kNow, k2099,
    INT64_MAX / 1000, INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
const uint32_t kCounts[] = {0, 1, 4, 5, 9, 10, 31, 32, 33, 1000, UINT32_MAX - 1, UINT32_MAX};

}  // namespace

TEST_CASE("time goes on with the monotonic clock, and a clock set back takes nothing away") {
  EffectiveClock clock = clock_at({}, true, trusted(kNow));
  CHECK(clock.now_ms(Instant{0}, trusted(kNow)) == kNow);
  CHECK(clock.now_ms(Instant{} + seconds(10), trusted(kNow + 10000)) == kNow + 10000);
  CHECK_FALSE(clock.take_set_back());
  CHECK(clock.now_ms(Instant{} + seconds(20), trusted(0)) == kNow + 20000);
  CHECK(clock.take_set_back());
  CHECK_FALSE(clock.take_set_back());
  CHECK(clock.now_ms(Instant{} + seconds(30), untrusted(k2099)) == kNow + 30000);
  CHECK(clock.now_ms(Instant{} + seconds(30), trusted(kNow + kDay)) == kNow + kDay);
  // The monotonic clock's own going back is nobody's gain.
  CHECK(clock.now_ms(Instant{} + seconds(5), trusted(0)) == kNow + kDay);
  CHECK(clock.now_ms(Instant{} + seconds(31), trusted(0)) == kNow + kDay + 1000);
}

TEST_CASE("parts of a millisecond add up") {
  EffectiveClock clock = clock_at({kNow, 0}, false, untrusted(0));
  for (int i = 1; i <= 10000; ++i) (void)clock.now_ms(Instant{i * 333}, untrusted(0));
  CHECK(clock.now_ms(Instant{3330000}, untrusted(0)) == kNow + 3330);
}

TEST_CASE("at start: not below the build time, nor below what was remembered") {
  CHECK(clock_at({}, true, untrusted(0)).now_ms(Instant{0}, untrusted(0)) == kBuild);
  CHECK(clock_at({}, true, untrusted(k2099)).now_ms(Instant{0}, untrusted(k2099)) == kBuild);
  CHECK(clock_at({kNow, 0}, true, trusted(0)).now_ms(Instant{0}, trusted(0)) == kNow);
  CHECK(clock_at({kNow, 0}, true, trusted(kNow - 60001)).take_set_back());
  CHECK_FALSE(clock_at({kNow, 0}, true, trusted(kNow - 60000)).take_set_back());
  CHECK_FALSE(clock_at({kNow, 0}, true, untrusted(0)).take_set_back());
  CHECK(clock_at({kBuild, kNow}, false, trusted(0)).now_ms(Instant{0}, trusted(0)) == kNow);
  // Whatever the monotonic clock shows first.
  for (const int64_t us : kExtremes)
    CHECK(clock_at({kNow, 0}, true, trusted(0), Instant{us}).now_ms(Instant{us}, trusted(0)) ==
          kNow);
}

TEST_CASE("a restart that nobody measured ages the outage, but runs no lock out") {
  ClockMemory memory{kNow, kNow - kHour};
  for (int i = 1; i <= 426; ++i) {
    EffectiveClock clock = clock_at(memory, true, untrusted(0));
    REQUIRE(clock.now_ms(Instant{0}, untrusted(0)) == kNow);
    REQUIRE(clock.memory().contact_ms == kNow - kHour - i * 600000);
    REQUIRE(clock.worth_keeping());
    memory = clock.memory();
    clock.kept(memory);
    REQUIRE_FALSE(clock.worth_keeping());
  }
  CHECK(kNow - memory.contact_ms == 72 * kHour);

  memory = {kNow, kNow};
  CHECK(clock_at(memory, false, untrusted(0)).memory().contact_ms == kNow);
  CHECK(clock_at(memory, true, trusted(kNow)).memory().contact_ms == kNow);
  CHECK(clock_at(memory, true, trusted(kNow - 1)).memory().contact_ms == kNow - 600000);
  CHECK(clock_at({kNow, 0}, true, untrusted(0)).memory().contact_ms == 0);
  CHECK(clock_at({kNow, 600000}, true, untrusted(0)).memory().contact_ms == 1);
}

TEST_CASE("home's time goes both ways, and outweighs a clock that it contradicts") {
  EffectiveClock clock = clock_at({}, true, trusted(k2099));
  CHECK(clock.now_ms(Instant{0}, trusted(k2099)) == k2099);
  CHECK(clock.contact(kNow, Instant{0}, trusted(k2099)));
  CHECK(clock.memory().high_water_ms == kNow);
  CHECK(clock.memory().contact_ms == kNow);
  CHECK(clock.worth_keeping());
  CHECK(clock.now_ms(Instant{} + seconds(1), trusted(k2099 + 1000)) == kNow + 1000);
  // Set right, it is believed again.
  CHECK(clock.now_ms(Instant{} + seconds(2), trusted(kNow + 2000)) == kNow + 2000);
  CHECK(clock.now_ms(Instant{} + seconds(2), trusted(kNow + kDay)) == kNow + kDay);

  CHECK_FALSE(clock.contact(kNow + 2 * kDay, Instant{} + seconds(2), trusted(kNow + kDay)));
  CHECK(clock.memory().contact_ms == kNow + 2 * kDay);
  // A small difference is no reason to go back.
  CHECK_FALSE(clock.contact(kNow + 2 * kDay - 60000, Instant{} + seconds(2), trusted(0)));
  CHECK(clock.memory().high_water_ms == kNow + 2 * kDay);
  CHECK(clock.contact(kNow + 2 * kDay - 60001, Instant{} + seconds(2), trusted(0)));
  CHECK(clock.memory().high_water_ms == kNow + 2 * kDay - 60001);
  // Not below the build time, and not at all when it isn't told.
  CHECK(clock.contact(1, Instant{} + seconds(2), trusted(0)));
  CHECK(clock.memory().high_water_ms == kBuild);
  CHECK_FALSE(clock.contact(0, Instant{} + seconds(3), trusted(0)));
  CHECK(clock.memory().contact_ms == kBuild + 1000);
}

TEST_CASE("memory is worth keeping each ten minutes, and when it differs otherwise") {
  EffectiveClock clock = clock_at({kNow, kNow}, false, untrusted(0));
  CHECK_FALSE(clock.worth_keeping());
  (void)clock.now_ms(Instant{} + milliseconds(599999), untrusted(0));
  (void)clock.contact(0, Instant{} + milliseconds(599999), untrusted(0));
  CHECK_FALSE(clock.worth_keeping());
  (void)clock.now_ms(Instant{} + milliseconds(600000), untrusted(0));
  CHECK(clock.worth_keeping());
  clock.kept(clock.memory());
  CHECK_FALSE(clock.worth_keeping());
  (void)clock.contact(kNow + 600000 - 60001, Instant{} + seconds(600), untrusted(0));
  CHECK(clock.worth_keeping());
  // A first contact is worth it at once.
  EffectiveClock fresh = clock_at({kNow, 0}, false, untrusted(0));
  (void)fresh.contact(0, Instant{0}, untrusted(0));
  CHECK(fresh.worth_keeping());
}

// ---- numbers that no honest device sees

TEST_CASE("extreme numbers overflow nothing and open nothing") {
  OfflinePolicy policy;
  policy.cache = CacheMode::automatic;
  for (const uint32_t limit : kCounts) {
    policy.device_failures = policy.device_forget_s = policy.pause_s = limit;
    policy.card_expiry_h = policy.max_age_h = limit;
    policy.rights_decay = {{limit, {"color"}}};
    const CacheScope scope = scope_of(policy, 1, true);
    for (const int64_t a : kExtremes) {
      for (const int64_t b : kExtremes) {
        for (const uint32_t n : kCounts) {
          REQUIRE(wait_of(DeviceFailures{n, a}, policy, b) >= 0);
          REQUIRE(wait_of(UserFailures{n, a}, policy, b) >= 0);
          const DeviceFailures more = counted(DeviceFailures{n, a}, policy, b);
          REQUIRE(more.count >= 1);
          REQUIRE(more.at_ms <= b);
          REQUIRE(counted(UserFailures{n, a}, b).count >= n);
          CredentialFacts facts;
          facts.found = facts.opened = true;
          facts.failures = {n, a};
          facts.good_at_ms = b;
          const OfflineRefusal refusal = judge(facts, policy, scope, a, b);
          REQUIRE((n < 10 || refusal == OfflineRefusal::online_only));
        }
        BreakGlassUses uses = {a, b};
        REQUIRE(wait_of(uses, policy, b) >= 0);
        count(uses, policy, b);
        (void)rights_left({"color"}, policy, a, b);
      }
    }
  }
}

TEST_CASE("no sequence of clocks makes an outage younger or a lock shorter") {
  Prng prng(4);
  const auto extreme = [&] {
    const int64_t base = kExtremes[prng.below(std::size(kExtremes))];
    const auto near = static_cast<uint64_t>(base) + prng.below(3) * 60001;
    return static_cast<int64_t>(near);
  };
  for (int round = 0; round < 3000; ++round) {
    ClockMemory memory{extreme(), extreme()};
    Instant now{extreme()};
    EffectiveClock clock(extreme(), memory, prng.below(2) == 0, now, {extreme(), false});
    int64_t last = clock.memory().high_water_ms;
    for (int step = 0; step < 20; ++step) {
      const int64_t contact = clock.memory().contact_ms;
      now.us = prng.below(2) == 0
                   ? extreme()
                   : static_cast<int64_t>(static_cast<uint64_t>(now.us) + prng.below(1000000000));
      const WallClock wall{extreme(), prng.below(2) == 0};
      switch (prng.below(4)) {
        case 0: {
          const bool lowered = clock.contact(extreme(), now, wall);
          if (!lowered) REQUIRE(clock.memory().high_water_ms >= last);
          break;
        }
        case 1:
          memory = clock.memory();
          clock = EffectiveClock(0, memory, true, now, wall);
          REQUIRE(clock.memory().high_water_ms >= last);
          REQUIRE(clock.memory().contact_ms <= contact);
          break;
        default:
          REQUIRE(clock.now_ms(now, wall) >= last);
          REQUIRE(clock.memory().contact_ms == contact);
      }
      last = clock.memory().high_water_ms;
      REQUIRE(last >= 0);
      REQUIRE(clock.memory().contact_ms <= last + 1);
      (void)clock.worth_keeping();
      (void)clock.take_set_back();
    }
  }
}
