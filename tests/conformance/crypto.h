// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Crypto must do.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/hex.h"
#include "holdfast/ports/crypto.h"

namespace holdfast::conformance {

inline std::string unhex(const std::string& digits) {
  std::string bytes(digits.size() / 2, '\0');
  CHECK(hex_decode(digits, reinterpret_cast<uint8_t*>(&bytes[0]), bytes.size()));
  return bytes;
}

inline std::string sha256_hex(Crypto& crypto, const std::string& text, size_t piece) {
  auto hash = crypto.sha256();
  REQUIRE(hash.has_value());
  for (size_t at = 0; at < text.size(); at += piece) {
    const std::string part = text.substr(at, piece);
    CHECK((*hash)->update(reinterpret_cast<const uint8_t*>(part.data()), part.size()).ok());
  }
  const Result<Sha256Digest> digest = (*hash)->finish();
  REQUIRE(digest.has_value());
  CHECK_FALSE((*hash)->finish().has_value());  // spent
  CHECK_FALSE((*hash)->update(nullptr, 0).ok());
  return hex_encode(digest->data(), digest->size());
}

// FIPS 180-2 and the NIST examples.
inline void crypto_sha256(Crypto& crypto) {
  CHECK(sha256_hex(crypto, "", 1) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(crypto, "abc", 2) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(crypto, std::string(1000000, 'a'), 997) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");

  auto first = crypto.sha256();  // two at the same time
  auto second = crypto.sha256();
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  const uint8_t byte = 'x';
  CHECK((*first)->update(&byte, 1).ok());
  CHECK((*second)->finish().has_value());
  CHECK((*first)->finish().has_value());
}

// RFC 6979, appendix A.2.5.
inline void crypto_p256(Crypto& crypto) {
  const std::string x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
  const std::string y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
  const std::string key = unhex("04" + x + y);
  const std::string sample = unhex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  const std::string test = unhex(
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
      "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
  CHECK(crypto.verify_p256(key, "sample", sample).ok());
  CHECK(crypto.verify_p256(key, "test", test).ok());
  CHECK(crypto.verify_p256(key, "test", sample).code() == Code::refused);
  CHECK(crypto.verify_p256(key, "", sample).code() == Code::refused);
  for (size_t bit = 0; bit < sample.size() * 8; bit += 37) {
    std::string flipped = sample;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK(crypto.verify_p256(key, "sample", flipped).code() == Code::refused);
  }
  CHECK(crypto.verify_p256(key, "sample", std::string(64, '\0')).code() == Code::refused);

  const Code wrong = Code::invalid_argument;
  CHECK(crypto.verify_p256("", "sample", sample).code() == wrong);
  CHECK(crypto.verify_p256(key.substr(1), "sample", sample).code() == wrong);
  CHECK(crypto.verify_p256(unhex("02" + x), "sample", sample).code() == wrong);
  CHECK(crypto.verify_p256(unhex("05" + x + y), "sample", sample).code() == wrong);
  CHECK(crypto.verify_p256(unhex("04" + x + x), "sample", sample).code() ==
        wrong);  // not on the curve
  CHECK(crypto.verify_p256(key, "sample", "").code() == wrong);
  CHECK(crypto.verify_p256(key, "sample", sample + "x").code() == wrong);
  CHECK(crypto.verify_p256(key, "sample", sample).ok());  // no failure left anything behind
}

inline std::string hmac_hex(Crypto& crypto, const std::string& key, const std::string& text) {
  const auto bytes = [](const std::string& from) {
    return from.empty() ? nullptr : reinterpret_cast<const uint8_t*>(from.data());
  };
  const auto digest = crypto.hmac_sha256(bytes(key), key.size(), bytes(text), text.size());
  REQUIRE(digest.has_value());
  return hex_encode(digest->data(), digest->size());
}

// RFC 4231, without its truncated fifth case; then keys around the size of a block, and nothing.
inline void crypto_hmac(Crypto& crypto) {
  CHECK(hmac_hex(crypto, std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac_hex(crypto, "Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_hex(crypto, std::string(20, '\xaa'), std::string(50, '\xdd')) ==
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  CHECK(hmac_hex(crypto, unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
                 std::string(50, '\xcd')) ==
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  CHECK(hmac_hex(crypto, std::string(131, '\xaa'),
                 "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hmac_hex(crypto, std::string(131, '\xaa'),
                 "This is a test using a larger than block-size key and a larger than block-size "
                 "data. The key needs to be hashed before being used by the HMAC algorithm.") ==
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");

  CHECK(hmac_hex(crypto, "", "") ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(hmac_hex(crypto, std::string(64, 'k'), "x") ==
        "f91c4c403625fb06910ef93999265bbd2d62baeaec6ff36455498cc124fe3e66");
  CHECK(hmac_hex(crypto, std::string(65, 'k'), "x") ==
        "75092ca3ee2b307470c227697b42b3e65376aa3bae98fb5a1f7b7536daa9588a");
  CHECK(hmac_hex(crypto, std::string(1000000, 'k'), std::string(1000000, 'a')) ==
        "7ce4a52d44b4a1302ff67e7c9ccb6a1400ee7ca71eb7a2dc6de8f655653a575d");
}

inline std::string pbkdf2_hex(Crypto& crypto, const std::string& secret, const std::string& salt,
                              uint32_t iterations) {
  const Result<Key256> key = crypto.pbkdf2_sha256(secret, salt, iterations);
  REQUIRE(key.has_value());
  return hex_encode(key->data(), key->size());
}

// RFC 7914, section 11, and the passwords of RFC 6070 with SHA-256.
inline void crypto_pbkdf2(Crypto& crypto) {
  CHECK(pbkdf2_hex(crypto, "passwd", "salt", 1) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  CHECK(pbkdf2_hex(crypto, "Password", "NaCl", 80000) ==
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
  CHECK(pbkdf2_hex(crypto, "password", "salt", 2) ==
        "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43");
  CHECK(pbkdf2_hex(crypto, "password", "salt", 4096) ==
        "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
  CHECK(pbkdf2_hex(crypto, std::string("pass\0word", 9), std::string("sa\0lt", 5), 4096) ==
        "89b69d0516f829893c696226650a86878c029ac13ee276509d5ae58b6466a724");

  CHECK(pbkdf2_hex(crypto, "", "", 1) ==
        "f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad");
  CHECK(pbkdf2_hex(crypto, std::string(1000000, 'p'), std::string(1000000, 's'), 3) ==
        "9d902554a7b27d0f4c51bbeb1dd70bab425d281951d49d3ddc8d8d376d115d83");
  const Result<Key256> none = crypto.pbkdf2_sha256("password", "salt", 0);
  CHECK_FALSE(none.has_value());
  if (!none) CHECK(none.error().code() == Code::invalid_argument);
}

struct AeadCase {
  AeadSuite suite = AeadSuite::chacha20_poly1305;
  Key256 key{};
  AeadNonce nonce{};
  std::string associated;
  std::string plain;
};

inline AeadCase aead_case(AeadSuite suite, const std::string& key, const std::string& nonce) {
  AeadCase made;
  made.suite = suite;
  CHECK(hex_decode(key, made.key.data(), made.key.size()));
  CHECK(hex_decode(nonce, made.nonce.data(), made.nonce.size()));
  return made;
}

inline Result<std::string> seal(Crypto& crypto, const AeadCase& with) {
  return crypto.seal(with.suite, with.key, with.nonce, with.associated, with.plain);
}

inline Code open_code(Crypto& crypto, const AeadCase& with, const std::string& sealed) {
  const auto opened = crypto.open(with.suite, with.key, with.nonce, with.associated, sealed);
  return opened ? Code::ok : opened.error().code();
}

inline std::string flipped(std::string bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

// What was sealed opens, and nothing else does.
inline void crypto_aead_tampering(Crypto& crypto, const AeadCase& with) {
  const Result<std::string> sealed = seal(crypto, with);
  REQUIRE(sealed.has_value());
  REQUIRE(sealed->size() == with.plain.size() + kAeadTag_bytes);
  const auto opened = crypto.open(with.suite, with.key, with.nonce, with.associated, *sealed);
  REQUIRE(opened.has_value());
  CHECK(*opened == with.plain);

  // Every bit and byte of a short text, some of a long one.
  const bool is_long = with.plain.size() > 1000;
  const size_t tag = 8 * with.plain.size();
  for (size_t bit = 0; bit < tag; bit += is_long ? tag / 5 : 1) {
    CHECK(open_code(crypto, with, flipped(*sealed, bit)) == Code::refused);
  }
  for (size_t bit = 0; bit < 8 * kAeadTag_bytes; bit += is_long ? 41 : 1) {
    CHECK(open_code(crypto, with, flipped(*sealed, tag + bit)) == Code::refused);
  }
  for (size_t byte = 0; byte < with.key.size(); byte += is_long ? 11 : 1) {
    AeadCase other = with;
    other.key[byte] ^= 0x80;
    CHECK(open_code(crypto, other, *sealed) == Code::refused);
  }
  for (size_t byte = 0; byte < with.nonce.size(); byte += is_long ? 5 : 1) {
    AeadCase other = with;
    other.nonce[byte] ^= 1;
    CHECK(open_code(crypto, other, *sealed) == Code::refused);
  }
  AeadCase other = with;
  other.associated += '\0';
  CHECK(open_code(crypto, other, *sealed) == Code::refused);
  if (!with.associated.empty()) {
    other.associated = flipped(with.associated, with.associated.size() * 8 - 1);
    CHECK(open_code(crypto, other, *sealed) == Code::refused);
    other.associated.clear();
    CHECK(open_code(crypto, other, *sealed) == Code::refused);
  }
  CHECK(open_code(crypto, with, *sealed + '\0') == Code::refused);
  CHECK(open_code(crypto, with, sealed->substr(1)) == Code::refused);
  for (size_t size = 0; size < sealed->size(); size += is_long ? tag / 40 : 1) {
    CHECK(open_code(crypto, with, sealed->substr(0, size)) == Code::refused);
  }
}

// RFC 8439, section 2.8.2, and McGrew and Viega's test cases 14 and 16 for GCM. An implementation
// may lack one of the suites.
inline void crypto_aead(Crypto& crypto) {
  struct Known {
    AeadCase with;
    std::string sealed;
  };
  const AeadSuite chacha = AeadSuite::chacha20_poly1305, aes = AeadSuite::aes_256_gcm;
  std::vector<Known> known(3);
  known[0].with =
      aead_case(chacha, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
                "070000004041424344454647");
  known[0].with.associated = unhex("50515253c0c1c2c3c4c5c6c7");
  known[0].with.plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  known[0].sealed = unhex(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da"
      "92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585"
      "808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
  known[1].with = aead_case(aes, std::string(64, '0'), std::string(24, '0'));
  known[1].with.plain = std::string(16, '\0');
  known[1].sealed = unhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  known[2].with = aead_case(aes, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                            "cafebabefacedbaddecaf888");
  known[2].with.associated = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  known[2].with.plain = unhex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
      "a6b525b16aedf5aa0de657ba637b39");
  known[2].sealed = unhex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
      "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");

  const AeadSuite preferred = crypto.preferred_suite();
  CHECK((preferred == chacha || preferred == aes));
  for (const Known& vector : known) {
    const Result<std::string> sealed = seal(crypto, vector.with);
    if (!sealed && sealed.error().code() == Code::unsupported) {
      CHECK(vector.with.suite != preferred);
      CHECK(open_code(crypto, vector.with, vector.sealed) == Code::unsupported);
      continue;
    }
    REQUIRE(sealed.has_value());
    CHECK(*sealed == vector.sealed);
    crypto_aead_tampering(crypto, vector.with);
    AeadCase other = vector.with;
    other.plain.clear();
    crypto_aead_tampering(crypto, other);
    other.associated.clear();
    crypto_aead_tampering(crypto, other);
    other.plain = std::string(1000000, 'p');
    other.associated = std::string(100000, 'a');
    crypto_aead_tampering(crypto, other);
  }
  // A suite of a later version.
  AeadCase later = known[0].with;
  later.suite = static_cast<AeadSuite>(3);
  CHECK(seal(crypto, later).error().code() == Code::unsupported);
  CHECK(open_code(crypto, later, known[0].sealed) == Code::unsupported);
}

// The worker derives and opens while the owner hashes and opens as well.
inline void crypto_threads(Crypto& crypto) {
  AeadCase with;
  with.suite = crypto.preferred_suite();
  with.plain = std::string(3000, 'p');
  const Result<std::string> sealed = seal(crypto, with);
  REQUIRE(sealed.has_value());
  const std::string sha = sha256_hex(crypto, with.plain, 1000);
  const std::string mac = hmac_hex(crypto, "key", with.plain);
  constexpr int kRounds = 50;
  int good = 0;  // doctest's checks are for the owner
  std::thread worker([&] {
    for (int i = 0; i < kRounds; ++i) {
      const Result<Key256> key = crypto.pbkdf2_sha256("password", "salt", 200);
      const auto again = crypto.seal(with.suite, with.key, with.nonce, "", with.plain);
      const auto opened = crypto.open(with.suite, with.key, with.nonce, "", *sealed);
      const bool ok = key && again && *again == *sealed && opened && *opened == with.plain &&
                      hex_encode(key->data(), key->size()) ==
                          "95423de0265e652c929d1cede07dcbb2856850556ed248c0758732540210fd72";
      good += ok ? 1 : 0;
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    CHECK(sha256_hex(crypto, with.plain, 1000) == sha);
    CHECK(hmac_hex(crypto, "key", with.plain) == mac);
    CHECK(open_code(crypto, with, *sealed) == Code::ok);
  }
  worker.join();
  CHECK(good == kRounds);
}

inline void crypto(Crypto& crypto) {
  crypto_sha256(crypto);
  crypto_p256(crypto);
  crypto_hmac(crypto);
  crypto_pbkdf2(crypto);
  crypto_aead(crypto);
  crypto_threads(crypto);
}

}  // namespace holdfast::conformance
