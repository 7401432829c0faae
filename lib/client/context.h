// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the client share: the configuration, the ports, the core, and the two clocks of
// this poll().
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/failover.h"
#include "core/job_memory.h"
#include "core/sessions.h"
#include "holdfast/client.h"

namespace holdfast::client {

// A session's user, beside the core's session.
struct SessionUser {
  SessionId id = SessionId::none;
  User user;
  std::string receipt;
  std::string cluster_id;  // that signed the receipt
  std::vector<Job> jobs;   // of the last list
};

struct Context {
  Context(const Config& config, const Ports& ports, Listener& listener);

  const ServerConfig& server(ServerIndex s) const { return servers[s]; }
  const std::string& name(ServerIndex s) const;
  std::string name(Route route) const;
  // kNoServer when there is none of that name.
  ServerIndex index_of(const std::string& name) const;
  DeviceIdentity identity(ServerIndex s) const { return {config.device_id, servers[s].token}; }
  // The receipt where it is accepted, the bare assertion elsewhere.
  UserProof proof(const SessionUser& user, ServerIndex s) const;
  uint16_t listed_servers() const;  // bit an index

  SessionUser* user(SessionId id);
  void forget(SessionId id);

  // A version 4 UUID; empty when the random source failed.
  std::string new_uuid();
  int64_t unix_ms() const { return wall.trusted ? wall.unix_ms : 0; }
  void log(LogLevel level, const std::string& text) const;
  void alarm(Alarm alarm, const std::string& what);

  Config config;
  Ports ports;
  Listener& listener;
  Instant now{};
  WallClock wall;
  LinkState link;
  std::array<ServerConfig, kMaxServers> servers;  // by lasting index
  std::array<std::string, kMaxServers> instance;  // instance_id each said last
  std::array<std::string, kMaxServers> last_address;
  core::Failover failover;
  core::Sessions sessions;
  core::JobMemory memory;
  std::vector<SessionUser> users;
};

}  // namespace holdfast::client
