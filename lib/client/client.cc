// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The face: hands calls to the parts, and pumps the core's actions into them.
#include "holdfast/client.h"

#include <algorithm>

#include "client/exchanges.h"
#include "client/logins.h"
#include "client/memory_file.h"
#include "client/releases.h"
#include "client/reports.h"
#include "client/server_lists.h"
#include "client/snapshots.h"

namespace holdfast {

using client::Context;
using core::Action;
using core::ActionKind;

class Client::Impl {
 public:
  Impl(const Config& config, const Ports& ports, Listener& listener)
      : context(config, ports, listener),
        configured(config),
        saver(context),
        exchanges(context),
        reports(context, exchanges, saver),
        logins(context, exchanges),
        releases(context, exchanges, reports),
        lists(context, exchanges, [this](const codec::ServerList& list) { apply(list); }),
        memory(context, saver, config.limit.history) {
    exchanges.on_servers_version = [this](ServerIndex s, uint64_t version) {
      lists.offered(s, version);
    };
    exchanges.on_reported = [this](ServerIndex s, const std::vector<std::string>& ids) {
      reports.taken(s, ids);
    };
  }

  Status load();
  void start(Instant now, WallClock wall);
  // The time of a call.
  void at(Instant now) { context.now = later(context.now, now); }
  Step poll(Instant now, WallClock wall);
  TicketId next_ticket();
  tl::expected<void, std::vector<ConfigError>> reconfigure(const Config& config);
  void apply(const codec::ServerList& list);

  Context context;
  Config configured;  // by the host, without what a signed list added
  client::Saver saver;
  client::Exchanges exchanges;
  client::Reports reports;
  client::Logins logins;
  client::Releases releases;
  client::ServerLists lists;
  client::MemoryFile memory;
  core::FailoverMemory remembered;
  bool remembers = false;
  bool present = false;       // the host's word
  bool told_present = false;  // what the core was told
  uint32_t tickets = 0;
  std::vector<std::string> damaged;
  std::string in_charge =
      to_string(RouteKind::none);  // by name: the place may have another tenant by now

