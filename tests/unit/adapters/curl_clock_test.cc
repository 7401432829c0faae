// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Certificates on devices whose clock is wrong, and what OpenSSL checks besides libcurl.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "conformance/transport.h"
#include "holdfast/adapters/curl_transport.h"
#include "support/test_certificates.h"

namespace holdfast {
namespace {

using conformance::next_result;
using conformance::transfer_to;
using test::TestCertificates;
using test::TlsServer;
using O = TransferOutcome;

constexpr int64_t k1970 = 12345;
constexpr int64_t kMid2020 = 1593561600000;  // when the certificate called expired was good
constexpr int64_t k2024 = 1704067200000;
constexpr int64_t k2037 = 2114380800000;  // when the one called future begins
constexpr int64_t kMid2037 = 2127427200000;

int64_t wall_unix_ms = 0;

CurlTransportOptions options_at(int64_t wall, int64_t floor) {
  wall_unix_ms = wall;
  CurlTransportOptions options;
  options.wall_clock_unix_ms = [] { return wall_unix_ms; };
  options.clock_floor_unix_ms = floor;
  return options;
}

bool has_floor() {
  if (HOLDFAST_TEST_CURL_MBEDTLS) return true;
  const char* tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
  return HOLDFAST_TEST_CURL_OPENSSL && std::strncmp(tls, "OpenSSL/", 8) == 0;
}

const TestCertificates& certificates() {
  static const TestCertificates made;
  return made;
}

TlsConfig trusting(const char* authority = "ca") {
  TlsConfig tls;
  tls.ca_file = certificates().certificate(authority);
  return tls;
}

O ask(Transport& transport, const TlsServer& server, const TlsConfig& tls = trusting()) {
  ServerConfig config;
  config.url = server.url();
  CHECK(transport.set_server(0, config, tls).ok());
  CHECK(transport.start(transfer_to(0, 1)).ok());
  return next_result(transport).outcome;
}

O ask_at(int64_t wall, int64_t floor, const TlsServer& server, const TlsConfig& tls = trusting()) {
  auto transport = curl_transport(options_at(wall, floor));
  REQUIRE(transport.has_value());
  return ask(**transport, server, tls);
}

TEST_CASE("a floor or a clock that the TLS library can't be given is an error from the start") {
  CHECK(curl_transport(options_at(k1970, -1)).error().code() == Code::invalid_argument);
  CHECK(curl_transport(options_at(k1970, INT64_MAX)).error().code() == Code::invalid_argument);
  for (const int64_t floor : {int64_t{0}, k2024}) {
    const auto transport = curl_transport(options_at(k1970, floor));
    CHECK(transport.has_value() == has_floor());
    if (!transport) CHECK(transport.error().code() == Code::unsupported);
  }
  CurlTransportOptions only_floor;
  only_floor.clock_floor_unix_ms = k2024;
  CHECK(curl_transport(only_floor).has_value() == has_floor());
}

TEST_CASE("a common name is no address") {
  const TlsServer server(certificates(), "127.0.0.1");
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  // mbedTLS takes it for one where a certificate has no alternative name.
  CHECK(ask(**transport, server) == (has_floor() ? O::tls_untrusted : O::answered));
}

TEST_CASE("a clock at 1970 locks nobody out above a floor") {
  if (!has_floor()) return;  // the case before has seen it refused
  const TlsServer server(certificates(), "server");
  CHECK(ask_at(k1970, 0, server) == O::tls_not_yet_valid);
  CHECK(ask_at(k1970, k2024, server) == O::answered);
}

TEST_CASE("a clock at 1970 hides no other fault, and makes none good") {
  if (!has_floor()) return;
  const TlsServer server(certificates(), "server");
  const TlsServer wrong_host(certificates(), "wrong-host");
  const TlsServer expired(certificates(), "expired");
  const TlsServer future(certificates(), "future");
  CHECK(ask_at(k1970, k2024, server, trusting("other-ca")) == O::tls_untrusted);
  CHECK(ask_at(k1970, k2024, wrong_host) == O::tls_untrusted);
  CHECK(ask_at(k1970, k2024, expired) == O::tls_untrusted);
  CHECK(ask_at(k1970, k2024, future) == O::tls_not_yet_valid);
  TlsConfig pinned = trusting();
  pinned.pin_sha256 = certificates().pin("device");
  CHECK(ask_at(k1970, k2024, server, pinned) == O::tls_untrusted);
  pinned.pin_sha256 = certificates().pin("server");
  CHECK(ask_at(k1970, k2024, server, pinned) == O::answered);
}

TEST_CASE("a clock that was set back makes no expired certificate good") {
  if (!has_floor()) return;
  const TlsServer expired(certificates(), "expired");
  CHECK(ask_at(kMid2020, 0, expired) == O::answered);
  CHECK(ask_at(kMid2020, k2024, expired) == O::tls_untrusted);
}

TEST_CASE("the clock counts where it is later than the floor") {
  if (!has_floor()) return;
  const TlsServer future(certificates(), "future");
  CHECK(ask_at(kMid2037, k2024, future) == O::answered);
}

TEST_CASE("the floor goes on while the transport lives, and the clock is asked each time") {
  if (!has_floor()) return;
  const TlsServer future(certificates(), "future");
  auto transport = curl_transport(options_at(k1970, k2037 - 3000));
  REQUIRE(transport.has_value());
  CHECK(ask(**transport, future) == O::tls_not_yet_valid);
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
  CHECK(ask(**transport, future) == O::answered);

  auto stepped = curl_transport(options_at(k1970, k2024));
  REQUIRE(stepped.has_value());
  CHECK(ask(**stepped, future) == O::tls_not_yet_valid);
  wall_unix_ms = kMid2037;
  CHECK(ask(**stepped, future) == O::answered);
}

}  // namespace
}  // namespace holdfast
