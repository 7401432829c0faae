// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/transport.h"
#include "holdfast/adapters/curl_transport.h"
#include "support/tcp_script_server.h"

namespace holdfast::test {

using conformance::next_result;
using conformance::transfer_to;

// A transport and one server that it knows as number 0.
struct Pair {
  explicit Pair(std::vector<Script> scripts) : server(std::move(scripts)) {
    transport = std::move(*curl_transport());
    know(0, server.url());
  }
  void know(ServerIndex index, const std::string& url) {
    ServerConfig config;
    config.url = url;
    CHECK(transport->set_server(index, config, config.tls).ok());
  }
  TransferResult run(Transfer transfer) {
    CHECK(transport->start(std::move(transfer)).ok());
    return next_result(*transport);
  }
  TransferResult get(const std::string& path = "/") { return run(transfer_to(0, 1, path)); }

  TcpScriptServer server;
  std::unique_ptr<Transport> transport;
};

inline Transfer post(TransferId id, const std::string& body) {
  Transfer transfer = transfer_to(0, id, "/post");
  transfer.method = "POST";
  transfer.body = body;
  return transfer;
}

inline Script answering(int times, const std::string& body = "hello") {
  Script script;
  for (int i = 0; i < times; ++i) script.request().send(test::ok(body));
  return script;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace holdfast::test
