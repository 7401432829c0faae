// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Who is believed, and who is not: against `openssl s_server` with certificates made for the
// occasion.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "conformance/transport.h"
#include "holdfast/adapters/curl_transport.h"
#include "support/tcp_script_server.h"
#include "support/test_certificates.h"

namespace holdfast {
namespace {

using conformance::next_result;
using conformance::transfer_to;
using test::TestCertificates;
using test::TlsServer;
using O = TransferOutcome;

const TestCertificates& certificates() {
  static const TestCertificates made;
  return made;
}

TlsConfig trusting(const char* authority = "ca") {
  TlsConfig tls;
  tls.ca_file = certificates().certificate(authority);
  return tls;
}

TransferResult ask(const std::string& url, const TlsConfig& tls) {
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  ServerConfig config;
  config.url = url;
  CHECK((*transport)->set_server(0, config, tls).ok());
  CHECK((*transport)->start(transfer_to(0, 1)).ok());
  return next_result(**transport);
}

// What libcurl was built with, where no authority is configured; a minimal build has nothing.
void check_not_believed(const std::string& url) {
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  ServerConfig config;
  config.url = url;
  const Status set = (*transport)->set_server(0, config, TlsConfig());
  if (!set.ok()) {
    CHECK(set == Status(Code::unsupported, CURLE_SSL_CACERT_BADFILE));
    return;
  }
  CHECK((*transport)->start(transfer_to(0, 1)).ok());
  const TransferResult result = next_result(**transport);
  CHECK(result.outcome == O::tls_untrusted);
  CHECK_FALSE(result.sent);
}

void check_refused(const TransferResult& result, O outcome) {
  CHECK(result.outcome == outcome);
  CHECK(result.http_status == 0);
  CHECK_FALSE(result.sent);  // no byte of a request before the server is known
}

TEST_CASE("a certificate by the configured authority, from a file or from memory") {
  const TlsServer server(certificates(), "server");
  TransferResult result = ask(server.url(), trusting());
  CHECK(result.outcome == O::answered);
  CHECK(result.http_status == 200);
  TlsConfig tls;
  tls.ca_pem = test::read_file(certificates().certificate("ca"));
  CHECK(ask(server.url(), tls).outcome == O::answered);
  tls.ca_pem = test::read_file(certificates().certificate("other-ca"));
  check_refused(ask(server.url(), tls), O::tls_untrusted);
}

TEST_CASE("nobody else's certificate") {
  const TlsServer server(certificates(), "server");
  check_refused(ask(server.url(), trusting("other-ca")), O::tls_untrusted);
  check_not_believed(server.url());
  const TlsServer other(certificates(), "wrong-host");
  check_refused(ask(other.url(), trusting()), O::tls_untrusted);
}

TEST_CASE("the environment adds no authority") {
  const TlsServer server(certificates(), "server");
  const std::string ca = certificates().certificate("ca");
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) ::setenv(name, ca.c_str(), 1);
  check_refused(ask(server.url(), trusting("other-ca")), O::tls_untrusted);
  check_not_believed(server.url());
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) ::unsetenv(name);
}

TEST_CASE("before and after a certificate's time") {
  const TlsServer expired(certificates(), "expired");
  check_refused(ask(expired.url(), trusting()), O::tls_untrusted);
  const TlsServer future(certificates(), "future");
  check_refused(ask(future.url(), trusting()), O::tls_not_yet_valid);
}

TEST_CASE("pins hold besides the chain, not instead of it") {
  const TlsServer server(certificates(), "server");
  const std::string right = certificates().pin("server");
  const std::string wrong = certificates().pin("device");
  const auto with = [](TlsConfig tls, const std::string& pin, const std::string& next) {
    tls.pin_sha256 = pin;
    tls.pin_next_sha256 = next;
    return tls;
  };
  CHECK(ask(server.url(), with(trusting(), right, "")).outcome == O::answered);
  CHECK(ask(server.url(), with(trusting(), wrong, right)).outcome == O::answered);
  check_refused(ask(server.url(), with(trusting(), wrong, "")), O::tls_untrusted);
  check_refused(ask(server.url(), with(trusting("other-ca"), right, "")), O::tls_untrusted);
}

