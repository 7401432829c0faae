// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Random must do, as far as a test can tell.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <set>

#include "holdfast/ports/random.h"

namespace holdfast::conformance {

inline void random(Random& random) {
  CHECK(random.fill(nullptr, 0).ok());
  std::set<std::array<uint8_t, 16>> seen;
  for (int i = 0; i < 100; ++i) {
    std::array<uint8_t, 16> id = {};
    CHECK(random.fill(id.data(), id.size()).ok());
    CHECK(seen.insert(id).second);
  }
  // Every byte is written: one that stays zero in 20 fills by chance is 1 in 10^44.
  std::array<bool, 4096> touched = {};
  for (int i = 0; i < 20; ++i) {
    std::array<uint8_t, 4096> bytes = {};
    CHECK(random.fill(bytes.data(), bytes.size()).ok());
    for (size_t at = 0; at < bytes.size(); ++at) touched[at] = touched[at] || bytes[at] != 0;
  }
  size_t untouched = 0;
  for (const bool was : touched) untouched += was ? 0 : 1;
  CHECK(untouched == 0);
}

}  // namespace holdfast::conformance
