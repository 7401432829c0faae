// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/failback.h"

#include <doctest/doctest.h>

using namespace holdfast;
using namespace holdfast::core;

namespace {

const Route kA{RouteKind::server, 0};
const Route kB{RouteKind::server, 1};
constexpr WallClock kNoon{1767614400000, true};  // 2026-01-05 12:00 UTC

Instant at(int64_t s) { return Instant{} + seconds(1000000 + s); }

WallClock clock_at(int hour, int minute) {
  return {kNoon.unix_ms + (int64_t{hour - 12} * 60 + minute) * 60000, true};
}

FailbackPolicy plain() {
  FailbackPolicy policy;
  policy.spread_s = 0;
  return policy;
}

}  // namespace

TEST_CASE("due after the hold-down, not before") {
  const FailbackPolicy policy = plain();
  Failback failback(&policy);
  Prng prng(1);
  failback.switched(kA, kB, SwitchReason::failed, at(0));
  CHECK(failback.due(false, 0, at(1), kNoon, prng) == at(300));
  CHECK(failback.planned() == at(300));
  CHECK(failback.due(false, 0, at(299), kNoon, prng) == at(300));
  CHECK(failback.due(false, 0, at(300), kNoon, prng) <= at(300));
}

TEST_CASE("an outage within the grace needs no hold-down, but a spread of its own") {
  FailbackPolicy policy = plain();
  policy.grace_spread_s = 30;
  Instant latest = at(0);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Failback failback(&policy);
    Prng prng(seed);
    failback.switched(kA, kB, SwitchReason::failed, at(0));
    const Instant due = failback.due(true, 0, at(10), kNoon, prng);
    CHECK(due >= at(10));
    CHECK(due <= at(40));
    latest = later(latest, due);
  }
  CHECK(latest > at(35));  // it is a spread
}

TEST_CASE("the spread is the larger of what is configured and what the server asks for") {
  FailbackPolicy policy = plain();
  policy.spread_s = 100;
  Instant latest = at(0), latest_asked = at(0);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    for (const uint32_t asked : {0u, 1000u}) {
      Failback failback(&policy);
      Prng prng(seed);
      failback.switched(kA, kB, SwitchReason::failed, at(0));
      const Instant due = failback.due(false, asked, at(300), kNoon, prng);
      Instant& most = asked == 0 ? latest : latest_asked;
      most = later(most, due);
      // Drawn once: asking again doesn't move it.
      CHECK(failback.due(false, asked, at(300), kNoon, prng) == due);
    }
  }
  CHECK(latest <= at(400));
  CHECK(latest > at(380));
  CHECK(latest_asked <= at(1300));
  CHECK(latest_asked > at(1200));
}

TEST_CASE("a new proof draws a new spread") {
  FailbackPolicy policy = plain();
  policy.spread_s = 1000;
  Failback failback(&policy);
  Prng prng(3);
  failback.switched(kA, kB, SwitchReason::failed, at(0));
  (void)failback.due(false, 0, at(400), kNoon, prng);
  failback.nothing_to_return_to();
  CHECK(failback.planned() == Instant::never());
  CHECK(failback.due(false, 0, at(9000), kNoon, prng) > at(9000));
}

TEST_CASE("a failed return doubles the hold-down, up to its limit; a stable hour resets it") {
  const FailbackPolicy policy = plain();
  Failback failback(&policy);
  int64_t t = 0;
  for (const int64_t hold_down : {600, 1200, 2400, 3600, 3600}) {
    failback.switched(kB, kA, SwitchReason::returned, at(t));
    failback.switched(kA, kB, SwitchReason::failed, at(t + 599));
    CHECK(failback.hold_down() == seconds(hold_down));
    t += 5000;
  }
  t = t - 5000 + 599;
  CHECK_FALSE(failback.tick(at(t + 3599)));
  CHECK(failback.tick(at(t + 3600)));
  CHECK(failback.hold_down() == seconds(300));
  CHECK_FALSE(failback.tick(at(t + 3601)));

  failback.switched(kB, kA, SwitchReason::returned, at(t + 4000));
  failback.switched(kA, kB, SwitchReason::failed, at(t + 4600));  // relapse_s is over
  CHECK(failback.hold_down() == seconds(300));
  failback.switched(kB, kA, SwitchReason::returned, at(t + 5000));
  failback.switched(kA, kB, SwitchReason::draining, at(t + 5001));  // no failure
  CHECK(failback.hold_down() == seconds(300));
}

