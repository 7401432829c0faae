// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: the cryptography the library needs. All calls come from one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/status.h"

namespace holdfast {

using Sha256Digest = std::array<uint8_t, 32>;

class Sha256 {
 public:
  virtual ~Sha256() = default;
  virtual Status update(const uint8_t* data, size_t size) = 0;
  virtual Result<Sha256Digest> finish() = 0;  // once; the object is spent afterwards
};

class Crypto {
 public:
  virtual ~Crypto() = default;
  virtual Result<std::unique_ptr<Sha256>> sha256() = 0;
  // ECDSA P-256 with SHA-256. `public_key`: 65 bytes, uncompressed point (04 || X || Y).
  // `signature`: r || s, 64 bytes. ok: it holds. refused: it doesn't. invalid_argument: key or
  // signature are malformed.
  virtual Status verify_p256(const std::string& public_key, const std::string& message,
                             const std::string& signature) = 0;
};

}  // namespace holdfast
