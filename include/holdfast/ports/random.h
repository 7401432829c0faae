// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: randomness for ids. (Jitter doesn't use it: that is seeded from the device's identity, so
// that it differs between devices but not between runs of a test.)
#pragma once

#include <cstddef>
#include <cstdint>

#include "holdfast/status.h"

namespace holdfast {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `size` bytes from a cryptographic source. Must not return ok before the source was
  // seeded.
  virtual Status fill(uint8_t* data, size_t size) = 0;
};

}  // namespace holdfast
