// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The network: exchanges of the device with the nodes of its clusters, in the words of the device
// protocol.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/prng.h"
#include "holdfast/ports/transport.h"
#include "sim/offline/home.h"

namespace holdfast::sim::offline {

struct Node {
  Cluster* cluster = nullptr;
  bool home = false;
  bool down = false;
  bool silent = false;  // rather than refused, while it is down
};

// What an exchange was about, for whoever watches.
struct Passing {
  enum class What : uint8_t { health, login, manifest, chunk, audit, other };
  What what = What::other;
  bool home = false;
  int64_t server_ms = 0;           // health
  std::string attempt_id;          // login
  Cluster::Answer answer;          // login
  const UserList* list = nullptr;  // manifest
};

class Wire final : public Transport {
 public:
  explicit Wire(uint64_t seed) : prng_(seed) {}

  std::map<std::string, Node> nodes;  // by URL
  Duration slow_login{};              // at most
  // Before a server answers that it was asked for its list.
  std::function<void()> on_list_asked;
  std::function<void(const std::string& attempt_id)> on_login_sent;
  // Home's answer to a batch of audit events.
  std::function<std::string(const std::string& body)> on_audit;
  std::function<void(const Passing&)> on_answer;  // reaches the device
  std::function<int64_t()> true_ms;
  Instant now{};

  void node_went_down(const std::string& url);
  void reset() { pending_.clear(); }
  Instant next() const;

  Status set_server(ServerIndex server, const ServerConfig& config, const TlsConfig&) override {
    url_of_[server] = config.url;
    return {};
  }
  void remove_server(ServerIndex server) override { url_of_.erase(server); }
  Status start(Transfer&& transfer) override;
  void cancel(TransferId id) override { pending_.erase(id); }
  void drop_pool(ServerIndex) override {}
  void poll() override {}
  bool take(TransferResult& result) override;
  void wait(Duration) override {}
  void wake() noexcept override {}

 private:
  struct Pending {
    Instant due;
    bool never = false;
    std::string url;
    TransferResult result;
    Passing passing;
  };
  void answer(Node& node, const Transfer& transfer, Pending& pending);
  void answer_login(Node& node, const Transfer& transfer, Pending& pending);
  void answer_list(Node& node, const Transfer& transfer, Pending& pending);

  Prng prng_;
  std::map<ServerIndex, std::string> url_of_;
  std::map<TransferId, Pending> pending_;
};

}  // namespace holdfast::sim::offline
