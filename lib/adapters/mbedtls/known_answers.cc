// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/mbedtls/known_answers.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "adapters/mbedtls/slots.h"
#include "base/hex.h"

namespace holdfast::mbedtls {
namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  if (!hex_decode(hex, bytes_of(bytes), bytes.size())) bytes.clear();
  return bytes;
}

template <class Bytes>
bool is(const Result<Bytes>& bytes, std::string_view hex) {
  return bytes && hex_encode(bytes->data(), bytes->size()) == hex;
}

struct AeadVector {
  std::string_view key;
  std::string_view nonce;
  std::string_view associated;
  std::string_view plain;
  std::string_view sealed;
};

// RFC 8439, section 2.8.2.
constexpr AeadVector kChaCha = {
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a2049662049"
    "20636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c20"
    "73756e73637265656e20776f756c642062652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92"
    "728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b"
    "4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"};

// "The Galois/Counter Mode of Operation", appendix B, test case 16.
constexpr AeadVector kAesGcm = {
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
    "b525b16aedf5aa0de657ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
    "8838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"};

// FIPS 180-2, appendix B.1.
bool knows_sha256(Crypto& crypto) {
  Result<std::unique_ptr<Sha256>> hash = crypto.sha256();
  const uint8_t abc[] = {'a', 'b', 'c'};
  return hash && (*hash)->update(abc, 1).ok() && (*hash)->update(abc + 1, 2).ok() &&
         is((*hash)->finish(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace

bool knows_hashes(Crypto& crypto) {
  // RFC 4231, test cases 2 and 6.
  const std::string short_key = "Jefe", question = "what do ya want for nothing?";
  const std::string long_key(131, '\xaa');
  const std::string long_text = "Test Using Larger Than Block-Size Key - Hash Key First";
  return knows_sha256(crypto) &&
         is(crypto.hmac_sha256(bytes_of(short_key), short_key.size(), bytes_of(question),
                               question.size()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843") &&
         is(crypto.hmac_sha256(bytes_of(long_key), long_key.size(), bytes_of(long_text),
                               long_text.size()),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54") &&
         // RFC 7914, section 11, which has one iteration or 80,000; so a second vector for the
         // loop: "password" and "salt" of RFC 6070, twice, with SHA-256.
         is(crypto.pbkdf2_sha256("passwd", "salt", 1),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc") &&
         is(crypto.pbkdf2_sha256("password", "salt", 2),
            "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43");
}

// RFC 6979, appendix A.2.5: P-256 with SHA-256, message "sample". And it has to refuse, too.
bool knows_signatures(Crypto& crypto) {
  const std::string key = from_hex(
      "04"
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  std::string signature = from_hex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  if (!crypto.verify_p256(key, "sample", signature).ok()) return false;
  signature.back() = static_cast<char>(signature.back() ^ 1);
  return crypto.verify_p256(key, "sample", signature).code() == Code::refused;
}

Status knows_aead(Crypto& crypto, AeadSuite suite) {
  const AeadVector& vector = suite == AeadSuite::aes_256_gcm ? kAesGcm : kChaCha;
  Key256 key = {};
  AeadNonce nonce = {};
  if (!hex_decode(vector.key, key.data(), key.size()) ||
      !hex_decode(vector.nonce, nonce.data(), nonce.size())) {
    return Code::crypto_failed;
  }
  const std::string associated = from_hex(vector.associated), plain = from_hex(vector.plain);
  std::string sealed = from_hex(vector.sealed);
  const Result<std::string> made = crypto.seal(suite, key, nonce, associated, plain);
  if (!made) return made.error();
  const Result<std::string> opened = crypto.open(suite, key, nonce, associated, sealed);
  if (*made != sealed || !opened || *opened != plain) return Code::crypto_failed;
  for (const size_t at : {size_t{0}, sealed.size() - 1}) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const Result<std::string> refused = crypto.open(suite, key, nonce, associated, changed);
    if (refused || refused.error().code() != Code::refused) return Code::crypto_failed;
  }
  return {};
}

}  // namespace holdfast::mbedtls
