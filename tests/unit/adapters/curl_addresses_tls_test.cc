// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Whatever address an exchange is told, and whoever made the connection: it is the URL's name that
// the certificate must have.
#include <doctest/doctest.h>

#include <string>
#include <vector>

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
using Addresses = std::vector<std::string>;

TEST_CASE("names are verified with addresses given, and with a connection that was handed over") {
  const TestCertificates certificates;
  const TlsServer print_example(certificates, "wrong-host");  // print.example's
  const TlsServer localhost(certificates, "server");          // 127.0.0.1's and localhost's
  TlsConfig tls;
  tls.ca_file = certificates.certificate("ca");
  const auto ask = [&](const std::string& host, const TlsServer& server,
                       const Addresses& addresses) {
    auto transport = curl_transport();
    REQUIRE(transport.has_value());
    ServerConfig config;
    config.url = "https://" + host + ":" + std::to_string(server.port());
    CHECK((*transport)->set_server(0, config, tls).ok());
    Transfer transfer = transfer_to(0, 1);
    transfer.addresses = addresses;
    CHECK((*transport)->start(std::move(transfer)).ok());
    return next_result(**transport);
  };
  const auto refused = [](const TransferResult& result) {
    return result.outcome == O::tls_untrusted && !result.sent && result.http_status == 0;
  };
  const Addresses direct = {"127.0.0.1"};
  const Addresses second = {"127.0.0.77", "127.0.0.1"};  // nobody's, so the race decides
  for (const Addresses& addresses : {direct, second}) {
    CAPTURE(addresses.size());
    const TransferResult result = ask("print.example", print_example, addresses);
    CHECK(result.outcome == O::answered);
    CHECK(result.address == "127.0.0.1");
    CHECK(ask("localhost", localhost, addresses).outcome == O::answered);
    CHECK(refused(ask("other.example", print_example, addresses)));
    CHECK(refused(ask("localhost", print_example, addresses)));
    // The address stands in this one's certificate; the name that was asked for doesn't.
    CHECK(refused(ask("print.example", localhost, addresses)));
  }
}

}  // namespace
}  // namespace holdfast
