// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "holdfast/time.h"

namespace holdfast {

// SplitMix64: for jitter, never for secrets. The same seed gives the same sequence on every board
// and library, which the distributions of <random> don't promise.
class Prng {
 public:
  explicit constexpr Prng(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  // 0 .. bound-1; 0 when bound is 0. The bias of the remainder is below 2^-32 for the bounds used
  // here.
  uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

  // U[0, limit].
  Duration up_to(Duration limit) {
    return {limit.us <= 0 ? 0 : static_cast<int64_t>(below(static_cast<uint64_t>(limit.us) + 1))};
  }

  // `d` changed by up to +-`percent`.
  Duration around(Duration d, int percent) {
    const Duration width = {d.us * percent / 100};
    return d - width + up_to(width * 2);
  }

 private:
  uint64_t state_;
};

// FNV-1a: spreads device names over seeds; a fingerprint, not a protection.
inline uint64_t fingerprint(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace holdfast
