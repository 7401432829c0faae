// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Only what mbedTLS 2.28 and 3.x have in common.
#include <psa/crypto.h>

#include <mutex>
#include <thread>
#include <utility>

#include "adapters/mbedtls/aead.h"
#include "adapters/mbedtls/hash.h"
#include "adapters/mbedtls/known_answers.h"
#include "adapters/mbedtls/slots.h"
#include "holdfast/adapters/mbedtls_crypto.h"
#include "holdfast/types.h"

namespace holdfast {
namespace mbedtls {

std::mutex& key_slots() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace mbedtls

namespace {

using mbedtls::bytes_of;
using mbedtls::failed;

constexpr size_t kPoint_bytes = 65;
constexpr size_t kSignature_bytes = 64;
constexpr size_t kCurve_bits = 256;

class PsaSha256 final : public Sha256 {
 public:
  Status start() { return keep(state_.start()); }

  Status update(const uint8_t* data, size_t size) override {
    return status_ != PSA_SUCCESS ? failed(status_) : keep(state_.update(data, size));
  }

  Result<Sha256Digest> finish() override {
    Sha256Digest digest = {};
    if (status_ == PSA_SUCCESS) status_ = state_.finish(digest);
    if (status_ != PSA_SUCCESS) return failure(failed(status_));
    status_ = PSA_ERROR_BAD_STATE;  // spent
    return digest;
  }

 private:
  Status keep(psa_status_t status) {
    status_ = status;
    return status == PSA_SUCCESS ? Status() : failed(status);
  }

  mbedtls::HashState state_;
  psa_status_t status_ = PSA_ERROR_BAD_STATE;
};

bool is_suite(AeadSuite suite) {
  return suite == AeadSuite::chacha20_poly1305 || suite == AeadSuite::aes_256_gcm;
}

class PsaCrypto final : public Crypto {
 public:
  Result<std::unique_ptr<Sha256>> sha256() override {
    auto hash = std::make_unique<PsaSha256>();
    const Status started = hash->start();
    if (!started.ok()) return failure(started);
    return hash;
  }

  Status verify_p256(const std::string& public_key, const std::string& message,
                     const std::string& signature) override {
    if (public_key.size() != kPoint_bytes || public_key[0] != '\x04' ||
        signature.size() != kSignature_bytes) {
      return Code::invalid_argument;
    }
    if (mbedtls::kOneThread && std::this_thread::get_id() != owner_) return Code::unsupported;
    const psa_algorithm_t algorithm = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, kCurve_bits);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_MESSAGE);
    psa_set_key_algorithm(&attributes, algorithm);

    const std::lock_guard<std::mutex> turn(mbedtls::key_slots());
    psa_key_id_t key = 0;
    psa_status_t status =
        psa_import_key(&attributes, bytes_of(public_key), public_key.size(), &key);
    // A point that isn't on the curve.
    if (status == PSA_ERROR_INVALID_ARGUMENT) return Status(Code::invalid_argument, status);
    if (status != PSA_SUCCESS) return failed(status);
    status = psa_verify_message(key, algorithm, bytes_of(message), message.size(),
                                bytes_of(signature), signature.size());
    const psa_status_t destroyed = psa_destroy_key(key);
    if (status == PSA_ERROR_INVALID_SIGNATURE) return Status(Code::refused, status);
    if (status != PSA_SUCCESS) return failed(status);
    return destroyed == PSA_SUCCESS ? Status() : failed(destroyed);
  }

  Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                   size_t size) override {
    return mbedtls::hmac_sha256(key, key_size, data, size);
  }

  Result<Key256> pbkdf2_sha256(const std::string& secret, const std::string& salt,
                               uint32_t iterations) override {
    return mbedtls::pbkdf2_sha256(bytes_of(secret), secret.size(), bytes_of(salt), salt.size(),
                                  iterations);
  }

  AeadSuite preferred_suite() const override { return preferred_; }

  Result<std::string> seal(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& plain) override {
    if (!is_suite(suite)) return failure(Code::unsupported);
    Result<std::string> sealed{std::string(plain.size() + kAeadTag_bytes, '\0')};
    const Status status = mbedtls::aead_encrypt({suite, key, nonce, associated, plain}, *sealed);
    if (!status.ok()) sealed = failure(status);
    return sealed;
  }

  Result<std::string> open(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& sealed) override {
    if (!is_suite(suite)) return failure(Code::unsupported);
    if (sealed.size() < kAeadTag_bytes) return failure(Code::refused);
    Result<std::string> plain{std::string(sealed.size() - kAeadTag_bytes, '\0')};
    const Status status = mbedtls::aead_decrypt({suite, key, nonce, associated, sealed}, *plain);
    if (!status.ok()) {
      wipe(*plain);
      plain = failure(status);
    }
    return plain;
  }

  // Compares the known answers of both suites and prefers one. A build of mbedTLS may lack one.
  Status find_suites() {
    const Status chacha = mbedtls::knows_aead(*this, AeadSuite::chacha20_poly1305);
    const Status aes = mbedtls::knows_aead(*this, AeadSuite::aes_256_gcm);
    for (const Status status : {chacha, aes}) {
      if (!status.ok() && status.code() != Code::unsupported) return status;
    }
    if (!chacha.ok() && !aes.ok()) return chacha;
    const bool prefers_aes = aes.ok() && (!chacha.ok() || mbedtls::has_aes_instructions());
    preferred_ = prefers_aes ? AeadSuite::aes_256_gcm : AeadSuite::chacha20_poly1305;
    return {};
  }

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
  AeadSuite preferred_ = AeadSuite::chacha20_poly1305;
};

}  // namespace

Result<std::unique_ptr<Crypto>> mbedtls_crypto() {
  {
    const std::lock_guard<std::mutex> turn(mbedtls::key_slots());
    const psa_status_t status = psa_crypto_init();
    if (status != PSA_SUCCESS) return failure(failed(status));
  }
  auto crypto = std::make_unique<PsaCrypto>();
  if (!mbedtls::knows_hashes(*crypto) || !mbedtls::knows_signatures(*crypto)) {
    return failure(Code::crypto_failed);
  }
  const Status found = crypto->find_suites();
  if (!found.ok()) return failure(found);
  return crypto;
}

}  // namespace holdfast
