// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/calibrate.h"

#include "holdfast/adapters/posix.h"

namespace holdfast {

uint32_t calibrate_kdf(Crypto& crypto, uint32_t target_ms) {
  return vault::calibrate_pbkdf2(crypto, target_ms, monotonic_now);
}

}  // namespace holdfast
