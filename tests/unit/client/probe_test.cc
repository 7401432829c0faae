// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What existing servers are asked, and what is made of their answers.
#include <doctest/doctest.h>

#include "client/evidence.h"
#include "codec/ipp/ipp.h"

using namespace holdfast;
using core::Outcome;

namespace {

class Probed {
 public:
  explicit Probed(ProbeKind kind) {
    server.url = "http://127.0.0.1:631";
    server.probe.kind = kind;
    result.outcome = TransferOutcome::answered;
    result.http_status = 200;
  }

  WireRequest words() { return client::probe_words(server.probe, server, {}, *protocol_); }
  Outcome outcome() { return client::read_probe(server, result, *protocol_).evidence.outcome; }
  Outcome outcome(int status, std::string body) {
    result.http_status = status;
    result.body = std::move(body);
    return outcome();
  }

  ServerConfig server;
  TransferResult result;

 private:
  std::unique_ptr<ServerProtocol> protocol_ = device_protocol_v1();
};

std::string asked_printer(const std::string& url, const std::string& path) {
  Probed probed(ProbeKind::ipp);
  probed.server.url = url;
  probed.server.probe.path = path;
  const WireRequest request = probed.words();
  CHECK(request.target == path);
  codec::ipp::Reader reader(request.body);
  codec::ipp::Value value;
  while (reader.next(value)) {
    if (value.is("printer-uri")) return std::string(value.text());
  }
  return "(none)";
}

}  // namespace

TEST_CASE("an ipp probe names the printer that its request goes to") {
  CHECK(asked_printer("http://localhost:631", "/ipp/print") == "ipp://localhost:631/ipp/print");
  // Without its port it would be 631, where nobody listens.
  CHECK(asked_printer("http://p.example", "/a") == "ipp://p.example:80/a");
  CHECK(asked_printer("https://p.example", "/a") == "ipps://p.example:443/a");
  CHECK(asked_printer("https://p.example:8631/cups", "/a") == "ipps://p.example:8631/cups/a");
  CHECK(asked_printer("http://[::1]:631", "/a") == "ipp://[::1]:631/a");
}

TEST_CASE("an ipp probe is a POST of IPP") {
  const WireRequest request = Probed(ProbeKind::ipp).words();
  CHECK(request.method == "POST");
  CHECK(request.headers == Headers{{"Content-Type", "application/ipp"}});
}

TEST_CASE("an ipp probe believes IPP's own status only") {
  Probed probed(ProbeKind::ipp);
  const auto answer = [](uint16_t code) {
    std::string bytes("\x02\x00\x00\x00\x00\x00\x00\x01\x03", 9);
    bytes[2] = static_cast<char>(code >> 8);
    bytes[3] = static_cast<char>(code & 0xff);
    return bytes;
  };
  CHECK(probed.outcome(200, answer(0)) == Outcome::good);
  CHECK(probed.outcome(200, answer(codec::ipp::kNotFound)) == Outcome::garbage);
  CHECK(probed.outcome(200, answer(0).substr(0, 8)) == Outcome::garbage);
  CHECK(probed.outcome(200, "<html>") == Outcome::garbage);
  CHECK(probed.outcome(404, answer(0)) == Outcome::not_found);
  CHECK(probed.outcome(503, answer(0)) == Outcome::unavailable);
}

TEST_CASE("an http probe wants its status and its value") {
  Probed probed(ProbeKind::http);
  probed.server.probe.path = "/health?a=1";
  CHECK(probed.words().method == "GET");
  CHECK(probed.words().target == "/health?a=1");
  CHECK(probed.outcome(200, "<html>") == Outcome::good);
  CHECK(probed.outcome(204, "") == Outcome::garbage);
  CHECK(probed.outcome(500, "") == Outcome::server_error);
  probed.server.probe.json_pointer = "/status";
  probed.server.probe.json_value = "\"fine\"";
  CHECK(probed.outcome(200, "{\"status\":\"fine\"}") == Outcome::good);
  CHECK(probed.outcome(200, "{\"status\":\"degraded\"}") == Outcome::garbage);
  CHECK(probed.outcome(200, "<html>") == Outcome::garbage);
  // A server that says how it is by a status of failure is heard as well.
  probed.server.probe.expect_status = 503;
  CHECK(probed.outcome(503, "{\"status\":\"fine\"}") == Outcome::good);
}

TEST_CASE("a tcp probe is content with a connection") {
  Probed probed(ProbeKind::tcp);
  CHECK(probed.outcome(0, "") == Outcome::good);
  probed.result.outcome = TransferOutcome::refused;
  CHECK(probed.outcome() == Outcome::refused);
}
