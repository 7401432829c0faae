// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "crypto.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <cstdio>
#include <stdexcept>

#include "text.h"

namespace print_server {
namespace {

const unsigned char* bytes(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

unsigned char* bytes(std::string* data) { return reinterpret_cast<unsigned char*>(data->data()); }

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("cryptography failed: ") + what);
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(std::string_view data, const char* alphabet, bool pad) {
  std::string out;
  for (size_t i = 0; i < data.size(); i += 3) {
    const size_t count = data.size() - i < 3 ? data.size() - i : 3;
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (k < count ? static_cast<unsigned char>(data[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      if (k <= count) {
        out.push_back(alphabet[(group >> (18 - 6 * k)) & 63u]);
      } else if (pad) {
        out.push_back('=');
      }
    }
  }
  return out;
}

bool decode64(std::string_view text, const char* alphabet, std::string* out) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  const std::string_view known(alphabet, 64);
  out->clear();
  uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    const size_t value = known.find(c);
    if (value == std::string_view::npos) return false;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out->push_back(static_cast<char>((bits >> held) & 0xffu));
    }
  }
  return held < 6;
}

std::string uuid_text(std::string raw, unsigned version) {
  raw[6] = static_cast<char>((static_cast<unsigned>(raw[6]) & 0x0fu) | (version << 4));
  raw[8] = static_cast<char>((static_cast<unsigned>(raw[8]) & 0x3fu) | 0x80u);
  const std::string text = hex(raw);
  return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" +
         text.substr(16, 4) + "-" + text.substr(20, 12);
}

}  // namespace

std::string sha256(std::string_view data) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytes(data), data.size(), bytes(&out));
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(data), data.size(),
               bytes(&out), &size) != nullptr,
          "HMAC");
  return out;
}

std::string pbkdf2_sha256(std::string_view secret, std::string_view salt, int iterations) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  require(PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()), bytes(salt),
                            static_cast<int>(salt.size()), iterations, EVP_sha256(),
                            SHA256_DIGEST_LENGTH, bytes(&out)) == 1,
          "PBKDF2");
  return out;
}

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  require(RAND_bytes(bytes(&out), static_cast<int>(count)) == 1, "random numbers");
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(std::string_view data) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(data.size() * 2);
  for (char c : data) {
    const unsigned value = static_cast<unsigned char>(c);
    out.push_back(kDigits[value >> 4]);
    out.push_back(kDigits[value & 15u]);
  }
  return out;
}

bool unhex(std::string_view text, std::string* out) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() % 2 != 0) return false;
  out->clear();
  for (size_t i = 0; i < text.size(); i += 2) {
    const size_t high = kDigits.find(text[i]);
    const size_t low = kDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

std::string base64(std::string_view data) { return encode64(data, kBase64, true); }
bool unbase64(std::string_view text, std::string* out) { return decode64(text, kBase64, out); }
std::string base64url(std::string_view data) { return encode64(data, kBase64Url, false); }
bool unbase64url(std::string_view text, std::string* out) {
  return decode64(text, kBase64Url, out);
}

std::string random_uuid() { return uuid_text(random_bytes(16), 4); }
std::string uuid_from(std::string_view digest) {
  return uuid_text(std::string(digest.substr(0, 16)), 8);
}

Sha256::Sha256()
    : context_(EVP_MD_CTX_new(), [](void* p) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(p)); }) {
  require(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_.get()), EVP_sha256(), nullptr) == 1,
          "SHA-256");
}

void Sha256::update(const char* data, size_t size) {
  require(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), data, size) == 1, "SHA-256");
}

std::string Sha256::digest() {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  require(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()), bytes(&out), nullptr) == 1,
          "SHA-256");
  return out;
}

SigningKey::SigningKey(const std::string& pem_path) {
  std::FILE* file = std::fopen(pem_path.c_str(), "r");
  if (file == nullptr) {
    throw UsageError("cannot read the signing key " + pem_path + ": give --list-key a PEM file");
  }
  EVP_PKEY* key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  key_ = std::shared_ptr<void>(key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); });
  char group[32] = "";
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1 ||
      std::string_view(group) != "prime256v1") {
    throw UsageError("the signing key " + pem_path +
                     " is not an ECDSA P-256 private key: make one with"
                     " 'openssl ecparam -name prime256v1 -genkey -noout'");
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  require(size > 0, "public key");
  const std::string public_key(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  key_id_ = hex(sha256(public_key)).substr(0, 16);
}

std::string SigningKey::sign(std::string_view data) const {
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY* key = static_cast<EVP_PKEY*>(key_.get());
  size_t size = 0;
  require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes(data), data.size()) == 1,
          "signature");
  std::string der(size, '\0');
  require(EVP_DigestSign(context.get(), bytes(&der), &size, bytes(data), data.size()) == 1,
          "signature");
  const unsigned char* cursor = bytes(std::string_view(der));
  std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> parts(
      d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)), ECDSA_SIG_free);
  require(parts != nullptr, "signature");
  std::string raw(64, '\0');
  require(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes(&raw), 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes(&raw) + 32, 32) == 32,
          "signature");
  return raw;
}

}  // namespace print_server
