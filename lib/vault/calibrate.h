// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// How many iterations of PBKDF2 this device can afford for one login.
#pragma once

#include <cstdint>
#include <functional>

#include "holdfast/ports/crypto.h"
#include "holdfast/time.h"

namespace holdfast::vault {

constexpr uint32_t kLeastIterations = 10000;
constexpr uint32_t kMostIterations = 1000000;

// The number that takes `target_ms` when nothing disturbs, but at least `least` and at most `most`,
// which are themselves kept between the constants above. `least` also when nothing can be measured
// since the clock stands still or the derivation fails. Takes some 50 ms, for which it blocks.
uint32_t calibrate_pbkdf2(Crypto& crypto, uint32_t target_ms, const std::function<Instant()>& now,
                          uint32_t least = kLeastIterations, uint32_t most = kMostIterations);

}  // namespace holdfast::vault
