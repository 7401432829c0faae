// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/toys.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/hex.h"

namespace holdfast::sim::offline {
namespace {

uint64_t mixed(uint64_t z) {  // SplitMix64's
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

class ToySha256 final : public Sha256 {
 public:
  explicit ToySha256(const std::function<void(const std::string&)>& told) : told_(told) {}
  Status update(const uint8_t* data, size_t size) override {
    text_.append(reinterpret_cast<const char*>(data), size);
    return {};
  }
  Result<Sha256Digest> finish() override {
    ToyHash hash(1);
    hash.add(text_);
    if (told_) told_(text_);
    return hash.finish();
  }

 private:
  const std::function<void(const std::string&)>& told_;
  std::string text_;
};

std::string tag_of(const Key256& key, const AeadNonce& nonce, const std::string& associated,
                   const std::string& cipher, AeadSuite suite) {
  ToyHash hash(5 + static_cast<uint64_t>(suite));
  hash.add(key.data(), key.size());
  hash.add(nonce.data(), nonce.size());
  hash.add(associated);
  hash.add(cipher);
  const Sha256Digest digest = hash.finish();
  return {digest.begin(), digest.begin() + kAeadTag_bytes};
}

std::string masked(const Key256& key, const AeadNonce& nonce, std::string text) {
  ToyHash hash(4);
  hash.add(key.data(), key.size());
  hash.add(nonce.data(), nonce.size());
  const Sha256Digest start = hash.finish();
  uint64_t word = 0;
  std::memcpy(&word, start.data(), sizeof word);
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % 8 == 0) word = mixed(word + 0x9e3779b97f4a7c15ull);
    text[i] = static_cast<char>(static_cast<uint8_t>(text[i]) ^ (word >> (8 * (i % 8))));
  }
  return text;
}

}  // namespace

// ---- hash

ToyHash::ToyHash(uint64_t purpose)
    : state_{mixed(purpose + 1), mixed(purpose + 2), mixed(purpose + 3), mixed(purpose + 4)} {}

void ToyHash::word(uint64_t value) {
  uint64_t& one = state_[at_ & 3];
  ++at_;
  one = mixed((one ^ value) + state_[at_ & 3]) + 0x9e3779b97f4a7c15ull * at_;
}

void ToyHash::add(const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  word(size);
  while (size > 0) {
    uint64_t value = 0;
    const size_t part = std::min<size_t>(size, 8);
    for (size_t i = 0; i < part; ++i) value |= uint64_t{bytes[i]} << (8 * i);
    word(value);
    bytes += part;
    size -= part;
  }
}

Sha256Digest ToyHash::finish() {
  for (uint64_t i = 0; i < 8; ++i) word(i);
  Sha256Digest digest{};
  for (size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<uint8_t>(state_[i / 8] >> (8 * (i % 8)));
  return digest;
}

std::string toy_sha256_hex(const std::string& text) {
  ToyHash hash(1);
  hash.add(text);
  const Sha256Digest digest = hash.finish();
  return hex_encode(digest.data(), digest.size());
}

Key256 toy_derive(const std::string& secret, const std::string& salt, uint32_t iterations) {
  ToyHash hash(3);
  hash.add(secret);
  hash.add(salt);
  hash.add(&iterations, sizeof iterations);
  return hash.finish();
}

// ---- crypto

Result<std::unique_ptr<Sha256>> ToyCrypto::sha256() {
  return std::unique_ptr<Sha256>(std::make_unique<ToySha256>(on_digest));
}

Result<Sha256Digest> ToyCrypto::hmac_sha256(const uint8_t* key, size_t key_size,
                                            const uint8_t* data, size_t size) {
  ToyHash hash(2);
  hash.add(key, key_size);
  hash.add(data, size);
  return hash.finish();
}

Result<Key256> ToyCrypto::pbkdf2_sha256(const std::string& secret, const std::string& salt,
                                        uint32_t iterations) {
  if (iterations == 0) return failure(Code::invalid_argument);
  if (on_derive) on_derive(secret);
  return toy_derive(secret, salt, iterations);
}

Result<std::string> ToyCrypto::seal(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                                    const std::string& associated, const std::string& plain) {
  std::string cipher = masked(key, nonce, plain);
  return cipher + tag_of(key, nonce, associated, cipher, suite);
}

Result<std::string> ToyCrypto::open(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                                    const std::string& associated, const std::string& sealed) {
  if (sealed.size() < kAeadTag_bytes) return failure(Code::refused);
  std::string cipher = sealed.substr(0, sealed.size() - kAeadTag_bytes);
  const bool whole = sealed.compare(cipher.size(), std::string::npos,
                                    tag_of(key, nonce, associated, cipher, suite)) == 0;
  if (!whole) return failure(Code::refused);
  return masked(key, nonce, std::move(cipher));
}

// ---- the device's key

Result<Sha256Digest> SimKey::hmac(const std::string& label, const uint8_t* data, size_t size) {
  if (!power_.on) return failure(Status(Code::io_error, EIO));
  ToyHash hash(20);
  hash.add(label);
  hash.add(data, size);
  return hash.finish();
}

Result<std::string> SimKey::wrap(const Key256& key) {
  if (!power_.on) return failure(Status(Code::io_error, EIO));
  AeadNonce nonce{};
  ++wraps_;
  std::memcpy(nonce.data(), &wraps_, sizeof wraps_);
  std::string wrapped(nonce.begin(), nonce.end());
  const Key256 own = toy_derive("own", "wrap", 1);
  const std::string cipher = masked(own, nonce, std::string(key.begin(), key.end()));
  return wrapped + cipher + tag_of(own, nonce, "", cipher, AeadSuite::aes_256_gcm);
}

Result<Key256> SimKey::unwrap(const std::string& wrapped) {
  if (!power_.on) return failure(Status(Code::io_error, EIO));
  AeadNonce nonce{};
  Key256 key{};
  if (wrapped.size() != nonce.size() + key.size() + kAeadTag_bytes) return failure(Code::refused);
  std::copy_n(wrapped.begin(), nonce.size(), nonce.begin());
  const Key256 own = toy_derive("own", "wrap", 1);
  const std::string cipher = wrapped.substr(nonce.size(), key.size());
  if (wrapped.substr(nonce.size() + key.size()) !=
      tag_of(own, nonce, "", cipher, AeadSuite::aes_256_gcm))
    return failure(Code::refused);
  const std::string plain = masked(own, nonce, cipher);
  std::copy(plain.begin(), plain.end(), key.begin());
  return key;
}

Result<uint64_t> SimKey::counter() {
  if (!has_counter_) return failure(Code::unsupported);
  if (!power_.on) return failure(Status(Code::io_error, EIO));
  return count_;
}

Result<uint64_t> SimKey::count_up() {
  if (!has_counter_) return failure(Code::unsupported);
  if (!power_.on) return failure(Status(Code::io_error, EIO));
  if (power_.step()) {
    if (power_.landed) ++count_;
    power_.at_counter = !power_.landed;
    power_.on = false;
    return failure(Status(Code::io_error, EIO));
  }
  return ++count_;
}

}  // namespace holdfast::sim::offline
