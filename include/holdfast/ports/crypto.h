// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: the cryptography the library needs. Calls may come from the owner's thread and from the
// executor's worker at the same time; an object that a call returned belongs to one of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/status.h"

namespace holdfast {

using Sha256Digest = std::array<uint8_t, 32>;
using Key256 = std::array<uint8_t, 32>;  // whoever holds one wipes it

// The number is stored with what was sealed.
enum class AeadSuite : uint8_t {
  chacha20_poly1305 = 1,  // RFC 8439; the faster and safer one without AES instructions
  aes_256_gcm = 2,        // SP 800-38D; where a certification asks for AES
};
constexpr size_t kAeadNonce_bytes = 12;
constexpr size_t kAeadTag_bytes = 16;
using AeadNonce = std::array<uint8_t, kAeadNonce_bytes>;  // never twice under one key

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

  // RFC 2104. Any sizes; null is allowed for no bytes.
  virtual Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                           size_t size) = 0;
  // PBKDF2-HMAC-SHA256 (RFC 8018) with 32 bytes of output. Takes as long as `iterations` says: a
  // tenth of a second for 100,000 on a PC. Other calls don't wait for it. invalid_argument: no
  // iterations.
  virtual Result<Key256> pbkdf2_sha256(const std::string& secret, const std::string& salt,
                                       uint32_t iterations) = 0;

  // The suite that is the better one on this processor; seal() and open() have it.
  virtual AeadSuite preferred_suite() const = 0;
  // Ciphertext followed by the tag. `associated` is authenticated, not encrypted. unsupported: this
  // implementation hasn't got the suite, or the number names none.
  virtual Result<std::string> seal(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                                   const std::string& associated, const std::string& plain) = 0;
  // refused: key, nonce, associated data or bytes aren't those that were sealed (also: too few to
  // hold a tag). The caller wipes what it got.
  virtual Result<std::string> open(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                                   const std::string& associated, const std::string& sealed) = 0;
};

}  // namespace holdfast
