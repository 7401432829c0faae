// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A device key of any tier, with or without a counter, that fails when it is told to. It keeps the
// port's contract against accidents and tests, not against people: its hash is a toy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "holdfast/ports/device_key.h"

namespace holdfast::test {

class FakeDeviceKey final : public DeviceKey {
 public:
  explicit FakeDeviceKey(uint64_t device = 1, KeyTier tier = KeyTier::soc_bound)
      : device_(device), tier_(tier) {}

  // Returned by the calls of that name unless ok.
  Status hmac_fails, wrap_fails, unwrap_fails, counter_fails, count_up_fails;
  // With count_up_fails: whether the counter has moved all the same.
  bool counts_and_fails = false;

  bool has_counter = true;
  uint64_t count = 0;  // a test that restarts the device hands it on

  // Calls so far, failed ones included.
  struct Calls {
    int hmac = 0, wrap = 0, unwrap = 0, counter = 0, count_up = 0;
  } calls;

  KeyTier tier() const override { return tier_; }

  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override {
    ++calls.hmac;
    if (!hmac_fails.ok()) return failure(hmac_fails);
    return digest("hmac", label, data == nullptr ? "" : std::string(data, data + size));
  }

  Result<std::string> wrap(const Key256& key) override {
    ++calls.wrap;
    if (!wrap_fails.ok()) return failure(wrap_fails);
    const uint64_t number = ++wraps_;
    const std::string nonce(reinterpret_cast<const char*>(&number), sizeof number);
    const Sha256Digest mask = digest("mask", nonce, "");
    std::string wrapped = nonce;
    for (size_t i = 0; i < key.size(); ++i) wrapped += static_cast<char>(key[i] ^ mask[i]);
    const Sha256Digest tag = digest("tag", "", wrapped);
    return wrapped.append(tag.begin(), tag.end());
  }

  Result<Key256> unwrap(const std::string& wrapped) override {
    ++calls.unwrap;
    if (!unwrap_fails.ok()) return failure(unwrap_fails);
    constexpr size_t kNonce = sizeof(uint64_t), kTag = sizeof(Sha256Digest);
    if (wrapped.size() != kNonce + sizeof(Key256) + kTag) return failure(Code::refused);
    const Sha256Digest tag = digest("tag", "", wrapped.substr(0, wrapped.size() - kTag));
    if (!std::equal(tag.begin(), tag.end(), wrapped.end() - kTag,
                    [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); })) {
      return failure(Code::refused);
    }
    const Sha256Digest mask = digest("mask", wrapped.substr(0, kNonce), "");
    Key256 key{};
    for (size_t i = 0; i < key.size(); ++i) {
      key[i] = static_cast<uint8_t>(static_cast<uint8_t>(wrapped[kNonce + i]) ^ mask[i]);
    }
    return key;
  }

  Result<uint64_t> counter() override {
    ++calls.counter;
    if (!has_counter) return failure(Code::unsupported);
    if (!counter_fails.ok()) return failure(counter_fails);
    return count;
  }

  Result<uint64_t> count_up() override {
    ++calls.count_up;
    if (!has_counter) return failure(Code::unsupported);
    if (count_up_fails.ok() || counts_and_fails) ++count;
    if (!count_up_fails.ok()) return failure(count_up_fails);
    return count;
  }

 private:
  static uint64_t mix(uint64_t z) {  // SplitMix64
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  Sha256Digest digest(const char* purpose, const std::string& label,
                      const std::string& data) const {
    uint64_t state = mix(device_);
    for (const std::string& part : {std::string(purpose), label, data}) {
      state = mix(state ^ part.size());
      for (const char byte : part) state = mix(state ^ static_cast<uint8_t>(byte));
    }
    Sha256Digest out{};
    for (size_t i = 0; i < out.size(); ++i) {
      state = mix(state + i);
      out[i] = static_cast<uint8_t>(state >> 56);
    }
    return out;
  }

  uint64_t device_;
  KeyTier tier_;
  uint64_t wraps_ = 0;
};

}  // namespace holdfast::test
