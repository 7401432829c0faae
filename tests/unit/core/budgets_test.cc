// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/latency.h"

using namespace holdfast;
using namespace holdfast::core;

TEST_CASE("98th percentile") {
  LatencyWindow window;
  CHECK(window.p98() == Duration{0});
  CHECK(window.mean() == Duration{0});
  window.add(milliseconds(7));
  CHECK(window.p98() == milliseconds(7));
  CHECK(window.mean() == milliseconds(7));

  // 1..50 ms in a scrambled order: 49 of them are 49 ms or less.
  LatencyWindow fifty;
  for (int i = 0; i < 50; ++i) fifty.add(milliseconds((i * 37) % 50 + 1));
  CHECK(fifty.count() == 50);
  CHECK(fifty.p98() == milliseconds(50));
  CHECK(fifty.mean() == microseconds(25500));

  // One slow answer in 64 is beyond the percentile's reach only with two of them.
  LatencyWindow full;
  for (int i = 0; i < 64; ++i) full.add(milliseconds(i == 20 ? 900 : 10));
  CHECK(full.p98() == milliseconds(10));
  for (int i = 0; i < 2; ++i) full.add(milliseconds(900));
  CHECK(full.p98() == milliseconds(900));
}

TEST_CASE("the window forgets the oldest") {
  LatencyWindow window;
  for (int i = 0; i < 64; ++i) window.add(seconds(1));
  for (int i = 0; i < 64; ++i) window.add(milliseconds(3));
  CHECK(window.count() == 64);
  CHECK(window.mean() == milliseconds(3));
}

TEST_CASE("hedge delay: default before twenty answers, then clamped") {
  const RequestPolicy policy;
  LatencyWindow window;
  for (int i = 0; i < 19; ++i) window.add(milliseconds(1));
  CHECK(hedge_delay(window, policy) == milliseconds(500));
  window.add(milliseconds(1));
  CHECK(hedge_delay(window, policy) == milliseconds(30));
  for (int i = 0; i < 64; ++i) window.add(milliseconds(200));
  CHECK(hedge_delay(window, policy) == milliseconds(200));
  for (int i = 0; i < 64; ++i) window.add(seconds(20));
  CHECK(hedge_delay(window, policy) == seconds(1));
}

TEST_CASE("hedges: the burst, then two per cent") {
  const RequestPolicy policy;
  HedgeBudget budget(policy);
  int taken = 0;
  while (budget.take()) ++taken;
  CHECK(taken == 5);
  for (int i = 0; i < 49; ++i) budget.request();
  CHECK_FALSE(budget.take());
  budget.request();
  CHECK(budget.take());
  CHECK_FALSE(budget.take());
  for (int i = 0; i < 100000; ++i) budget.request();
  taken = 0;
  while (budget.take()) ++taken;
  CHECK(taken == 5);  // saved up to the burst, not beyond
}

TEST_CASE("hedges switched off") {
  RequestPolicy policy;
  policy.hedge_percent = policy.hedge_burst = 0;
  HedgeBudget budget(policy);
  for (int i = 0; i < 1000; ++i) budget.request();
  CHECK_FALSE(budget.take());
}

TEST_CASE("retries: none with half of the tokens or less") {
  const RequestPolicy policy;
  RetryBudget budget(policy);
  for (int i = 0; i < 4; ++i) budget.failed();
  CHECK(budget.allows());  // six left
  budget.failed();
  CHECK_FALSE(budget.allows());
  budget.succeeded();
  CHECK(budget.allows());  // 5.1
  for (int i = 0; i < 100; ++i) budget.failed();
  for (int i = 0; i < 50; ++i) budget.succeeded();
  CHECK_FALSE(budget.allows());  // 5.0 exactly: it doesn't go below zero, nor get lost in rounding
  budget.succeeded();
  CHECK(budget.allows());
  for (int i = 0; i < 1000; ++i) budget.succeeded();
  for (int i = 0; i < 5; ++i) budget.failed();
  CHECK_FALSE(budget.allows());  // never more than ten
}