TEST_CASE("the device's own certificate") {
  const std::vector<std::string> demand = {"-Verify", "2", "-verify_return_error", "-CAfile",
                                           certificates().certificate("ca")};
  const auto as = [](const char* name) {
    TlsConfig tls = trusting();
    if (name[0] == '\0') return tls;
    tls.client_certificate_file = certificates().certificate(name);
    tls.client_key_file = certificates().key(name);
    return tls;
  };
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    std::vector<std::string> arguments = demand;
    arguments.emplace_back(version);
    const TlsServer server(certificates(), "server", arguments);
    CHECK(ask(server.url(), as("device")).outcome == O::answered);
    CHECK(ask(server.url(), as("stranger")).outcome == O::own_certificate);
    CHECK(ask(server.url(), as("lapsed")).outcome == O::own_certificate);
    // Without one TLS 1.2 only says "handshake failure", which has many causes.
    const bool old = std::string(version) == "-tls1_2";
    CHECK(ask(server.url(), as("")).outcome == (old ? O::refused : O::own_certificate));
  }
}

TEST_CASE("the device's own files") {
  const TlsServer server(certificates(), "server");
  TlsConfig tls;
  tls.ca_file = "/nonexistent/ca.pem";
  CHECK(ask(server.url(), tls).outcome == O::misconfigured);
  tls = trusting();
  tls.client_certificate_file = tls.client_key_file = "/nonexistent/device.pem";
  const TransferResult result = ask(server.url(), tls);
  CHECK(result.outcome == O::misconfigured);
  CHECK_FALSE(result.status.ok());
}

TEST_CASE("TLS 1.2 at least") {
  // Security level 0, or OpenSSL itself would refuse to serve 1.1.
  for (const char* version : {"-tls1", "-tls1_1"}) {
    CAPTURE(version);
    const TlsServer old(certificates(), "server", {version, "-cipher", "ALL:@SECLEVEL=0"});
    check_refused(ask(old.url(), trusting()), O::tls_untrusted);
  }
  const TlsServer enough(certificates(), "server", {"-tls1_2"});
  CHECK(ask(enough.url(), trusting()).outcome == O::answered);
}

TEST_CASE(
    "a server that doesn't speak TLS, hangs or hangs up in the handshake is down, not untrusted") {
  using test::Script;
  const auto https = [](const test::TcpScriptServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port());
  };
  const test::TcpScriptServer plain(
      {Script().read_some().send("HTTP/1.1 400 Bad Request\r\n\r\n").close()});
  check_refused(ask(https(plain), trusting()), O::refused);
  const test::TcpScriptServer closing({Script().read_some().close()});
  check_refused(ask(https(closing), trusting()), O::refused);
  const test::TcpScriptServer resetting({Script().read_some().reset()});
  check_refused(ask(https(resetting), trusting()), O::refused);

  // In the middle of a record of the server's first flight.
  const std::string half("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", 11);
  const test::TcpScriptServer cut({Script().read_some().send(half).close()});
  check_refused(ask(https(cut), trusting()), O::refused);
  const test::TcpScriptServer torn({Script().read_some().send(half).reset()});
  check_refused(ask(https(torn), trusting()), O::refused);

  const test::TcpScriptServer silent({Script().hold()});
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  ServerConfig config;
  config.url = https(silent);
  CHECK((*transport)->set_server(0, config, trusting()).ok());
  Transfer transfer = transfer_to(0, 1);
  transfer.timeout = milliseconds(200);
  CHECK((*transport)->start(std::move(transfer)).ok());
  check_refused(next_result(**transport), O::timed_out);

  // A bare connection is enough for a tcp probe: no handshake is tried.
  transfer = transfer_to(0, 2);
  transfer.connect_only = true;
  CHECK((*transport)->start(std::move(transfer)).ok());
  CHECK(next_result(**transport).outcome == O::answered);
}

TEST_CASE("an https server is never asked in clear") {
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  test::TcpScriptServer elsewhere({test::Script().request().send(test::ok("x"))});
  const TlsServer server(certificates(), "server");
  ServerConfig config;
  config.url = server.url();
  CHECK((*transport)->set_server(0, config, trusting()).ok());
  Transfer transfer = transfer_to(0, 1, "//" + elsewhere.url().substr(7) + "/");
  CHECK((*transport)->start(std::move(transfer)).ok());
  (void)next_result(**transport);
  CHECK(elsewhere.connections() == 0);
}

}  // namespace
}  // namespace holdfast
