// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/device_key.h"

#include <algorithm>
#include <utility>

#include "holdfast/adapters/posix.h"
#include "holdfast/types.h"

namespace holdfast {
namespace {

constexpr char kWrap[] = "wrap/v1";
constexpr size_t kWrapped_bytes = 1 + kAeadNonce_bytes + sizeof(Key256) + kAeadTag_bytes;

const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

bool is_suite(uint8_t number) {
  return number == static_cast<uint8_t>(AeadSuite::chacha20_poly1305) ||
         number == static_cast<uint8_t>(AeadSuite::aes_256_gcm);
}

class FileDeviceKey final : public DeviceKey {
 public:
  explicit FileDeviceKey(Crypto& crypto) : crypto_(crypto), random_(system_random()) {}
  ~FileDeviceKey() override { wipe(root_.data(), root_.size()); }

  Status load(const std::string& path, std::string* problem) {
    return posix::load_or_make_key(path, root_, problem);
  }

  KeyTier tier() const override { return KeyTier::none; }

  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override {
    Result<Key256> key = derive("hmac/v1/" + label);
    if (!key) return failure(key.error());
    Result<Sha256Digest> digest = crypto_.hmac_sha256(key->data(), key->size(), data, size);
    wipe(key->data(), key->size());
    return digest;
  }

  // The number of the suite, the nonce, then what seal() gives.
  Result<std::string> wrap(const Key256& key) override {
    AeadNonce nonce = {};
    const Status drawn = random_->fill(nonce.data(), nonce.size());
    if (!drawn.ok()) return failure(drawn);
    Result<Key256> wrapping = derive(kWrap);
    if (!wrapping) return failure(wrapping.error());
    const AeadSuite suite = crypto_.preferred_suite();
    std::string plain(key.begin(), key.end());
    Result<std::string> sealed = crypto_.seal(suite, *wrapping, nonce, kWrap, plain);
    wipe(plain);
    wipe(wrapping->data(), wrapping->size());
    if (!sealed) return sealed;
    std::string wrapped(1, static_cast<char>(suite));
    wrapped.append(nonce.begin(), nonce.end()).append(*sealed);
    return wrapped;
  }

  Result<Key256> unwrap(const std::string& wrapped) override {
    if (wrapped.size() != kWrapped_bytes || !is_suite(static_cast<uint8_t>(wrapped[0]))) {
      return failure(Code::refused);
    }
    AeadNonce nonce = {};
    std::copy_n(bytes_of(wrapped) + 1, nonce.size(), nonce.begin());
    Result<Key256> wrapping = derive(kWrap);
    if (!wrapping) return failure(wrapping.error());
    Result<std::string> plain = crypto_.open(static_cast<AeadSuite>(wrapped[0]), *wrapping, nonce,
                                             kWrap, wrapped.substr(1 + kAeadNonce_bytes));
    wipe(wrapping->data(), wrapping->size());
    if (!plain) return failure(plain.error());
    Result<Key256> key{Key256{}};
    std::copy_n(bytes_of(*plain), key->size(), key->begin());
    wipe(*plain);
    return key;
  }

 private:
  Result<Key256> derive(const std::string& purpose) {
    return crypto_.hmac_sha256(root_.data(), root_.size(), bytes_of(purpose), purpose.size());
  }

  Crypto& crypto_;
  std::unique_ptr<Random> random_;
  Key256 root_{};
};

}  // namespace

Result<std::unique_ptr<DeviceKey>> file_device_key(const std::string& path, Crypto& crypto,
                                                   std::string* problem) {
  auto key = std::make_unique<FileDeviceKey>(crypto);
  const Status loaded = key->load(path, problem);
  if (!loaded.ok()) return failure(loaded);
  return key;
}

}  // namespace holdfast
