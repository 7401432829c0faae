// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The small parts that the core stands on: seeded randomness and the queue.
#include <doctest/doctest.h>

#include "base/prng.h"
#include "base/ring.h"

using namespace holdfast;

TEST_CASE("the same seed gives the same numbers everywhere") {
  // SplitMix64's published first outputs for seed 1234567.
  Prng prng(1234567);
  CHECK(prng.next() == 6457827717110365317ull);
  CHECK(prng.next() == 3203168211198807973ull);
  CHECK(prng.next() == 9817491932198370423ull);
}

TEST_CASE("jitter stays in its bounds and reaches them") {
  Prng prng(7);
  bool low = false, high = false;
  for (int i = 0; i < 100000; ++i) {
    const Duration d = prng.around(milliseconds(1000), 20);
    REQUIRE(d >= milliseconds(800));
    REQUIRE(d <= milliseconds(1200));
    low = low || d < milliseconds(802);
    high = high || d > milliseconds(1198);
    REQUIRE(prng.up_to(microseconds(3)) <= microseconds(3));
    REQUIRE(prng.below(5) < 5);
  }
  CHECK(low);
  CHECK(high);
  CHECK(prng.up_to({0}) == Duration{0});
  CHECK(prng.up_to({-5}) == Duration{0});
  CHECK(prng.below(0) == 0);
}

TEST_CASE("different devices jitter differently") {
  Prng a(fingerprint("mfp-1")), b(fingerprint("mfp-2"));
  CHECK(fingerprint("mfp-1") != fingerprint("mfp-2"));
  CHECK(fingerprint("") == 0xcbf29ce484222325ull);
  CHECK(fingerprint("a") == 0xaf63dc4c8601ec8cull);
  CHECK(a.next() != b.next());
}

TEST_CASE("a ring keeps its order and its limit") {
  Ring<int> ring(3);
  CHECK(ring.empty());
  CHECK(ring.push(1));
  CHECK(ring.push(2));
  CHECK(ring.push(3));
  CHECK(ring.full());
  CHECK_FALSE(ring.push(4));
  CHECK(ring.front() == 1);
  ring.pop();
  CHECK(ring.push(4));
  CHECK(ring.size() == 3);
  CHECK(ring[0] == 2);
  CHECK(ring[2] == 4);
  ring.push_over(5);
  CHECK(ring.front() == 3);
  CHECK(ring[2] == 5);
  CHECK(ring.capacity() == 3);
  ring.clear();
  CHECK(ring.empty());
}
