// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The face: hands calls to the parts, and pumps the core's actions into them.
#include "holdfast/client.h"

#include "client/client_impl.h"
#include "client/snapshots.h"

namespace holdfast {

using core::Action;
using core::ActionKind;

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
  offline.open();
}

// ---- the pump

Step Client::Impl::poll(Instant now, WallClock wall) {
  at(now);
  context.wall = wall;
  // Before anything that an interface's end explains is taken for a server's.
  const Instant network_at = ask_network();
  context.ports.executor->poll();
  context.ports.transport->poll();
  exchanges.take_results();
  notice_presence();
  context.failover.tick(now, wall);
  pump();
  logins.tick();
  releases.tick();
  reports.tick();
  offline.tick();
  audit.tick();
  pages.tick();
  notice_presence();
  context.failover.tick(now, wall);
  pump();
  context.ports.transport->poll();
  Instant next = context.failover.deadline();
  next = earlier(next, logins.deadline());
  next = earlier(next, releases.deadline());
  next = earlier(next, reports.deadline());
  next = earlier(next, offline.deadline());
  next = earlier(next, audit.deadline());
  next = earlier(next, pages.deadline());
  next = earlier(next, exchanges.deadline());
  if (exchanges.names.take_unsaved()) memory.save(lists.version());
  next = earlier(next, exchanges.names.save_at());
  next = earlier(next, network_at);
  return {later(next, now)};
}

Instant Client::Impl::ask_network() {
  NetworkMonitor* const network = context.ports.network;
  if (network == nullptr) return Instant::never();
  const Instant again = network->poll(context.now);
  const LinkState said = network->state();
  // Changes only: to repeat what is known would undo what answers have since disproved.
  if (said != monitored) link(said);
  monitored = said;
  return again;
}

void Client::Impl::link(LinkState state) {
  link_to_tell = link_to_tell || state != context.link;
  context.link = state;
  context.failover.link(state, context.now);
}

void Client::Impl::wait(Duration limit) {
  if (limit.us <= 0) return;
  descriptors.clear();
  if (context.ports.network != nullptr) context.ports.network->descriptors(descriptors);
  if (context.ports.resolver != nullptr) context.ports.resolver->descriptors(descriptors);
  if (context.ports.engine != nullptr) context.ports.engine->descriptors(descriptors);
  context.ports.transport->wait_also(limit, descriptors.data(), descriptors.size());
}

void Client::Impl::tell_link() {
  if (!link_to_tell) return;
  link_to_tell = false;
  context.log(LogLevel::info, std::string("network interface: ") + to_string(context.link));
  context.listener.on_link(context.link);
}

void Client::Impl::pump() {
  tell_link();
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
      return exchanges.ask_cache(action);
    case ActionKind::refresh_credentials:
      context.alarm(Alarm::device_refused, context.name(action.server));
      return context.failover.credentials_refreshed(action.server, false, context.now);
    case ActionKind::drop_pool:
      exchanges.names.renew(action.server);
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

void Client::Impl::heard(ServerIndex s, const HealthAnswer* health) {
  if (context.failover.servers().at(s).home) {
    offline.contact(health != nullptr ? health->server_time_ms : 0);
    if (health != nullptr) user_sync.offered(s, health->users_version, health->incarnation_id);
  }
  if (health != nullptr && health->servers_version != 0) lists.offered(s, health->servers_version);
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
  tell_link();  // a listener may have called link() meanwhile
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

// ---- the face

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::create(const Config& config, const Ports& ports,
                                               Listener& listener, Instant now, WallClock wall) {
  const bool whole =
      ports.transport && ports.protocol && ports.state && ports.executor && ports.random;
  if (!whole || !validate(config).empty()) return failure(Code::invalid_argument);
  auto impl = std::make_unique<Impl>(config, ports, listener);
  const Status loaded = impl->load();
  if (!loaded.ok()) return failure(loaded);
  impl->start(now, wall);
  ports.executor->set_waker([transport = ports.transport] { transport->wake(); });
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Step Client::poll(Instant now, WallClock wall) { return impl_->poll(now, wall); }

void Client::wait(Duration limit) { impl_->wait(limit); }

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

Result<TicketId> Client::request(HostRequest request, Instant now, Duration deadline) {
  impl_->at(now);
  return impl_->host_requests.request(impl_->next_ticket(), std::move(request), deadline);
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

Result<TicketId> Client::reserve_pages(SessionId session, uint32_t pages, Instant now) {
  impl_->at(now);
  return impl_->pages.reserve(impl_->next_ticket(), session, pages);
}

Status Client::settle_pages(TicketId reservation, uint32_t used, Instant now) {
  impl_->at(now);
  return impl_->pages.settle(reservation, used);
}

void Client::user_present(bool present) { impl_->present = present; }

void Client::link(LinkState state, Instant now) {
  impl_->at(now);
  impl_->link(state);
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

Status Client::wipe_credentials(Instant now) {
  impl_->at(now);
  if (!impl_->offline.on()) return Code::unsupported;
  impl_->offline.wipe();
  return {};
}

Status Client::rotate_credential_key(Instant now) {
  impl_->at(now);
  if (!impl_->offline.on()) return Code::unsupported;
  impl_->offline.rotate();
  return {};
}

Snapshot Client::snapshot() const {
  Snapshot snapshot = client::take_snapshot(impl_->context, impl_->memory.history());
  snapshot.offline = impl_->offline.snapshot();
  return snapshot;
}

}  // namespace holdfast