 private:
  void pump();
  void perform(const Action& action);
  void state_changed(const Action& action);
  void switched(const Action& action);
  void local_changed(const Action& action);
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

// ---- start

Status Client::Impl::load() {
  for (const auto& [what, status] :
       {std::pair<const char*, Status>{"failover", memory.load(&remembered)},
        std::pair<const char*, Status>{"jobs", reports.load()}}) {
    const bool failover = std::string(what) == "failover";
    if (failover) remembers = status.ok();
    if (status.ok() || status.code() == Code::not_found) continue;
    // A damaged record is set aside by the store; anything else would be lost by going on.
    if (status.code() != Code::corrupt) return status;
    damaged.push_back(what);
  }
  lists.restore(memory.servers_version());
  for (const ServerConfig& server : context.config.servers) {
    const ServerIndex s = context.index_of(server.name);
    const Status set = context.ports.transport->set_server(s, server, server.tls);
    if (!set.ok()) return set;
  }
  return {};
}

void Client::Impl::start(Instant now, WallClock wall) {
  context.now = now;
  context.wall = wall;
  context.failover.start(remembers ? &remembered : nullptr, context.now, context.wall);
  for (const std::string& what : damaged)
    context.alarm(Alarm::state_damaged,
                  what + ": the record was damaged; what it said is forgotten");
  releases.resume();
}

// ---- the pump

Step Client::Impl::poll(Instant now, WallClock wall) {
  at(now);
  context.wall = wall;
  context.ports.executor->poll();
  context.ports.transport->poll();
  exchanges.take_results();
  notice_presence();
  context.failover.tick(now, wall);
  pump();
  releases.tick();
  reports.tick();
  notice_presence();
  context.failover.tick(now, wall);
  pump();
  context.ports.transport->poll();
  Instant next = context.failover.deadline();
  next = earlier(next, releases.deadline());
  next = earlier(next, reports.deadline());
  return {later(next, now)};
}

void Client::Impl::pump() {
  // Performing an action may cause others; each of those is an answer or a new request, so this
  // ends.
  Action action;
  while (context.failover.poll(&action)) perform(action);
}

void Client::Impl::perform(const Action& action) {
  switch (action.kind) {
    case ActionKind::probe:
      return exchanges.probe(action);
    case ActionKind::attempt:
      return exchanges.attempt(action);
    case ActionKind::cancel_probe:
    case ActionKind::cancel_attempt:
      return exchanges.cancel(action);
    case ActionKind::finish:
      return exchanges.finish(action);
    case ActionKind::contradicted:
      return logins.contradicted(action.request);
    case ActionKind::ask_cache:
      return context.failover.cache_verdict(action.request, Verdict::unknown, context.now);
    case ActionKind::refresh_credentials:
      context.alarm(Alarm::device_refused, context.name(action.server));
      return context.failover.credentials_refreshed(action.server, false, context.now);
    case ActionKind::drop_pool:
      return context.ports.transport->drop_pool(action.server);
    case ActionKind::state_changed:
      return state_changed(action);
    case ActionKind::switched:
      return switched(action);
    case ActionKind::local_changed:
      return local_changed(action);
    case ActionKind::alarm_split_brain:
      return context.alarm(
          Alarm::split_brain,
          context.name(action.server) + ": a node claims to be active with an older epoch");
    case ActionKind::save:
      return memory.save(lists.version());
  }
}

void Client::Impl::state_changed(const Action& action) {
  const std::string& name = context.name(action.server);
  context.log(LogLevel::info, name + ": " + to_string(action.from) + " -> " + to_string(action.to) +
                                  " (" + action.cause + ")");
  const bool serves = action.to == ServerState::up || action.to == ServerState::suspect;
  if (!serves) context.sessions.server_left(action.server, context.failover.route());
  context.listener.on_server_state(name, action.from, action.to, action.cause);
  if (action.to == ServerState::quarantined)
    context.alarm(Alarm::server_quarantined, name + ": " + action.cause);
}

void Client::Impl::switched(const Action& action) {
  SwitchRecord record{in_charge, context.name(action.to_route), action.reason, context.unix_ms()};
  in_charge = record.to;
  context.log(LogLevel::warning,
              "route: " + record.from + " -> " + record.to + " (" + to_string(record.reason) + ")");
  memory.note(record);
  context.listener.on_switch(record);
}

void Client::Impl::local_changed(const Action& action) {
  context.log(LogLevel::warning, std::string("this device: ") + to_string(action.local));
  context.listener.on_local_health(action.local);
  if (action.local == LocalHealth::clock_untrusted)
    context.alarm(Alarm::clock_untrusted,
                  "every server's certificate is from the future: set the clock");
  if (action.local == LocalHealth::device_refused)
    context.alarm(Alarm::device_refused, "every server that answers refuses this device");
}

void Client::Impl::notice_presence() {
  const bool now_present = present || context.sessions.count() > 0;
  if (now_present == told_present) return;
  told_present = now_present;
  context.failover.user_present(now_present, context.now);
}

TicketId Client::Impl::next_ticket() {
  if (++tickets == 0) tickets = 1;
  return static_cast<TicketId>(tickets);
}

// ---- configuration

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

// ---- the face

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::create(const Config& config, const Ports& ports,
                                               Listener& listener, Instant now, WallClock wall) {
  const bool whole = ports.transport && ports.protocol && ports.state && ports.executor &&
                     ports.random && ports.crypto && ports.documents && ports.engine;
  if (!whole || !validate(config).empty()) return failure(Code::invalid_argument);
  auto impl = std::make_unique<Impl>(config, ports, listener);
  const Status loaded = impl->load();
  if (!loaded.ok()) return failure(loaded);
  impl->start(now, wall);
  ports.executor->set_waker([transport = ports.transport] { transport->wake(); });
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Step Client::poll(Instant now, WallClock wall) { return impl_->poll(now, wall); }

void Client::wait(Duration limit) {
  if (limit.us > 0) impl_->context.ports.transport->wait(limit);
}

void Client::wake() noexcept { impl_->context.ports.transport->wake(); }

Result<TicketId> Client::login(Credential credential, Instant now, Duration deadline) {
  impl_->at(now);
  return impl_->logins.login(impl_->next_ticket(), std::move(credential), deadline);
}

Result<TicketId> Client::jobs(SessionId session, Instant now, Duration deadline) {
  impl_->at(now);
  return impl_->logins.jobs(impl_->next_ticket(), session, deadline);
}

Result<TicketId> Client::release(SessionId session, const std::string& job_uuid, Instant now) {
  impl_->at(now);
  return impl_->releases.release(impl_->next_ticket(), session, job_uuid);
}

Status Client::cancel(TicketId release, Instant now) {
  impl_->at(now);
  return impl_->releases.cancel(release);
}

Status Client::resolve(const JobKey& job, Resolution resolution) {
  return impl_->releases.resolve(job, resolution);
}

Status Client::logout(SessionId session, Instant now) {
  impl_->at(now);
  return impl_->logins.logout(session);
}

void Client::user_present(bool present) { impl_->present = present; }

void Client::link(LinkState state, Instant now) {
  impl_->at(now);
  impl_->context.failover.link(state, impl_->context.now);
}

Status Client::set_token(const std::string& server, const std::string& token, Instant now) {
  impl_->at(now);
  const ServerIndex s = impl_->context.index_of(server);
  if (s == kNoServer) return Code::not_found;
  impl_->context.servers[s].token = token;
  for (Config* config : {&impl_->configured, &impl_->context.config})
    for (ServerConfig& entry : config->servers)
      if (entry.name == server) entry.token = token;
  impl_->context.failover.credentials_refreshed(s, true, impl_->context.now);
  return {};
}

Status Client::fail_back(Instant now) {
  impl_->at(now);
  return impl_->context.failover.fail_back(impl_->context.now);
}

tl::expected<void, std::vector<ConfigError>> Client::reconfigure(const Config& config,
                                                                 Instant now) {
  impl_->at(now);
  return impl_->reconfigure(config);
}

Snapshot Client::snapshot() const {
  return client::take_snapshot(impl_->context, impl_->memory.history());
}

}  // namespace holdfast
