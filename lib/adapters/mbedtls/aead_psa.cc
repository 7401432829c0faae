// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/mbedtls/aead.h"
#include "adapters/mbedtls/slots.h"

#if !HOLDFAST_PSA_ONE_THREAD

namespace holdfast::mbedtls {
namespace {

constexpr size_t kKey_bits = 8 * sizeof(Key256);

// A key slot for one operation.
class Slot {
 public:
  ~Slot() { (void)close(); }

  psa_status_t open(const AeadInput& in, psa_key_usage_t usage) {
    const bool aes = in.suite == AeadSuite::aes_256_gcm;
    algorithm_ = aes ? PSA_ALG_GCM : PSA_ALG_CHACHA20_POLY1305;
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes,
                     static_cast<psa_key_type_t>(aes ? PSA_KEY_TYPE_AES : PSA_KEY_TYPE_CHACHA20));
    psa_set_key_bits(&attributes, kKey_bits);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, algorithm_);
    return psa_import_key(&attributes, in.key.data(), in.key.size(), &id_);
  }
  psa_status_t close() {
    const psa_key_id_t id = id_;
    id_ = 0;
    return id == 0 ? PSA_SUCCESS : psa_destroy_key(id);
  }

  psa_key_id_t id() const { return id_; }
  psa_algorithm_t algorithm() const { return algorithm_; }

 private:
  psa_key_id_t id_ = 0;
  psa_algorithm_t algorithm_ = 0;
};

Status status_of(psa_status_t status) {
  switch (status) {
    case PSA_SUCCESS:
      return {};
    case PSA_ERROR_INVALID_SIGNATURE:
      return Status(Code::refused, status);
    case PSA_ERROR_NOT_SUPPORTED:
      return Status(Code::unsupported, status);
    default:
      return failed(status);
  }
}

using OneShot = decltype(&psa_aead_encrypt);

Status run(const AeadInput& in, psa_key_usage_t usage, OneShot operation, std::string& out) {
  const std::lock_guard<std::mutex> turn(key_slots());
  Slot slot;
  psa_status_t status = slot.open(in, usage);
  if (status != PSA_SUCCESS) return status_of(status);
  size_t length = 0;
  status = operation(slot.id(), slot.algorithm(), in.nonce.data(), in.nonce.size(),
                     bytes_of(in.associated), in.associated.size(), bytes_of(in.text),
                     in.text.size(), bytes_of(out), out.size(), &length);
  if (status != PSA_SUCCESS) return status_of(status);
  if (length != out.size()) return failed(PSA_ERROR_GENERIC_ERROR);
  return status_of(slot.close());
}

}  // namespace

Status aead_encrypt(const AeadInput& in, std::string& out) {
  return run(in, PSA_KEY_USAGE_ENCRYPT, psa_aead_encrypt, out);
}

Status aead_decrypt(const AeadInput& in, std::string& out) {
  return run(in, PSA_KEY_USAGE_DECRYPT, psa_aead_decrypt, out);
}

}  // namespace holdfast::mbedtls

#endif
