// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The ciphers below PSA, which keep all they know in a context of ours. What they share with
// libcurl's handshakes is what AES finds out at its first use: its tables, where they aren't
// constants, and the processor's abilities. The known answers are that first use: they are computed
// on the thread of the handshakes, before the object can reach another.
#include "adapters/mbedtls/aead.h"
#include "adapters/mbedtls/slots.h"

#if HOLDFAST_PSA_ONE_THREAD

#if defined(MBEDTLS_CHACHAPOLY_C)
#include <mbedtls/chachapoly.h>
#endif
#if defined(MBEDTLS_GCM_C) && defined(MBEDTLS_AES_C)
#include <mbedtls/gcm.h>
#endif

namespace holdfast::mbedtls {
namespace {

#if defined(MBEDTLS_CHACHAPOLY_C)
class ChaCha {
 public:
  ChaCha() { mbedtls_chachapoly_init(&context_); }
  ~ChaCha() { mbedtls_chachapoly_free(&context_); }
  ChaCha(const ChaCha&) = delete;
  ChaCha& operator=(const ChaCha&) = delete;

  int set_key(const Key256& key) { return mbedtls_chachapoly_setkey(&context_, key.data()); }
  int encrypt(const AeadInput& in, uint8_t* out, uint8_t* tag) {
    return mbedtls_chachapoly_encrypt_and_tag(&context_, in.text.size(), in.nonce.data(),
                                              bytes_of(in.associated), in.associated.size(),
                                              bytes_of(in.text), out, tag);
  }
  int decrypt(const AeadInput& in, size_t size, uint8_t* out) {
    return mbedtls_chachapoly_auth_decrypt(&context_, size, in.nonce.data(),
                                           bytes_of(in.associated), in.associated.size(),
                                           bytes_of(in.text) + size, bytes_of(in.text), out);
  }
  static bool is_refusal(int error) { return error == MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED; }

 private:
  mbedtls_chachapoly_context context_;
};
#endif

#if defined(MBEDTLS_GCM_C) && defined(MBEDTLS_AES_C)
class AesGcm {
 public:
  AesGcm() { mbedtls_gcm_init(&context_); }
  ~AesGcm() { mbedtls_gcm_free(&context_); }
  AesGcm(const AesGcm&) = delete;
  AesGcm& operator=(const AesGcm&) = delete;

  int set_key(const Key256& key) {
    return mbedtls_gcm_setkey(&context_, MBEDTLS_CIPHER_ID_AES, key.data(), 8 * sizeof(Key256));
  }
  int encrypt(const AeadInput& in, uint8_t* out, uint8_t* tag) {
    return mbedtls_gcm_crypt_and_tag(
        &context_, MBEDTLS_GCM_ENCRYPT, in.text.size(), in.nonce.data(), in.nonce.size(),
        bytes_of(in.associated), in.associated.size(), bytes_of(in.text), out, kAeadTag_bytes, tag);
  }
  int decrypt(const AeadInput& in, size_t size, uint8_t* out) {
    return mbedtls_gcm_auth_decrypt(
        &context_, size, in.nonce.data(), in.nonce.size(), bytes_of(in.associated),
        in.associated.size(), bytes_of(in.text) + size, kAeadTag_bytes, bytes_of(in.text), out);
  }
  static bool is_refusal(int error) { return error == MBEDTLS_ERR_GCM_AUTH_FAILED; }

 private:
  mbedtls_gcm_context context_;
};
#endif

template <class Cipher>
Status encrypt_by(const AeadInput& in, std::string& out) {
  Cipher cipher;
  int error = cipher.set_key(in.key);
  if (error == 0) error = cipher.encrypt(in, bytes_of(out), bytes_of(out) + in.text.size());
  return error == 0 ? Status() : failed(error);
}

template <class Cipher>
Status decrypt_by(const AeadInput& in, std::string& out) {
  Cipher cipher;
  int error = cipher.set_key(in.key);
  if (error == 0) error = cipher.decrypt(in, out.size(), bytes_of(out));
  if (Cipher::is_refusal(error)) return Status(Code::refused, error);
  return error == 0 ? Status() : failed(error);
}

}  // namespace

Status aead_encrypt(const AeadInput& in, std::string& out) {
#if defined(MBEDTLS_CHACHAPOLY_C)
  if (in.suite == AeadSuite::chacha20_poly1305) return encrypt_by<ChaCha>(in, out);
#endif
#if defined(MBEDTLS_GCM_C) && defined(MBEDTLS_AES_C)
  if (in.suite == AeadSuite::aes_256_gcm) return encrypt_by<AesGcm>(in, out);
#endif
  return Code::unsupported;
}

Status aead_decrypt(const AeadInput& in, std::string& out) {
#if defined(MBEDTLS_CHACHAPOLY_C)
  if (in.suite == AeadSuite::chacha20_poly1305) return decrypt_by<ChaCha>(in, out);
#endif
#if defined(MBEDTLS_GCM_C) && defined(MBEDTLS_AES_C)
  if (in.suite == AeadSuite::aes_256_gcm) return decrypt_by<AesGcm>(in, out);
#endif
  return Code::unsupported;
}

}  // namespace holdfast::mbedtls

#endif
