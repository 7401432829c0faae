// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "conformance/transport.h"
#include "holdfast/adapters/curl_transport.h"
#include "support/tcp_script_server.h"

namespace holdfast {
namespace {

using test::Script;
using test::TcpScriptServer;

class TcpPeer final : public conformance::Peer {
 public:
  explicit TcpPeer(std::unique_ptr<TcpScriptServer> server) : server_(std::move(server)) {}
  std::string url() const override {
    return server_ ? server_->url() : "http://127.0.0.1:" + std::to_string(port_);
  }
  size_t connections() const override { return server_ ? server_->connections() : 0; }
  size_t requests() const override { return server_ ? server_->requests().size() : 0; }

 private:
  const std::unique_ptr<TcpScriptServer> server_;
  const uint16_t port_ = test::unused_port();
};

class CurlBench final : public conformance::TransportBench {
 public:
  explicit CurlBench(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}
  Transport& transport() override { return *transport_; }

  std::unique_ptr<conformance::Peer> peer(conformance::Behaviour behaviour) override {
    using B = conformance::Behaviour;
    if (behaviour == B::refuses) return std::make_unique<TcpPeer>(nullptr);
    Script script;
    switch (behaviour) {
      case B::answers:
        for (int i = 0; i < 20; ++i) {
          script.request().send(test::answer("200 OK", "hello", "X-Peer: yes\r\n"));
        }
        script.hold();
        break;
      case B::not_found:
        script.request().send(test::answer("404 Not Found", "no such thing")).hold();
        break;
      case B::breaks_off:
        script.request()
            .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning")
            .close();
        break;
      case B::endless:
        script.request().send("HTTP/1.1 200 OK\r\n\r\n").flood(std::string(1000, 'x'));
        break;
      case B::silent:
      case B::refuses:
        script.hold();
        break;
    }
    return std::make_unique<TcpPeer>(
        std::make_unique<TcpScriptServer>(std::vector<Script>{script}));
  }

 private:
  std::unique_ptr<Transport> transport_;
};

TEST_CASE("curl transport conforms") {
  auto transport = curl_transport();
  REQUIRE(transport.has_value());
  CurlBench bench(std::move(*transport));
  conformance::transport(bench);
}

}  // namespace
}  // namespace holdfast
