// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/context.h"

#include "base/prng.h"
#include "base/text.h"
#include "base/uuid.h"

namespace holdfast::client {

Context::Context(const Config& wanted, const Ports& given, Listener& told)
    : config(wanted),
      ports(given),
      listener(told),
      failover(wanted, fingerprint(wanted.device_id)),
      sessions(wanted.session.max_sessions),
      memory(wanted.job.max_remembered) {
  for (size_t i = 0; i < config.servers.size(); ++i) servers[i] = config.servers[i];
}

const std::string& Context::name(ServerIndex s) const {
  static const std::string nobody;
  return s < kMaxServers ? servers[s].name : nobody;
}

std::string Context::name(Route route) const {
  return route.kind == RouteKind::server ? servers[route.server].name : to_string(route.kind);
}

ServerIndex Context::index_of(const std::string& name) const {
  for (ServerIndex s = 0; s < kMaxServers; ++s)
    if (failover.servers().listed(s) && servers[s].name == name) return s;
  return kNoServer;
}

UserProof Context::proof(const SessionUser& user, ServerIndex s) const {
  const bool same = servers[s].cluster_id == user.cluster_id;
  return {user.user.user_uid, same ? user.receipt : std::string()};
}

uint16_t Context::listed_servers() const {
  uint16_t bits = 0;
  for (ServerIndex s = 0; s < kMaxServers; ++s)
    if (failover.servers().listed(s)) bits = static_cast<uint16_t>(bits | (1u << s));
  return bits;
}

SessionUser* Context::user(SessionId id) {
  for (SessionUser& user : users)
    if (user.id == id) return &user;
  return nullptr;
}

void Context::forget(SessionId id) {
  sessions.close(id);
  for (size_t i = 0; i < users.size(); ++i) {
    if (users[i].id != id) continue;
    wipe(users[i].receipt);
    users.erase(users.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

std::string Context::new_uuid() {
  std::array<uint8_t, 16> bytes{};
  if (!ports.random->fill(bytes.data(), bytes.size()).ok()) return {};
  return uuid_from_random(bytes);
}

void Context::log(LogLevel level, const std::string& text) const {
  if (ports.log != nullptr) ports.log->write(level, printable(text, 500).c_str());
}

void Context::alarm(Alarm alarm, const std::string& what) {
  log(LogLevel::error, std::string(to_string(alarm)) + ": " + what);
  listener.on_alarm(alarm, what);
}

}  // namespace holdfast::client
