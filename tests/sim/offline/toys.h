// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Cryptography and a device key that are fast instead of strong: a hash of multiplications, a
// cipher of its sums. They keep the ports' contracts against accidents: what was changed is
// refused, other keys give other bytes. Nobody in the simulator looks for collisions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "holdfast/ports/crypto.h"
#include "holdfast/ports/device_key.h"
#include "sim/offline/power.h"

namespace holdfast::sim::offline {

// 256 bits of any bytes.
class ToyHash {
 public:
  explicit ToyHash(uint64_t purpose);
  void add(const void* data, size_t size);  // each call is a part by itself
  void add(const std::string& text) { add(text.data(), text.size()); }
  Sha256Digest finish();

 private:
  void word(uint64_t value);
  uint64_t state_[4];
  size_t at_ = 0;
};

class ToyCrypto final : public Crypto {
 public:
  // A secret is being tried, learnt or forgotten.
  std::function<void(const std::string& secret)> on_derive;
  // Bytes have been digested.
  std::function<void(const std::string& bytes)> on_digest;

  Result<std::unique_ptr<Sha256>> sha256() override;
  Status verify_p256(const std::string&, const std::string&, const std::string&) override {
    return Code::refused;
  }
  Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                   size_t size) override;
  Result<Key256> pbkdf2_sha256(const std::string& secret, const std::string& salt,
                               uint32_t iterations) override;
  AeadSuite preferred_suite() const override { return AeadSuite::chacha20_poly1305; }
  Result<std::string> seal(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& plain) override;
  Result<std::string> open(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& sealed) override;
};

Key256 toy_derive(const std::string& secret, const std::string& salt, uint32_t iterations);
std::string toy_sha256_hex(const std::string& text);

// With or without a counter, which outlives everything; what it is asked without power isn't done.
class SimKey final : public DeviceKey {
 public:
  SimKey(Power& power, KeyTier tier, bool has_counter)
      : power_(power), tier_(tier), has_counter_(has_counter) {}

  bool has_counter() const { return has_counter_; }
  uint64_t count() const { return count_; }

  KeyTier tier() const override { return tier_; }
  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override;
  Result<std::string> wrap(const Key256& key) override;
  Result<Key256> unwrap(const std::string& wrapped) override;
  Result<uint64_t> counter() override;
  Result<uint64_t> count_up() override;

 private:
  Power& power_;
  KeyTier tier_;
  bool has_counter_;
  uint64_t count_ = 0;
  uint64_t wraps_ = 0;
};

}  // namespace holdfast::sim::offline
