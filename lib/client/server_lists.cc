// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/server_lists.h"

#include <algorithm>

#include "base/base64.h"

namespace holdfast::client {

class ServerLists::ListOperation : public Operation {
 public:
  explicit ListOperation(ServerLists& lists) : lists_(lists) {}

  WireRequest words(ServerIndex server) override {
    return lists_.context_.ports.protocol->server_list(lists_.context_.identity(server));
  }
  bool read(uint32_t attempt, ServerIndex, const WireAnswer& answer, core::Evidence*) override {
    auto list = lists_.context_.ports.protocol->read_server_list(answer);
    if (!list) return false;
    answers_.keep(attempt, std::move(*list));
    return true;
  }
  void ended(core::RequestEnd, uint32_t attempt, ServerIndex) override {
    lists_.under_way_ = false;
    if (const SignedServerList* list = answers_.of(attempt)) lists_.received(*list);
  }

 private:
  ServerLists& lists_;
  Answers<SignedServerList> answers_;
};

void ServerLists::offered(ServerIndex server, uint64_t version) {
  const Route route = context_.failover.route();
  const bool in_charge = route.kind == RouteKind::server && route.server == server;
  if (!in_charge || under_way_ || context_.config.server_list_key.empty()) return;
  if (context_.ports.crypto == nullptr) return;
  if (version <= version_ || version <= refused_version_) return;
  core::RequestSpec spec;
  spec.only = server;
  spec.background = true;
  refused_version_ = version;
  under_way_ = exchanges_.begin(spec, std::make_shared<ListOperation>(*this)).has_value();
}

void ServerLists::refused(const std::string& why) {
  context_.alarm(Alarm::server_list_refused, why);
}

void ServerLists::received(const SignedServerList& list) {
  std::string key;
  if (!base64_decode(context_.config.server_list_key, key))
    return refused("the configured key is no base64");
  const Status signed_by_key =
      context_.ports.crypto->verify_p256(key, list.payload, list.signature);
  if (!signed_by_key.ok()) return refused("the signature doesn't hold");
  const auto parsed = codec::parse_server_list(list.payload);
  if (!parsed) return refused("the signed text isn't a list of servers");
  if (parsed->device != "*" && parsed->device != context_.config.device_id)
    return refused("the list is another device's");
  if (parsed->version <= version_) return refused("the list is older than the one in force");
  if (!context_.wall.trusted)
    return refused("the clock isn't trusted: the list's age can't be judged");
  if (parsed->not_after_ms < context_.wall.unix_ms) return refused("the list has expired");
  version_ = parsed->version;
  apply_(*parsed);
}

Config with_listed(const Config& configured, const codec::ServerList& list) {
  Config merged = configured;
  for (const codec::ListedServer& listed : list.servers) {
    const bool known = std::any_of(
        merged.servers.begin(), merged.servers.end(),
        [&](const ServerConfig& s) { return s.name == listed.name || s.url == listed.url; });
    if (known || merged.servers.size() == kMaxServers) continue;
    // A token is a secret of one cluster and goes to no other.
    const auto sibling =
        std::find_if(configured.servers.begin(), configured.servers.end(),
                     [&](const ServerConfig& s) { return s.cluster_id == listed.cluster_id; });
    if (sibling == configured.servers.end()) continue;
    ServerConfig server = *sibling;
    server.name = listed.name;
    server.url = listed.url;
    merged.servers.push_back(std::move(server));
  }
  return merged;
}

}  // namespace holdfast::client
