// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 and what is made of it: HMAC and PBKDF2. No key slot is used, so any thread may.
#pragma once

#include <psa/crypto.h>

#include <cstddef>
#include <cstdint>

#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"

namespace holdfast::mbedtls {

// A running hash. What it holds may be as good as the key that went in, so PSA wipes it when it is
// finished, aborted or destroyed.
class HashState {
 public:
  HashState() = default;
  ~HashState() { (void)psa_hash_abort(&operation_); }
  HashState(const HashState&) = delete;
  HashState& operator=(const HashState&) = delete;

  psa_status_t start() { return psa_hash_setup(&operation_, PSA_ALG_SHA_256); }
  psa_status_t start_as(const HashState& other) {
    return psa_hash_clone(&other.operation_, &operation_);
  }
  psa_status_t update(const uint8_t* data, size_t size) {
    return size == 0 ? PSA_SUCCESS : psa_hash_update(&operation_, data, size);
  }
  psa_status_t finish(Sha256Digest& digest);  // ready for the next start

 private:
  psa_hash_operation_t operation_ = PSA_HASH_OPERATION_INIT;
};

// HMAC-SHA256 under one key. The two states that depend on the key alone are computed once; each
// text then costs two blocks less than it would alone, and half of what a short one costs.
class Hmac {
 public:
  psa_status_t set_key(const uint8_t* key, size_t size);
  // The text is `data` followed by `more`.
  psa_status_t compute(Sha256Digest& digest, const uint8_t* data, size_t size,
                       const uint8_t* more = nullptr, size_t more_size = 0);

 private:
  HashState inner_;
  HashState outer_;
  HashState running_;
};

Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                 size_t size);
Result<Key256> pbkdf2_sha256(const uint8_t* secret, size_t secret_size, const uint8_t* salt,
                             size_t salt_size, uint32_t iterations);

}  // namespace holdfast::mbedtls
