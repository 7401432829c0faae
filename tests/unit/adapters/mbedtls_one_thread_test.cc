// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <thread>

#include "conformance/crypto.h"
#include "holdfast/adapters/mbedtls_crypto.h"

namespace holdfast {
namespace {

// That the rest works on any thread is part of conformance::crypto().
TEST_CASE("key slots that nothing guards are used by the object's own thread only") {
  auto crypto = mbedtls_crypto();
  REQUIRE(crypto.has_value());
  conformance::crypto(**crypto);
  const std::string key = conformance::unhex(
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const std::string signature(64, '\1');
  Status elsewhere;
  std::thread([&] { elsewhere = (*crypto)->verify_p256(key, "sample", signature); }).join();
  CHECK(elsewhere.code() == Code::unsupported);
  CHECK((*crypto)->verify_p256(key, "sample", signature).code() == Code::refused);
}

}  // namespace
}  // namespace holdfast
