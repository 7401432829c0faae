// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/mbedtls/hash.h"

#include <algorithm>
#include <array>

#include "adapters/mbedtls/slots.h"
#include "holdfast/types.h"

namespace holdfast::mbedtls {
namespace {

constexpr size_t kBlock_bytes = 64;

template <size_t kSize>
struct Wiped : std::array<uint8_t, kSize> {
  Wiped() : std::array<uint8_t, kSize>{} {}
  ~Wiped() { wipe(this->data(), kSize); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
};

// Starts `state` with one block: the key, filled up with zeros, XOR `pad`.
psa_status_t start_padded(HashState& state, const Wiped<kBlock_bytes>& key, uint8_t pad) {
  Wiped<kBlock_bytes> block;
  for (size_t i = 0; i < kBlock_bytes; ++i) block[i] = static_cast<uint8_t>(key[i] ^ pad);
  const psa_status_t status = state.start();
  return status == PSA_SUCCESS ? state.update(block.data(), block.size()) : status;
}

}  // namespace

psa_status_t HashState::finish(Sha256Digest& digest) {
  size_t length = 0;
  const psa_status_t status = psa_hash_finish(&operation_, digest.data(), digest.size(), &length);
  if (status != PSA_SUCCESS) return status;
  return length == digest.size() ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

psa_status_t Hmac::set_key(const uint8_t* key, size_t size) {
  Wiped<kBlock_bytes> block;
  if (size <= kBlock_bytes) {
    std::copy_n(key, size, block.begin());
  } else {
    Wiped<sizeof(Sha256Digest)> digest;
    psa_status_t status = running_.start();
    if (status == PSA_SUCCESS) status = running_.update(key, size);
    if (status == PSA_SUCCESS) status = running_.finish(digest);
    if (status != PSA_SUCCESS) return status;
    std::copy(digest.begin(), digest.end(), block.begin());
  }
  const psa_status_t status = start_padded(inner_, block, 0x36);
  return status == PSA_SUCCESS ? start_padded(outer_, block, 0x5c) : status;
}

psa_status_t Hmac::compute(Sha256Digest& digest, const uint8_t* data, size_t size,
                           const uint8_t* more, size_t more_size) {
  psa_status_t status = running_.start_as(inner_);
  if (status == PSA_SUCCESS) status = running_.update(data, size);
  if (status == PSA_SUCCESS) status = running_.update(more, more_size);
  if (status == PSA_SUCCESS) status = running_.finish(digest);
  if (status == PSA_SUCCESS) status = running_.start_as(outer_);
  if (status == PSA_SUCCESS) status = running_.update(digest.data(), digest.size());
  if (status == PSA_SUCCESS) status = running_.finish(digest);
  return status;
}

Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                 size_t size) {
  Result<Sha256Digest> digest{Sha256Digest{}};
  Hmac hmac;
  psa_status_t status = hmac.set_key(key, key_size);
  if (status == PSA_SUCCESS) status = hmac.compute(*digest, data, size);
  if (status != PSA_SUCCESS) digest = failure(failed(status));
  return digest;
}

// RFC 8018, section 5.2, for the first block of output alone.
Result<Key256> pbkdf2_sha256(const uint8_t* secret, size_t secret_size, const uint8_t* salt,
                             size_t salt_size, uint32_t iterations) {
  Result<Key256> derived{Key256{}};
  if (iterations == 0) return failure(Code::invalid_argument);
  static constexpr uint8_t kFirstBlock[] = {0, 0, 0, 1};
  Hmac hmac;
  Wiped<sizeof(Sha256Digest)> u;
  psa_status_t status = hmac.set_key(secret, secret_size);
  if (status == PSA_SUCCESS) {
    status = hmac.compute(u, salt, salt_size, kFirstBlock, sizeof kFirstBlock);
  }
  *derived = u;
  for (uint32_t i = 1; i < iterations && status == PSA_SUCCESS; ++i) {
    status = hmac.compute(u, u.data(), u.size());
    for (size_t at = 0; at < u.size(); ++at) (*derived)[at] ^= u[at];
  }
  if (status != PSA_SUCCESS) {
    wipe(derived->data(), derived->size());
    derived = failure(failed(status));
  }
  return derived;
}

}  // namespace holdfast::mbedtls
