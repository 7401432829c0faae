// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One mbedTLS in the process: libcurl's handshakes and the library's own cryptography at once.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "conformance/crypto.h"
#include "conformance/transport.h"
#include "holdfast/adapters/curl_transport.h"
#include "holdfast/adapters/mbedtls_crypto.h"
#include "support/test_certificates.h"

namespace holdfast {
namespace {

using conformance::next_result;
using conformance::transfer_to;

struct Counts {
  int good = 0;
  int other = 0;
};

// Verifies until told to stop. Where this build keeps key slots to one thread, all are refused.
void verify_until(const std::atomic<bool>& stop, Crypto& crypto, Counts& counts) {
  const std::string key = conformance::unhex(
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const std::string signature = conformance::unhex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  do {
    const Status verified = crypto.verify_p256(key, "sample", signature);
    ++(verified.ok() ? counts.good : counts.other);
    if (verified.code() == Code::unsupported) return;
  } while (!stop);
}

TEST_CASE("handshakes and signatures on two threads don't disturb each other") {
  const test::TestCertificates certificates;
  const test::TlsServer server(certificates, "server", {"-tls1_3"});
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  ServerConfig config;
  config.url = server.url();
  TlsConfig tls;
  tls.ca_file = certificates.certificate("ca");
  REQUIRE((*transport)->set_server(0, config, tls).ok());
  auto crypto = mbedtls_crypto();
  REQUIRE(crypto.has_value());

  std::atomic<bool> stop{false};
  Counts counts;
  std::thread worker([&] { verify_until(stop, **crypto, counts); });
  // Helgrind sees a missing lock in the first handshakes, and is a hundred times slower.
  const char* few = std::getenv("HOLDFAST_TEST_HANDSHAKES");
  const TransferId handshakes = few != nullptr ? static_cast<TransferId>(std::atoi(few)) : 30;
  for (TransferId id = 1; id <= handshakes; ++id) {
    Transfer transfer = transfer_to(0, id);
    transfer.fresh_connection = true;
    CHECK((*transport)->start(std::move(transfer)).ok());
    CHECK(next_result(**transport).outcome == TransferOutcome::answered);
  }
  stop = true;
  worker.join();
  // All verified, or (one thread only) none.
  CHECK((counts.other == 0 || (counts.good == 0 && counts.other == 1)));
}

}  // namespace
}  // namespace holdfast
