// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Every option that the transport sets is made to fail once, by standing in for curl_easy_setopt()
// in this program (the linker's --wrap, for shared and static libraries alike): no exchange may go
// on without one of them.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <cstdarg>
#include <set>
#include <string>

#include "conformance/transport.h"
#include "holdfast/adapters/curl_transport.h"
#include "support/tcp_script_server.h"
#include "support/temporary_directory.h"

namespace {

std::set<int> options_set;
int option_that_fails = -1;
CURLcode failure_code = CURLE_BAD_FUNCTION_ARGUMENT;

}  // namespace

extern "C" CURLcode __real_curl_easy_setopt(CURL* easy, CURLoption option, ...);
extern "C" CURLcode __wrap_curl_easy_setopt(CURL* easy, CURLoption option, ...) {
  constexpr auto real = &__real_curl_easy_setopt;
  options_set.insert(static_cast<int>(option));
  if (option == option_that_fails) return failure_code;
  va_list arguments;
  va_start(arguments, option);
  CURLcode code = CURLE_OK;
  if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
    code = real(easy, option, va_arg(arguments, curl_off_t));
  } else if (option < CURLOPTTYPE_OBJECTPOINT) {
    code = real(easy, option, va_arg(arguments, long));
  } else {
    code = real(easy, option, va_arg(arguments, void*));
  }
  va_end(arguments);
  return code;
}

namespace holdfast {
namespace {

using conformance::next_result;
using conformance::transfer_to;

TlsConfig full_tls() {
  TlsConfig tls;
  tls.ca_pem = "no certificate, and not read before a connection";
  tls.pin_sha256 = "mXAvxINxqYvQvH+La2lVnZBlTAQLWdYTnklXqlAw4gY=";
  tls.client_certificate_file = "/nonexistent/device.pem";
  tls.client_key_file = "/nonexistent/device.key";
  return tls;
}

Transfer full_transfer() {
  Transfer transfer = transfer_to(0, 1);
  transfer.method = "POST";
  transfer.body = "x";
  transfer.headers = {{"X-A", "b"}};
  transfer.fresh_connection = true;
  return transfer;
}

// All that is set for `url`; the transport's server 0 then is there.
std::set<int> options_used(Transport& transport, const std::string& url) {
  ServerConfig config;
  config.url = url;
  REQUIRE(transport.set_server(0, config, full_tls()).ok());
  options_set.clear();
  REQUIRE(transport.start(full_transfer()).ok());
  transport.cancel(1);
  return options_set;
}

TEST_CASE("an option that can't be set fails the exchange before a connection") {
  test::TcpScriptServer server({test::Script().hold()});
  CurlTransportOptions with_floor;
  with_floor.clock_floor_unix_ms = 1704067200000;
  auto floored = curl_transport(with_floor);
  // Some TLS libraries can't be given a floor.
  auto transport = floored ? std::move(floored) : curl_transport();
  REQUIRE(transport.has_value());
  const std::set<int> all =
      options_used(**transport, "https://127.0.0.1:" + std::to_string(server.port()));
  CHECK(all.size() > 40);

  for (const int option : all) {
    CAPTURE(option);
    option_that_fails = option;
    CHECK((*transport)->start(full_transfer()).ok());
    TransferResult result;
    // Without a poll(): nothing has touched the network.
    CHECK((*transport)->take(result));
    CHECK(result.outcome == TransferOutcome::misconfigured);
    CHECK(result.status == Status(Code::unsupported, CURLE_BAD_FUNCTION_ARGUMENT));
    CHECK_FALSE(result.sent);
    option_that_fails = -1;
  }
  CHECK(server.connections() == 0);
}

TEST_CASE(
    "a libcurl that doesn't know an option is usable only where the option keeps something out") {
  ServerConfig config;
  config.url = "https://127.0.0.1:1";
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  options_set.clear();
  REQUIRE((*transport)->set_server(0, config, full_tls()).ok());
  const std::set<int> all = options_set;
  std::set<int> unneeded;
  for (const CURLcode missing : {CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN}) {
    failure_code = missing;
    for (const int option : all) {
      option_that_fails = option;
      if ((*transport)->set_server(0, config, full_tls()).ok()) unneeded.insert(option);
    }
  }
  option_that_fails = -1;
  failure_code = CURLE_BAD_FUNCTION_ARGUMENT;
  // CAPATH: a backend that can't read a folder has none to believe.
  CHECK(unneeded == std::set<int>{CURLOPT_PROXY, CURLOPT_NOPROXY, CURLOPT_NETRC, CURLOPT_CAPATH});
}

TEST_CASE("what this libcurl can't do is said when the server is set") {
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  ServerConfig config;
  config.url = "https://host";
  option_that_fails = CURLOPT_PINNEDPUBLICKEY;
  CHECK((*transport)->set_server(0, config, full_tls()).code() == Code::unsupported);
  CHECK((*transport)->start(transfer_to(0, 1)).code() == Code::not_found);
  TlsConfig without = full_tls();
  without.pin_sha256.clear();
  CHECK((*transport)->set_server(0, config, without).ok());
  option_that_fails = -1;
}

TEST_CASE("the options that protect are among them") {
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  const std::set<int> all = options_used(**transport, "https://127.0.0.1:1");
  for (const CURLoption option :
       {CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST, CURLOPT_SSLVERSION,
        CURLOPT_CAPATH,         CURLOPT_CAINFO_BLOB,    CURLOPT_PINNEDPUBLICKEY,
        CURLOPT_SSLCERT,        CURLOPT_SSLKEY,         CURLOPT_PROTOCOLS_STR,
        CURLOPT_PROXY,          CURLOPT_NOPROXY,        CURLOPT_NETRC,
        CURLOPT_FOLLOWLOCATION, CURLOPT_HTTP_VERSION,   CURLOPT_NOSIGNAL,
        CURLOPT_PREREQFUNCTION, CURLOPT_FRESH_CONNECT,  CURLOPT_FORBID_REUSE,
        CURLOPT_WRITEFUNCTION,  CURLOPT_HEADERFUNCTION}) {
    CAPTURE(static_cast<int>(option));
    CHECK(all.count(static_cast<int>(option)) == 1);
  }
}

}  // namespace
}  // namespace holdfast
