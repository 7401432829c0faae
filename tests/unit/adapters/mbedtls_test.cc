// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "conformance/crypto.h"
#include "holdfast/adapters/mbedtls_crypto.h"

namespace holdfast {
namespace {

TEST_CASE("PSA crypto conforms") {
  auto crypto = mbedtls_crypto();
  REQUIRE(crypto.has_value());
  conformance::crypto(**crypto);
}

TEST_CASE("objects of different threads don't disturb each other") {
  const std::string key = conformance::unhex(
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const std::string signature = conformance::unhex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  std::vector<int> good(3, 0);
  std::vector<std::thread> threads;
  for (int& count : good) {
    threads.emplace_back([&] {
      auto crypto = mbedtls_crypto();
      for (int i = 0; crypto && i < 10; ++i) {
        if ((*crypto)->verify_p256(key, "sample", signature).ok()) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : good) CHECK(count == 10);
}

TEST_CASE("one object seals and opens on several threads") {
  auto crypto = mbedtls_crypto();
  REQUIRE(crypto.has_value());
  constexpr int kRounds = 3000;
  std::vector<int> good(3, 0);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < good.size(); ++i) {
    threads.emplace_back([&, i] {
      const AeadSuite suite = i == 0 ? AeadSuite::aes_256_gcm : AeadSuite::chacha20_poly1305;
      Key256 key{};
      key[0] = static_cast<uint8_t>(i);
      const AeadNonce nonce{};
      const std::string plain(20 + i, 'p');
      for (int round = 0; round < kRounds; ++round) {
        const auto sealed = (*crypto)->seal(suite, key, nonce, "associated", plain);
        if (!sealed) continue;
        const auto opened = (*crypto)->open(suite, key, nonce, "associated", *sealed);
        if (opened && *opened == plain) ++good[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : good) CHECK(count == kRounds);
}

#if defined(__linux__) && defined(__x86_64__)
TEST_CASE("AES is preferred where the kernel names the processor's instructions for it") {
  auto crypto = mbedtls_crypto();
  REQUIRE(crypto.has_value());
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  bool aes = false, carryless = false;
  while (std::getline(file, line)) {
    if (line.compare(0, 5, "flags") != 0) continue;
    aes = (line + ' ').find(" aes ") != std::string::npos;
    carryless = (line + ' ').find(" pclmulqdq ") != std::string::npos;
  }
  CHECK(((*crypto)->preferred_suite() == AeadSuite::aes_256_gcm) == (aes && carryless));
}
#endif

}  // namespace
}  // namespace holdfast
