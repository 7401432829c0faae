// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What is behind the face: the parts, and the pump between the core and them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "client/audit_upload.h"
#include "client/exchanges.h"
#include "client/host_requests.h"
#include "client/logins.h"
#include "client/memory_file.h"
#include "client/offline_logins.h"
#include "client/pages.h"
#include "client/releases.h"
#include "client/reports.h"
#include "client/server_lists.h"
#include "client/user_sync.h"
#include "holdfast/client.h"

namespace holdfast {

class Client::Impl {
 public:
  Impl(const Config& config, const Ports& ports, Listener& listener)
      : context(config, ports, listener),
        configured(config),
        saver(context),
        exchanges(context),
        reports(context, exchanges, saver),
        offline(context),
        logins(context, exchanges, offline),
        user_sync(context, exchanges, offline,
                  [this](const std::string& user_uid) { logins.revoked(user_uid); }),
        audit(context, exchanges, offline),
        pages(context, offline),
        host_requests(context, exchanges),
        releases(context, exchanges, reports),
        lists(context, exchanges, [this](const codec::ServerList& list) { apply(list); }),
        memory(context, saver, config.limit.history) {
    exchanges.on_heard = [this](ServerIndex s, const HealthAnswer* health) { heard(s, health); };
    exchanges.on_reported = [this](ServerIndex s, const std::vector<std::string>& ids) {
      reports.taken(s, ids);
    };
  }

  Status load();
  void start(Instant now, WallClock wall);
  // The time of a call.
  void at(Instant now) { context.now = later(context.now, now); }
  Step poll(Instant now, WallClock wall);
  void wait(Duration limit);
  void link(LinkState state);
  TicketId next_ticket();
  tl::expected<void, std::vector<ConfigError>> reconfigure(const Config& config);
  void apply(const codec::ServerList& list);

  client::Context context;
  Config configured;  // by the host, without what a signed list added
  client::Saver saver;
  client::Exchanges exchanges;
  client::Reports reports;
  client::OfflineLogins offline;
  client::Logins logins;
  client::UserSync user_sync;
  client::AuditUpload audit;
  client::Pages pages;
  client::HostRequests host_requests;
  client::Releases releases;
  client::ServerLists lists;
  client::MemoryFile memory;
  core::FailoverMemory remembered;
  bool remembers = false;
  bool present = false;       // the host's word
  bool told_present = false;  // what the core was told
  LinkState monitored;        // what the monitor said last
  bool link_to_tell = false;
  std::vector<WaitOn> descriptors;  // scratch of wait()
  uint32_t tickets = 0;
  std::vector<std::string> damaged;
  std::string in_charge =
      to_string(RouteKind::none);  // by name: the place may have another tenant by now

 private:
  Instant ask_network();
  void tell_link();
  void pump();
  void perform(const core::Action& action);
  void state_changed(const core::Action& action);
  void switched(const core::Action& action);
  void heard(ServerIndex s, const HealthAnswer* health);
  void local_changed(const core::Action& action);
  void notice_presence();

  // Which lasting place each configured server has or gets.
  struct Places {
    std::array<ServerIndex, kMaxServers> index{};
    uint16_t fresh = 0;  // bit a place: given to another server than before
  };
  Places find_places(const Config& config) const;
  void set_back(ServerIndex s);
  void replace(const Config& config, const Places& places);
};

}  // namespace holdfast
