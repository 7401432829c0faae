// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/calibrate.h"

#include <algorithm>
#include <string>

namespace holdfast::vault {
namespace {

constexpr int kRuns = 3;
constexpr uint32_t kShortest = 1000;            // 15 ms on a slow 32-bit ARM
constexpr uint32_t kLongest = 64 * 1000;        // 25 ms on a PC
constexpr Duration kLong = microseconds(5000);  // of many ticks, for any clock but the coarsest

// The shortest time that `iterations` took: whatever disturbs only adds to it. 0 or less: not
// measured.
Duration fastest_of(Crypto& crypto, uint32_t iterations, const std::function<Instant()>& now) {
  const std::string salt(16, 's');
  Duration fastest{};
  for (int run = 0; run < kRuns; ++run) {
    const Instant begun = now();
    Result<Key256> key = crypto.pbkdf2_sha256("calibration", salt, iterations);
    const Duration took = now() - begun;
    if (!key) return {};
    fastest = run == 0 ? took : std::min(fastest, took);
  }
  return fastest;
}

}  // namespace

uint32_t calibrate_pbkdf2(Crypto& crypto, uint32_t target_ms, const std::function<Instant()>& now,
                          uint32_t least, uint32_t most) {
  least = std::clamp(least, kLeastIterations, kMostIterations);
  most = std::clamp(most, least, kMostIterations);
  uint32_t iterations = kShortest;
  Duration took = fastest_of(crypto, iterations, now);
  while (took < kLong && iterations < kLongest) {
    iterations *= 2;
    took = fastest_of(crypto, iterations, now);
  }
  if (took <= Duration{}) return least;
  const uint64_t affordable =
      static_cast<uint64_t>(iterations) * target_ms * 1000 / static_cast<uint64_t>(took.us);
  return static_cast<uint32_t>(std::clamp<uint64_t>(affordable, least, most));
}

}  // namespace holdfast::vault
