// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Transport must do. The bench gives it peers that behave in a few ways, over real
// sockets or simulated ones.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "holdfast/ports/transport.h"

namespace holdfast::conformance {

enum class Behaviour {
  answers,     // "200", header "X-Peer: yes", body "hello"; connections stay open
  not_found,   // "404", body "no such thing"
  refuses,     // no connection
  silent,      // a connection, and never a byte
  breaks_off,  // the head of an answer and a part of the body, then the connection ends
  endless,     // "200" and a body without end
};

class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string url() const = 0;
  virtual size_t connections() const = 0;  // that were made to it so far
  virtual size_t requests() const = 0;     // that reached it whole
};

class TransportBench {
 public:
  virtual ~TransportBench() = default;
  virtual Transport& transport() = 0;
  virtual std::unique_ptr<Peer> peer(Behaviour behaviour) = 0;
};

// Polls and waits until the next result; fails the test when there is none for long, be the time
// simulated (then the rounds count) or not.
inline TransferResult next_result(Transport& transport) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::seconds(10);
  TransferResult result;
  for (int round = 0; round < 500 || Clock::now() < end; ++round) {
    transport.poll();
    if (transport.take(result)) return result;
    transport.wait(milliseconds(20));
  }
  FAIL_CHECK("no result");
  return result;
}

// Moves bytes for a while; true when a result came.
inline bool any_result(Transport& transport, int rounds = 10) {
  TransferResult result;
  for (int i = 0; i < rounds; ++i) {
    transport.poll();
    if (transport.take(result)) return true;
    transport.wait(milliseconds(10));
  }
  return false;
}

inline Transfer transfer_to(ServerIndex server, TransferId id, const std::string& path = "/") {
  Transfer transfer;
  transfer.id = id;
  transfer.server = server;
  transfer.url = path;
  return transfer;
}

inline std::unique_ptr<Peer> connect(TransportBench& bench, ServerIndex server,
                                     Behaviour behaviour) {
  std::unique_ptr<Peer> peer = bench.peer(behaviour);
  ServerConfig config;
  config.name = "peer";
  config.url = peer->url();
  CHECK(bench.transport().set_server(server, config, config.tls).ok());
  return peer;
}

inline void transport_outcomes(TransportBench& bench) {
  Transport& transport = bench.transport();
  const auto ask = [&](Behaviour behaviour, Duration timeout) {
    const auto peer = connect(bench, 0, behaviour);
    Transfer transfer = transfer_to(0, 1);
    transfer.timeout = timeout;
    transfer.max_answer_bytes = 100000;
    CHECK(transport.start(std::move(transfer)).ok());
    return next_result(transport);
  };
  TransferResult result = ask(Behaviour::answers, seconds(5));
  CHECK(result.id == 1);
  CHECK(result.outcome == TransferOutcome::answered);
  CHECK(result.http_status == 200);
  CHECK(result.body == "hello");
  CHECK(result.status.ok());
  bool header = false;
  for (const auto& [name, value] : result.headers)
    header = header || (name == "x-peer" && value == "yes");
  CHECK(header);

  result = ask(Behaviour::not_found, seconds(5));
  CHECK(result.outcome == TransferOutcome::answered);
  CHECK(result.http_status == 404);
  CHECK(result.body == "no such thing");

  result = ask(Behaviour::refuses, seconds(5));
  CHECK(result.outcome == TransferOutcome::refused);
  CHECK_FALSE(result.sent);
  CHECK(result.http_status == 0);
  CHECK_FALSE(result.status.ok());

  result = ask(Behaviour::silent, milliseconds(150));
  CHECK(result.outcome == TransferOutcome::timed_out);
  CHECK(result.sent);

  result = ask(Behaviour::breaks_off, seconds(5));
  CHECK(result.outcome == TransferOutcome::refused);
  CHECK(result.body.empty());  // half an answer is none

  result = ask(Behaviour::endless, seconds(5));
  CHECK(result.outcome == TransferOutcome::too_large);
  CHECK(result.body.empty());
}

