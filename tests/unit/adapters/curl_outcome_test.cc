// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The table of what libcurl's errors mean, as measured with libcurl 7.88.1 and OpenSSL 3.0.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <cerrno>

#include "adapters/curl/outcome.h"
#include "adapters/curl/request.h"

namespace holdfast::curl {
namespace {

using O = TransferOutcome;

struct Row {
  const char* what;
  Ending ending;
  O expected;
};

Ending tls(int code, long verify_result, int alert = kNoAlert) {
  Ending ending;
  ending.code = code;
  ending.verify_result = verify_result;
  ending.alert = alert;
  return ending;
}

Ending broke(int code, int os_errno, bool connected = false) {
  Ending ending;
  ending.code = code;
  ending.os_errno = os_errno;
  ending.connected = connected;
  return ending;
}

Ending unresolved(int code) {
  Ending ending;
  ending.code = code;
  ending.resolved = false;
  return ending;
}

void check(const Row& row) {
  CAPTURE(row.what);
  CHECK(outcome_of(row.ending) == row.expected);
}

TEST_CASE("TLS failures") {
  const Row rows[] = {
      {"self-signed", tls(CURLE_PEER_FAILED_VERIFICATION, 18), O::tls_untrusted},
      {"unknown authority", tls(CURLE_PEER_FAILED_VERIFICATION, 20), O::tls_untrusted},
      {"wrong purpose", tls(CURLE_PEER_FAILED_VERIFICATION, 26), O::tls_untrusted},
      {"weak key", tls(CURLE_PEER_FAILED_VERIFICATION, 66), O::tls_untrusted},
      {"wrong host", tls(CURLE_PEER_FAILED_VERIFICATION, 1), O::tls_untrusted},
      {"not yet valid", tls(CURLE_PEER_FAILED_VERIFICATION, 9), O::tls_not_yet_valid},
      {"expired", tls(CURLE_PEER_FAILED_VERIFICATION, 10), O::tls_untrusted},
      {"pin", tls(CURLE_SSL_PINNEDPUBKEYNOTMATCH, 0), O::tls_untrusted},
      {"ours expired, TLS 1.2", tls(CURLE_PEER_FAILED_VERIFICATION, 1, 45), O::own_certificate},
      {"bad certificate and alert 45", tls(CURLE_PEER_FAILED_VERIFICATION, 20, 45),
       O::tls_untrusted},
      {"ours is required", tls(CURLE_RECV_ERROR, 0, 116), O::own_certificate},
      {"ours, unknown authority", tls(CURLE_RECV_ERROR, 0, 48), O::own_certificate},
      {"ours expired, TLS 1.3", tls(CURLE_RECV_ERROR, 0, 45), O::own_certificate},
      {"ours while sending", tls(CURLE_SEND_ERROR, 0, 48), O::own_certificate},
      {"ours in the handshake", tls(CURLE_SSL_CONNECT_ERROR, 0, 48), O::own_certificate},
      {"ours is bad", tls(CURLE_SSL_CONNECT_ERROR, 0, 42), O::own_certificate},
      {"libcurl's own word for it", tls(CURLE_SSL_CLIENTCERT, 0), O::own_certificate},
      {"handshake failure: ambiguous", tls(CURLE_SSL_CONNECT_ERROR, 0, 40), O::refused},
      {"server too old", tls(CURLE_SSL_CONNECT_ERROR, 0, 70), O::tls_untrusted},
      {"plain HTTP, or cut", tls(CURLE_SSL_CONNECT_ERROR, 0), O::refused},
      {"our certificate's file", tls(CURLE_SSL_CERTPROBLEM, 0), O::misconfigured},
      {"the authorities' file", tls(CURLE_SSL_CACERT_BADFILE, 0), O::misconfigured}};
  for (const Row& row : rows) check(row);
}

TEST_CASE("connections and answers") {
  const Row rows[] = {
      {"fine", broke(CURLE_OK, 0, true), O::answered},
      {"refused", broke(CURLE_COULDNT_CONNECT, ECONNREFUSED), O::refused},
      {"no such host on the last hop", broke(CURLE_COULDNT_CONNECT, EHOSTUNREACH), O::refused},
      {"no route", broke(CURLE_COULDNT_CONNECT, ENETUNREACH), O::unreachable},
      {"interface down", broke(CURLE_COULDNT_CONNECT, ENETDOWN), O::unreachable},
      {"no address of ours", broke(CURLE_COULDNT_CONNECT, EADDRNOTAVAIL), O::unreachable},
      {"our packet filter", broke(CURLE_COULDNT_CONNECT, EPERM), O::unreachable},
      {"no descriptor left", broke(CURLE_COULDNT_CONNECT, EMFILE), O::unreachable},
      {"SYN unanswered", broke(CURLE_COULDNT_CONNECT, ETIMEDOUT), O::timed_out},
      {"silence", broke(CURLE_OPERATION_TIMEDOUT, 0), O::timed_out},
      {"silence of the resolver", unresolved(CURLE_OPERATION_TIMEDOUT), O::name_unavailable},
      {"no name", unresolved(CURLE_COULDNT_RESOLVE_HOST), O::name_unavailable},
      {"closed unanswered", broke(CURLE_GOT_NOTHING, 0, true), O::refused},
      {"closed in mid body", broke(CURLE_PARTIAL_FILE, 0, true), O::refused},
      {"reset", broke(CURLE_RECV_ERROR, ECONNRESET, true), O::refused},
      {"TCP_USER_TIMEOUT", broke(CURLE_RECV_ERROR, ETIMEDOUT, true), O::timed_out},
      {"not HTTP at all", broke(CURLE_UNSUPPORTED_PROTOCOL, 0, true), O::refused},
      {"not an http URL", broke(CURLE_UNSUPPORTED_PROTOCOL, 0), O::misconfigured},
      {"bad URL", broke(CURLE_URL_MALFORMAT, 0), O::misconfigured},
      {"option not built in", broke(CURLE_NOT_BUILT_IN, 0), O::misconfigured},
      {"a header line without end", broke(CURLE_OUT_OF_MEMORY, 0, true), O::too_large},
      {"the same, since 8.6", broke(100, 0, true), O::too_large},
      {"no memory of ours", broke(CURLE_OUT_OF_MEMORY, 0), O::unreachable},
      {"too much", broke(CURLE_FILESIZE_EXCEEDED, 0, true), O::too_large},
      {"an error of tomorrow", broke(12345, 0), O::refused}};
  for (const Row& row : rows) check(row);
}

Ending mbedtls(int code, int error, int alert = kNoAlert, int os_errno = 0) {
  Ending ending = tls(code, 0, alert);
  ending.tls_error = error;
  ending.os_errno = os_errno;
  return ending;
}

TEST_CASE("TLS failures with mbedTLS") {
  const int shake = CURLE_SSL_CONNECT_ERROR;
  const int read = CURLE_RECV_ERROR;
  const Row rows[] = {
      {"not found out why", tls(CURLE_PEER_FAILED_VERIFICATION, 0), O::tls_untrusted},
      {"wrong host", tls(CURLE_PEER_FAILED_VERIFICATION, kVerifyHostMismatch), O::tls_untrusted},
      {"plain HTTP", mbedtls(shake, -0x7200), O::refused},
      {"cut", mbedtls(shake, -0x7280), O::refused},
      {"reset", mbedtls(shake, -0x0050, kNoAlert, ECONNRESET), O::refused},
      {"TCP_USER_TIMEOUT", mbedtls(read, -0x004c, kNoAlert, ETIMEDOUT), O::timed_out},
      {"no memory of ours", mbedtls(shake, -0x7f00), O::unreachable},
      {"server too old", mbedtls(shake, -0x7780, 70), O::tls_untrusted},
      {"too old, found here", mbedtls(shake, -0x6e80), O::tls_untrusted},
      {"handshake failure", mbedtls(shake, -0x7780, 40), O::refused},
      {"an alert without number", mbedtls(shake, -0x7780), O::tls_untrusted},
      {"the same, TLS 1.3", mbedtls(read, -0x7780), O::tls_untrusted},
      {"ours is unknown", mbedtls(shake, -0x7780, 48), O::own_certificate},
      {"ours is missing, TLS 1.3", mbedtls(read, -0x7780, 116), O::own_certificate},
      {"a certificate that can't be read", mbedtls(shake, -0x7a00), O::tls_untrusted},
      {"an error of tomorrow", mbedtls(shake, -0x5123), O::tls_untrusted}};
  for (const Row& row : rows) check(row);
}

TEST_CASE("mbedTLS errors in error texts") {
  CHECK(tls_error_of("ssl_handshake returned: (-0x7780) SSL - A fatal alert") == -0x7780);
  CHECK(tls_error_of("ssl_read returned: (-0x004C) NET - Reading failed") == -0x4c);
  CHECK(tls_error_of("ssl_handshake returned: (-0xFFFFFF)") == 0);
  CHECK(tls_error_of("ssl_handshake returned: (-0x") == 0);
  CHECK(tls_error_of("Connection reset by peer") == 0);
  CHECK(tls_error_of("") == 0);
}

TEST_CASE("alerts in error texts") {
  CHECK(alert_of("") == kNoAlert);
  CHECK(alert_of("Connection reset by peer") == kNoAlert);
  CHECK(alert_of("OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate "
                 "required, errno 0") == 116);
  CHECK(alert_of("error:0A000418:SSL routines::tlsv1 alert unknown ca") == 48);
  CHECK(alert_of("error:0A00042E:SSL routines::tlsv1 alert protocol version") == 70);
  CHECK(alert_of("error:0A000410:SSL routines::sslv3 alert handshake failure") == 40);
  CHECK(alert_of("error:0A000102:SSL routines::unsupported protocol") == 70);
  CHECK(alert_of("error:0A00010B:SSL routines::wrong version number") == kNoAlert);
  CHECK(alert_of("error:zzz") == kNoAlert);
  CHECK(alert_of("SSL certificate verification failed") == 45);
}

TEST_CASE("each outcome has a code, and only an answer is ok") {
  for (int i = 0; i <= static_cast<int>(O::misconfigured); ++i) {
    CHECK((code_of(static_cast<O>(i)) == Code::ok) == (static_cast<O>(i) == O::answered));
  }
}

TEST_CASE("servers' URLs are taken apart") {
  const auto base = [](const char* url) {
    const Result<Target> target = parse_target(url, {});
    return target ? target->base_url : std::string("(error)");
  };
  CHECK(base("http://host") == "http://host:80");
  CHECK(base("https://host/") == "https://host:443");
  CHECK(base("HTTPS://host:8443/print/") == "https://host:8443/print");
  CHECK(base("http://[::1]:631/a/b") == "http://[::1]:631/a/b");
  CHECK(base("http://host:99999/") == "(error)");
  CHECK(base("http://host/\r\nX") == "(error)");
  CHECK(parse_target("https://host:8443/x", {})->probe_url == "http://host:8443/");
  CHECK(parse_target("https://host", {})->https);
  CHECK_FALSE(parse_target("http://host", {})->https);
  CHECK(parse_whole_url("http://host/a?b=c").has_value());
  CHECK_FALSE(parse_whole_url("http://user@host/a").has_value());
}

TEST_CASE("TLS settings that contradict themselves") {
  const std::string pin = "mXAvxINxqYvQvH+La2lVnZBlTAQLWdYTnklXqlAw4gY=";
  const auto usable = [](auto change) {
    TlsConfig config;
    change(config);
    return parse_target("https://host", config).has_value();
  };
  CHECK(usable([&](TlsConfig& c) { c.pin_sha256 = pin; }));
  CHECK(usable([&](TlsConfig& c) { c.pin_sha256 = c.pin_next_sha256 = pin; }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.pin_next_sha256 = pin; }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.pin_sha256 = "sha256//" + pin; }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.pin_sha256 = pin.substr(1); }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.pin_sha256 = pin + ";sha256//" + pin; }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.ca_file = c.ca_pem = "x"; }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.client_certificate_file = "x"; }));
  CHECK_FALSE(usable([&](TlsConfig& c) { c.client_key_file = "x"; }));
}

}  // namespace
}  // namespace holdfast::curl
