// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A new configuration: all of it or nothing.
#include <string>

#include "client/client_impl.h"
#include "codec/config_fields.h"

namespace holdfast {

tl::expected<void, std::vector<ConfigError>> Client::Impl::reconfigure(const Config& config) {
  std::vector<ConfigError> errors = validate(config);
  const auto fixed = [&](const char* field, uint64_t is, uint64_t wanted) {
    if (is != wanted)
      errors.push_back(
          {field, std::to_string(wanted), std::to_string(is) + " until the next start"});
  };
  fixed("/limit/max_requests", configured.limit.max_requests, config.limit.max_requests);
  fixed("/limit/history", configured.limit.history, config.limit.history);
  fixed("/session/max_sessions", configured.session.max_sessions, config.session.max_sessions);
  fixed("/job/max_releases", configured.job.max_releases, config.job.max_releases);
  fixed("/job/max_remembered", configured.job.max_remembered, config.job.max_remembered);
  if (!codec::same(config.offline, configured.offline))
    errors.push_back({"/offline", "(changed)", "what it is, until the next start"});
  if (config.device_id != configured.device_id)
    errors.push_back(
        {"/device_id", config.device_id, configured.device_id + " until the next start"});
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  Places places = find_places(config);
  // The transport checks what only it can: files, options. It is asked first, and set back where it
  // refuses.
  for (size_t i = 0; i < config.servers.size(); ++i) {
    const ServerConfig& server = config.servers[i];
    const Status set = context.ports.transport->set_server(places.index[i], server, server.tls);
    if (set.ok()) continue;
    for (size_t undo = 0; undo < i; ++undo) set_back(places.index[undo]);
    errors.push_back({"/servers/" + std::to_string(i), server.name, set.message()});
    return tl::unexpected(std::move(errors));
  }
  configured = config;
  replace(config, places);
  return {};
}

// A known name at the same address keeps its place; all else is another server, and gets a place of
// its own.
Client::Impl::Places Client::Impl::find_places(const Config& config) const {
  Places places;
  std::array<bool, kMaxServers> taken{};
  for (size_t i = 0; i < config.servers.size(); ++i) {
    ServerIndex s = context.index_of(config.servers[i].name);
    if (s != kNoServer) {
      const ServerConfig& old = context.servers[s];
      const bool same =
          old.url == config.servers[i].url && old.cluster_id == config.servers[i].cluster_id;
      if (!same) s = kNoServer;
    }
    places.index[i] = s;
    if (s != kNoServer) taken[s] = true;
  }
  // Empty places first, so that a refusal can be undone; then those of servers that leave.
  for (const bool empty : {true, false}) {
    for (size_t i = 0; i < config.servers.size(); ++i) {
      for (ServerIndex s = 0; s < kMaxServers && places.index[i] == kNoServer; ++s) {
        if (taken[s] || context.failover.servers().listed(s) == empty) continue;
        places.index[i] = s;
        places.fresh = static_cast<uint16_t>(places.fresh | (1u << s));
        taken[s] = true;
      }
    }
  }
  return places;
}

void Client::Impl::set_back(ServerIndex s) {
  if (!context.failover.servers().listed(s)) return context.ports.transport->remove_server(s);
  const Status set =
      context.ports.transport->set_server(s, context.servers[s], context.servers[s].tls);
  if (!set.ok()) context.alarm(Alarm::configuration, context.name(s) + ": " + set.message());
}

void Client::Impl::replace(const Config& config, const Places& places) {
  std::array<ServerConfig, kMaxServers> servers;
  uint16_t listed = 0;
  for (size_t i = 0; i < config.servers.size(); ++i) {
    servers[places.index[i]] = config.servers[i];
    listed = static_cast<uint16_t>(listed | (1u << places.index[i]));
  }
  for (ServerIndex s = 0; s < kMaxServers; ++s) {
    const bool stays = ((listed >> s) & 1) && !((places.fresh >> s) & 1);
    if (stays) continue;
    context.memory.forget_server(s);
    context.last_address[s].clear();
    context.instance[s].clear();
    context.sessions.server_left(s, Route{});
    if (!((listed >> s) & 1)) context.ports.transport->remove_server(s);
  }
  context.config = config;
  context.servers = servers;
  context.failover.reconfigure(config, places.index.data(), places.fresh, context.now);
}

void Client::Impl::apply(const codec::ServerList& list) {
  const Config merged = client::with_listed(configured, list);
  if (!validate(merged).empty())
    return context.alarm(Alarm::server_list_refused, "it doesn't fit the configuration");
  const Config before = configured;
  const auto replaced = reconfigure(merged);
  configured = before;  // what a list adds, the next list may take away
  if (!replaced) return context.alarm(Alarm::server_list_refused, replaced.error().front().text());
  memory.save(lists.version());
}

}  // namespace holdfast
