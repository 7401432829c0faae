// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Only what mbedTLS 2.28 and 3.x have in common: PSA hashes and psa_verify_message().
#include <mbedtls/version.h>
#include <psa/crypto.h>

#include <mutex>
#include <thread>
#include <utility>

#include "base/hex.h"
#include "holdfast/adapters/mbedtls_crypto.h"

namespace holdfast {
namespace {

constexpr size_t kPoint_bytes = 65;
constexpr size_t kSignature_bytes = 64;
constexpr size_t kCurve_bits = 256;

Status failed(psa_status_t status) {
  return Status(Code::crypto_failed, static_cast<int32_t>(status));
}

const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Key slots belong to the process. mbedTLS guards them from 3.6 on, if it is built with threads.
// Before, two threads with a client each would meet there: our lock keeps them apart. It can't keep
// out libcurl, whose handshakes use key slots as well where its TLS is mbedTLS: then the calls have
// to come from the thread that runs the handshakes.
#ifndef HOLDFAST_PSA_ONE_THREAD
#if defined(HOLDFAST_CURL_MBEDTLS) &&                                         \
    (MBEDTLS_VERSION_NUMBER < 0x03060000 || !defined(MBEDTLS_THREADING_C)) && \
    (defined(MBEDTLS_SSL_PROTO_TLS1_3) || defined(MBEDTLS_USE_PSA_CRYPTO))
#define HOLDFAST_PSA_ONE_THREAD 1
#else
#define HOLDFAST_PSA_ONE_THREAD 0
#endif
#endif
constexpr bool kOneThread = HOLDFAST_PSA_ONE_THREAD != 0;

std::mutex& key_slots() {
  static std::mutex mutex;
  return mutex;
}

class PsaSha256 final : public Sha256 {
 public:
  ~PsaSha256() override { (void)psa_hash_abort(&operation_); }

  Status start() { return keep(psa_hash_setup(&operation_, PSA_ALG_SHA_256)); }

  Status update(const uint8_t* data, size_t size) override {
    return status_ != PSA_SUCCESS ? failed(status_)
                                  : keep(psa_hash_update(&operation_, data, size));
  }

  Result<Sha256Digest> finish() override {
    Sha256Digest digest = {};
    size_t length = 0;
    if (status_ == PSA_SUCCESS) {
      status_ = psa_hash_finish(&operation_, digest.data(), digest.size(), &length);
    }
    if (status_ != PSA_SUCCESS || length != digest.size()) return failure(failed(status_));
    status_ = PSA_ERROR_BAD_STATE;  // spent
    return digest;
  }

 private:
  Status keep(psa_status_t status) {
    status_ = status;
    return status == PSA_SUCCESS ? Status() : failed(status);
  }

  psa_hash_operation_t operation_ = PSA_HASH_OPERATION_INIT;
  psa_status_t status_ = PSA_ERROR_BAD_STATE;
};

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
    if (kOneThread && std::this_thread::get_id() != owner_) return Code::unsupported;
    const psa_algorithm_t algorithm = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, kCurve_bits);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_MESSAGE);
    psa_set_key_algorithm(&attributes, algorithm);

    const std::lock_guard<std::mutex> turn(key_slots());
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

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
};

std::string from_hex(const char* hex, size_t size) {
  std::string bytes(size, '\0');
  if (!hex_decode(hex, reinterpret_cast<uint8_t*>(&bytes[0]), size)) bytes.clear();
  return bytes;
}

// FIPS 180-2, appendix B.1.
bool knows_sha256(Crypto& crypto) {
  Result<std::unique_ptr<Sha256>> hash = crypto.sha256();
  const uint8_t abc[] = {'a', 'b', 'c'};
  if (!hash || !(*hash)->update(abc, 1).ok() || !(*hash)->update(abc + 1, 2).ok()) return false;
  const Result<Sha256Digest> digest = (*hash)->finish();
  return digest && hex_encode(digest->data(), digest->size()) ==
                       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
}

// RFC 6979, appendix A.2.5: P-256 with SHA-256, message "sample". And it has to refuse, too.
bool knows_p256(Crypto& crypto) {
  const std::string key = from_hex(
      "04"
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
      kPoint_bytes);
  std::string signature = from_hex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
      kSignature_bytes);
  if (!crypto.verify_p256(key, "sample", signature).ok()) return false;
  signature.back() = static_cast<char>(signature.back() ^ 1);
  return crypto.verify_p256(key, "sample", signature).code() == Code::refused;
}

}  // namespace

Result<std::unique_ptr<Crypto>> mbedtls_crypto() {
  {
    const std::lock_guard<std::mutex> turn(key_slots());
    const psa_status_t status = psa_crypto_init();
    if (status != PSA_SUCCESS) return failure(failed(status));
  }
  auto crypto = std::make_unique<PsaCrypto>();
  if (!knows_sha256(*crypto) || !knows_p256(*crypto)) return failure(Code::crypto_failed);
  return crypto;
}

}  // namespace holdfast
