// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The same bytes for the same seed, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "holdfast/ports/random.h"

namespace holdfast::test {

class FakeRandom final : public Random {
 public:
  explicit FakeRandom(uint64_t seed = 1) : state_(seed) {}

  Status fails;  // returned by fill() unless ok

  Status fill(uint8_t* data, size_t size) override {
    if (!fails.ok()) return fails;
    for (size_t i = 0; i < size; ++i) data[i] = static_cast<uint8_t>(next() >> 56);
    return {};
  }

 private:
  uint64_t next() {  // SplitMix64
    uint64_t z = state_ += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace holdfast::test
