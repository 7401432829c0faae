// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/local_health.h"

#include <doctest/doctest.h>

using namespace holdfast;
using namespace holdfast::core;

namespace {

ServersView view(uint32_t asked, uint32_t unreachable, uint32_t not_yet_valid, uint32_t alive,
                 uint32_t refusing) {
  ServersView v;
  v.asked = asked;
  v.unreachable = unreachable;
  v.not_yet_valid = not_yet_valid;
  v.alive = alive;
  v.refusing = refusing;
  return v;
}

}  // namespace

TEST_CASE("what all servers together show") {
  struct {
    ServersView servers;
    LocalHealth health;
  } const table[] = {
      {view(0, 0, 0, 0, 0), LocalHealth::ok}, {view(3, 0, 0, 3, 0), LocalHealth::ok},
      {view(3, 2, 0, 1, 0), LocalHealth::ok}, {view(3, 3, 0, 0, 0), LocalHealth::network_down},
      {view(3, 0, 2, 1, 0), LocalHealth::ok}, {view(3, 0, 3, 0, 0), LocalHealth::clock_untrusted},
      {view(3, 0, 0, 2, 1), LocalHealth::ok}, {view(3, 0, 0, 2, 2), LocalHealth::device_refused},
      {view(3, 0, 0, 0, 0), LocalHealth::ok},
  };
  for (const auto& row : table) {
    LocalJudge judge;
    CHECK(judge.judge(row.servers) == row.health);
    CHECK(judge.blames_us() == (row.health == LocalHealth::network_down));
  }
}

TEST_CASE("the interface's word, until something answers") {
  for (const LinkState link :
       {LinkState{false, true, true}, LinkState{true, false, true}, LinkState{true, true, false}}) {
    LocalJudge judge;
    const Instant now = Instant{} + seconds(50);
    judge.link(link, now);
    CHECK(judge.judge(view(1, 0, 0, 1, 0)) == LocalHealth::network_down);
    judge.answered(now);  // sent before the interface went: it was on its way
    CHECK(judge.judge(view(1, 0, 0, 1, 0)) == LocalHealth::network_down);
    judge.answered(now + milliseconds(1));
    CHECK(judge.judge(view(1, 0, 0, 1, 0)) == LocalHealth::ok);
    judge.link(link, now);  // said again: believed again
    CHECK(judge.judge(view(1, 0, 0, 1, 0)) == LocalHealth::network_down);
    judge.link({}, now);
    CHECK(judge.judge(view(1, 0, 0, 1, 0)) == LocalHealth::ok);
  }
}

TEST_CASE("a late loop: more than a second or twice the interval") {
  const Instant promised = Instant{} + seconds(100);
  struct {
    int64_t late_ms, interval_ms;
    bool stalled;
  } const table[] = {{0, 100, false},    {1000, 100, false}, {1001, 100, true},
                     {1500, 800, false}, {1601, 800, true},  {-500, 100, false}};
  for (const auto& row : table) {
    CAPTURE(row.late_ms);
    LocalJudge judge;
    CHECK(judge.woke(promised + milliseconds(row.late_ms), promised,
                     milliseconds(row.interval_ms)) == row.stalled);
    CHECK((judge.judge({}) == LocalHealth::local_stall) == row.stalled);
    CHECK(judge.blames_us() == row.stalled);
    judge.on_time();
    CHECK(judge.judge({}) == LocalHealth::ok);
  }
  LocalJudge judge;
  CHECK_FALSE(judge.woke(promised + seconds(1000), Instant::never(), seconds(1)));
}

TEST_CASE("the network comes before the loop, the loop before the clock") {
  LocalJudge judge;
  CHECK(judge.woke(Instant{} + seconds(10), Instant{} + seconds(1), milliseconds(1)));
  CHECK(judge.judge(view(2, 2, 0, 0, 0)) == LocalHealth::network_down);
  CHECK(judge.judge(view(2, 0, 2, 0, 0)) == LocalHealth::local_stall);
  judge.answered(Instant{});
  CHECK(judge.judge(view(2, 0, 2, 0, 0)) == LocalHealth::clock_untrusted);
}