TEST_CASE("with a doubled hold-down a short outage is no excuse") {
  const FailbackPolicy policy = plain();
  Failback failback(&policy);
  Prng prng(1);
  failback.switched(kB, kA, SwitchReason::returned, at(0));
  failback.switched(kA, kB, SwitchReason::failed, at(10));
  CHECK(failback.due(true, 0, at(20), kNoon, prng) == at(610));
}

TEST_CASE("four switches in an hour stop returns until one of them is an hour old") {
  const FailbackPolicy policy = plain();
  Failback failback(&policy);
  Prng prng(1);
  failback.switched(kA, kB, SwitchReason::failed, at(0));
  failback.switched(kB, kA, SwitchReason::returned, at(400));
  failback.switched(kA, kB, SwitchReason::draining, at(1100));
  CHECK(failback.switches_last_hour(at(1100)) == 3);
  CHECK(failback.due(false, 0, at(1400), kNoon, prng) <= at(1400));
  failback.switched(kB, kA, SwitchReason::returned, at(1400));
  failback.switched(kA, kB, SwitchReason::draining, at(2100));
  CHECK(failback.switches_last_hour(at(2100)) == 5);
  // The second oldest has to go as well, so that three are left.
  CHECK(failback.due(false, 0, at(2400), kNoon, prng) == at(400 + 3600));
  CHECK(failback.switches_last_hour(at(3600)) == 4);
  CHECK(failback.due(false, 0, at(4000), kNoon, prng) <= at(4000));
}

TEST_CASE("the first choice is no switch") {
  const FailbackPolicy policy = plain();
  Failback failback(&policy);
  failback.switched(Route{}, kA, SwitchReason::started, at(0));
  CHECK(failback.switches_last_hour(at(1)) == 0);
}

TEST_CASE("manual: only the host's word") {
  FailbackPolicy policy = plain();
  policy.mode = FailbackMode::manual;
  Failback failback(&policy);
  Prng prng(1);
  failback.switched(kA, kB, SwitchReason::failed, at(0));
  CHECK(failback.due(false, 0, at(100000), kNoon, prng) == Instant::never());
  failback.request();
  CHECK(failback.due(false, 0, at(100000), kNoon, prng) == at(100000));
  failback.switched(kB, kA, SwitchReason::returned, at(100000));
  CHECK_FALSE(failback.requested());
}

TEST_CASE("a window over midnight, in local time") {
  FailbackPolicy policy = plain();
  policy.mode = FailbackMode::window;
  policy.window_start_min = 22 * 60 + 30;
  policy.window_end_min = 5 * 60;
  policy.utc_offset_min = -300;
  struct {
    int hour, minute;  // UTC, of the same or the next day
    bool open;
  } const times[] = {{12, 0, false}, {27, 29, false}, {27, 30, true}, {28, 59, true},
                     {29, 0, true},  {33, 59, true},  {34, 0, false}, {34, 1, false}};
  for (const auto& time : times) {
    CAPTURE(time.hour);
    CAPTURE(time.minute);
    Failback failback(&policy);
    Prng prng(1);
    failback.switched(kA, kB, SwitchReason::failed, at(0));
    const Instant due = failback.due(false, 0, at(400), clock_at(time.hour, time.minute), prng);
    CHECK((due <= at(400)) == time.open);
    if (!time.open) CHECK(due == at(460));  // looked at again
  }
}

