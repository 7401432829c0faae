// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Crypto must do.
#pragma once

#include <doctest/doctest.h>

#include <string>

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

inline void crypto(Crypto& crypto) {
  crypto_sha256(crypto);
  crypto_p256(crypto);
}

}  // namespace holdfast::conformance