inline void transport_arguments(TransportBench& bench) {
  Transport& transport = bench.transport();
  const auto peer = connect(bench, 0, Behaviour::silent);
  const auto start = [&](auto change) {
    Transfer transfer = transfer_to(0, 1);
    change(transfer);
    return transport.start(std::move(transfer)).code();
  };
  const Code wrong = Code::invalid_argument;
  CHECK(start([](Transfer& t) { t.server = 5; }) == Code::not_found);
  CHECK(start([](Transfer& t) { t.url = "no-slash"; }) == wrong);
  CHECK(start([](Transfer& t) { t.url = "/a b"; }) == wrong);
  CHECK(start([](Transfer& t) { t.url = "/a\r\nX: y"; }) == wrong);
  CHECK(start([](Transfer& t) { t.url = std::string("/a\0b", 4); }) == wrong);
  CHECK(start([](Transfer& t) { t.method = "GET /x HTTP/1.1\r\n"; }) == wrong);
  CHECK(start([](Transfer& t) { t.headers = {{"X-A", "b\r\nX-C: d"}}; }) == wrong);
  CHECK(start([](Transfer& t) { t.headers = {{"X-A", "b\nX-C: d"}}; }) == wrong);
  CHECK(start([](Transfer& t) { t.headers = {{"X-A", std::string("b\0c", 3)}}; }) == wrong);
  CHECK(start([](Transfer& t) { t.headers = {{"X-A: b\r\nX-C", "d"}}; }) == wrong);
  CHECK(start([](Transfer& t) { t.headers = {{"", "d"}}; }) == wrong);
  CHECK_FALSE(any_result(transport, 2));
  CHECK(peer->requests() == 0);

  ServerConfig config;
  for (const char* url :
       {"", "nonsense", "ftp://host/", "file:///etc/passwd", "http://user:pw@host/",
        "http://host/?q", "http://host/#f", "http://", "http://a b/"}) {
    CAPTURE(url);
    config.url = url;
    CHECK(transport.set_server(1, config, config.tls).code() == wrong);
  }
  CHECK(start([](Transfer& t) { t.server = 1; }) == Code::not_found);
}

inline void transport_endings(TransportBench& bench) {
  Transport& transport = bench.transport();
  const auto silent = connect(bench, 0, Behaviour::silent);
  const auto answering = connect(bench, 1, Behaviour::answers);

  CHECK(transport.start(transfer_to(0, 7)).ok());
  CHECK(transport.start(transfer_to(0, 7)).code() == Code::already_exists);
  CHECK_FALSE(any_result(transport, 3));
  transport.cancel(7);
  transport.cancel(7);
  transport.cancel(1234);
  CHECK_FALSE(any_result(transport, 3));
  CHECK(transport.start(transfer_to(0, 7)).ok());  // the id is free again

  // A result that nobody has taken is cancelled like the exchange itself.
  CHECK(transport.start(transfer_to(1, 8)).ok());
  for (int i = 0; i < 10; ++i) {
    transport.poll();
    transport.wait(milliseconds(10));
  }
  transport.cancel(8);
  CHECK_FALSE(any_result(transport, 2));

  // Dropping one server's connections ends what is under way there, and only there.
  CHECK(transport.start(transfer_to(1, 9)).ok());
  CHECK(next_result(transport).id == 9);
  const size_t before = answering->connections();
  transport.drop_pool(0);
  TransferResult result = next_result(transport);
  CHECK(result.id == 7);
  CHECK(result.outcome == TransferOutcome::refused);
  CHECK(transport.start(transfer_to(1, 10)).ok());
  CHECK(next_result(transport).outcome == TransferOutcome::answered);
  CHECK(answering->connections() == before);
  transport.drop_pool(1);
  CHECK(transport.start(transfer_to(1, 11)).ok());
  CHECK(next_result(transport).outcome == TransferOutcome::answered);
  CHECK(answering->connections() == before + 1);

  Transfer fresh = transfer_to(1, 12);
  fresh.fresh_connection = true;
  CHECK(transport.start(std::move(fresh)).ok());
  CHECK(next_result(transport).outcome == TransferOutcome::answered);
  CHECK(answering->connections() == before + 2);
  CHECK(transport.start(transfer_to(1, 13)).ok());
  CHECK(next_result(transport).outcome == TransferOutcome::answered);
  CHECK(answering->connections() == before + 2);  // it left none behind and took none away

  Transfer probe = transfer_to(1, 14);
  probe.connect_only = true;
  const size_t requests = answering->requests();
  CHECK(transport.start(std::move(probe)).ok());
  result = next_result(transport);
  CHECK(result.outcome == TransferOutcome::answered);
  CHECK(result.http_status == 0);
  CHECK(answering->requests() == requests);

  transport.remove_server(1);
  CHECK(transport.start(transfer_to(1, 15)).code() == Code::not_found);
}

inline void transport(TransportBench& bench) {
  transport_outcomes(bench);
  transport_arguments(bench);
  transport_endings(bench);
}

}  // namespace holdfast::conformance