TEST_CASE("a window of an ordinary day, its end excluded; never without a trusted clock") {
  FailbackPolicy policy = plain();
  policy.mode = FailbackMode::window;
  policy.window_start_min = 120;
  policy.window_end_min = 121;
  Failback failback(&policy);
  Prng prng(1);
  failback.switched(kA, kB, SwitchReason::failed, at(0));
  CHECK(failback.due(false, 0, at(400), clock_at(1, 59), prng) > at(400));
  CHECK(failback.due(false, 0, at(400), clock_at(2, 1), prng) > at(400));
  WallClock guess = clock_at(2, 0);
  guess.trusted = false;
  CHECK(failback.due(false, 0, at(400), guess, prng) > at(400));
  CHECK(failback.due(false, 0, at(400), clock_at(2, 0), prng) <= at(400));
}

TEST_CASE("the spread begins with the window and ends within it") {
  FailbackPolicy policy = plain();
  policy.mode = FailbackMode::window;
  policy.spread_s = 7200;
  policy.window_start_min = 120;
  policy.window_end_min = 180;
  Instant latest = at(0);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Failback failback(&policy);
    Prng prng(seed);
    failback.switched(kA, kB, SwitchReason::failed, at(0));
    (void)failback.due(false, 0, at(400), clock_at(1, 0), prng);
    const Instant due = failback.due(false, 0, at(4000), clock_at(2, 0), prng);
    CHECK(due <= at(4000 + 3600));
    latest = later(latest, due);
  }
  CHECK(latest > at(4000 + 3300));
}

TEST_CASE("memory: what was and how long ago") {
  const FailbackPolicy policy = plain();
  Failback failback(&policy);
  failback.switched(kB, kA, SwitchReason::returned, at(0));
  failback.switched(kA, kB, SwitchReason::failed, at(100));
  const FailbackMemory memory = failback.memory(at(200), kNoon);
  CHECK(memory.switches == 2);
  CHECK(memory.hold_down_s == 600);
  CHECK(memory.switch_unix_ms[0] == kNoon.unix_ms - 200000);
  CHECK(memory.switch_unix_ms[1] == kNoon.unix_ms - 100000);

  // Another clock origin after the restart, half an hour later.
  WallClock then = kNoon;
  then.unix_ms += 1800 * 1000;
  Failback again(&policy);
  again.restore(memory, Instant{5000000}, then);
  const Instant now{5000000};
  CHECK(again.hold_down() == seconds(600));
  CHECK(again.switches_last_hour(now) == 2);
  CHECK(again.switches_last_hour(now + seconds(1599)) == 2);
  CHECK(again.switches_last_hour(now + seconds(1601)) == 1);
  CHECK(again.switches_last_hour(now + seconds(1701)) == 0);
}

TEST_CASE("memory without a clock, from the future or absurd: the cautious reading") {
  const FailbackPolicy policy = plain();
  FailbackMemory memory;
  memory.switches = 1000;
  memory.hold_down_s = UINT32_MAX;
  for (int64_t& when : memory.switch_unix_ms) when = kNoon.unix_ms + 1000000;
  Failback failback(&policy);
  failback.restore(memory, at(0), kNoon);
  CHECK(failback.hold_down() == seconds(3600));
  CHECK(failback.switches_last_hour(at(3599)) == FailbackMemory::kSwitches);
  CHECK(failback.switches_last_hour(at(3600)) == 0);

  Failback untrusted(&policy);
  memory.switches = 2;
  memory.hold_down_s = 1;
  for (int64_t& when : memory.switch_unix_ms) when = kNoon.unix_ms - 3000 * 1000;
  untrusted.restore(memory, at(0), {0, false});
  CHECK(untrusted.hold_down() == seconds(300));
  CHECK(untrusted.switches_last_hour(at(3599)) == 2);
}
