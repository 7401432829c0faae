// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What follows from events: the route, switches, presence, time. Events are in failover_events.cc,
// probing in failover_probes.cc.
#include "core/failover.h"

#include <algorithm>

namespace holdfast::core {
namespace {

// Each event is followed by emptying the queue, so this bounds what one event may cause: each
// request starts, is cancelled and ends, each server changes and is probed.
size_t queue_capacity(const Config& config) {
  return 64 + 8 * size_t{config.limit.max_requests} + 16 * kMaxServers;
}

// The policies are kept, the strings are the client's business.
Config without_servers(const Config& config) {
  Config copy = config;
  copy.servers.clear();
  return copy;
}

}  // namespace

Failover::Failover(const Config& config, uint64_t seed)
    : config_(without_servers(config)),
      prng_(seed),
      out_(queue_capacity(config)),
      failback_(&config_.failback),
      requests_(&config_.request, &config_.login, config.limit.max_requests, &servers_, &out_,
                &prng_, this) {
  ServerIndex index[kMaxServers];
  for (size_t i = 0; i < kMaxServers; ++i) index[i] = static_cast<ServerIndex>(i);
  list_servers(config, index, Instant{});
}

void Failover::list_servers(const Config& config, const ServerIndex* index, Instant now) {
  std::array<bool, kMaxServers> listed{};
  ServerIndex order[kMaxServers];
  const size_t count = std::min(config.servers.size(), kMaxServers);
  for (size_t rank = 0; rank < count; ++rank) {
    const ServerConfig& wanted = config.servers[rank];
    const ServerIndex s = index[rank];
    Server& server = servers_.at(s);
    const Duration grace = milliseconds(wanted.cluster_grace_ms);
    order[rank] = s;
    listed[s] = true;
    if (server.used) {
      server.health.reconfigure(&config_.probe, &config_.down, &config_.failback, grace);
    } else {
      server = Server{};
      server.used = true;
      server.health = Health(&config_.probe, &config_.down, &config_.failback, grace);
      server.retries = RetryBudget(config_.request);
      server.probe_at = now;
    }
    server.home = wanted.cluster_id == config.servers[0].cluster_id;
    for (size_t other = 0; other <= rank; ++other) {
      if (config.servers[other].cluster_id != wanted.cluster_id) continue;
      server.cluster = static_cast<uint8_t>(other);
      break;
    }
  }
  // None of those that leave takes over from another one.
  std::array<bool, kMaxServers> leaves{};
  for (ServerIndex s = 0; s < kMaxServers; ++s) {
    leaves[s] = servers_.at(s).used && !listed[s];
    if (leaves[s]) servers_.at(s).used = false;
  }
  for (ServerIndex s = 0; s < kMaxServers; ++s)
    if (leaves[s]) forget(s, now);
  servers_.set_order(order, count);
}

void Failover::start(const FailoverMemory* memory, Instant now, WallClock wall) {
  wall_ = wall;
  polled_ = now;
  if (memory != nullptr) {
    failback_.restore(memory->failback, now, wall);
    for (ServerIndex s = 0; s < kMaxServers; ++s) {
      if (!servers_.at(s).used) continue;
      servers_.at(s).health.restore_epoch(memory->epoch[s]);
      servers_.at(s).spread_s = memory->spread_s[s];
      servers_.at(s).probe_s = memory->probe_s[s];
    }
  }
  // A fleet that gets its power back together doesn't ask together, unless somebody stands at the
  // panel.
  uint32_t longest_s = 0;
  for (size_t rank = 0; rank < servers_.count(); ++rank)
    longest_s = std::max(longest_s, probe_s(servers_.ranked(rank)));
  const Instant first_probes = now + prng_.up_to(seconds(longest_s));
  for (size_t rank = 0; rank < servers_.count(); ++rank)
    servers_.at(servers_.ranked(rank)).probe_at = first_probes;
}

void Failover::forget(ServerIndex s, Instant now) {
  cancel_probes(s);
  servers_.at(s).used = false;
  requests_.server_lost(s, now);
  if (route_.kind == RouteKind::server && route_.server == s)
    switch_to(Route{}, SwitchReason::reconfigured, now);
  servers_.at(s) = Server{};
}

void Failover::reconfigure(const Config& config, const ServerIndex* index, uint16_t fresh,
                           Instant now) {
  config_ = without_servers(config);
  failback_.reconfigure(&config_.failback);
  requests_.reconfigure();
  for (ServerIndex s = 0; s < kMaxServers; ++s)
    if (servers_.at(s).used && ((fresh >> s) & 1)) forget(s, now);
  list_servers(config, index, now);
  reschedule_all(now);
  settle(now);
}

// ---- what follows

void Failover::apply(ServerIndex s, const HealthEffect& effect, Instant now) {
  Server& server = servers_.at(s);
  if (effect.split_brain) push(ActionKind::alarm_split_brain).server = s;
  if (effect.drop_pool) {
    push(ActionKind::drop_pool).server = s;
    save_ = true;  // the epoch or instance may be new
  }
  tell_state(s, now);
  const ServerState state = server.health.state();
  if (effect.drop_pool && (state == ServerState::down || state == ServerState::quarantined)) {
    cancel_probes(s);
    lost_ = static_cast<uint16_t>(lost_ | (1u << s));
  }
  if (effect.probe_now) probe_soon(s, now);
  if (server.health.told_to_wait(now)) schedule(s, now);  // perhaps once more, so no new state
}

void Failover::tell_state(ServerIndex s, Instant now) {
  const Health& health = servers_.at(s).health;
  const ServerState before = servers_.at(s).announced;
  if (health.state() == before) return;
  servers_.at(s).announced = health.state();
  Action& action = push(ActionKind::state_changed);
  action.server = s;
  action.from = before;
  action.to = health.state();
  action.cause = health.cause();
  const bool came_back = health.state() == ServerState::up && before == ServerState::reopen;
  const bool nobody = route_.kind != RouteKind::server && !someone_present();
  ready_at_[s] = came_back && nobody ? now + prng_.up_to(seconds(probe_s(s))) : now;
  schedule(s, now);
}

// Each health answer says all that its server wishes, for itself.
void Failover::learn_wishes(Server& server, const Identity& identity) {
  const uint32_t spread = std::min(identity.spread_s, 86400u);
  const uint32_t interval = std::min(900u, std::max(5u, identity.probe_s));
  const uint32_t wish = identity.probe_s != 0 ? interval : 0;
  if (spread != server.spread_s || wish != server.probe_s) save_ = true;
  server.spread_s = spread;
  server.probe_s = wish;
}

// Requests that run out of time change states, which changes the route, which moves requests: a few
// rounds, each of which ends attempts.
void Failover::settle(Instant now) {
  for (int round = 0; round < 4; ++round) {
    unsettled_ = false;
    judge_local(now);
    tell_local();
    choose(now);
    lose_connections(now);
    notice_presence(now);
    requests_.set_route(route_);
    requests_.allow_cache(local_.health() != LocalHealth::device_refused);
    requests_.advance(now);
    if (!unsettled_ && lost_ == 0) return;
  }
}

// What was under way to a server that went down ends, once the route leads elsewhere.
void Failover::lose_connections(Instant now) {
  while (lost_ != 0) {
    ServerIndex s = 0;
    while (((lost_ >> s) & 1) == 0) ++s;
    lost_ = static_cast<uint16_t>(lost_ & ~(1u << s));
    requests_.server_lost(s, now);
  }
}

void Failover::judge_local(Instant now) {
  ServersView view;
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const Server& server = servers_.at(servers_.ranked(rank));
    const ServerState state = server.health.state();
    view.asked += server.asked ? 1 : 0;
    view.unheard += server.asked ? 0 : 1;
    view.unreachable += server.asked && server.no_way ? 1 : 0;
    view.not_yet_valid += server.health.certificate_not_yet_valid() ? 1 : 0;
    if (state != ServerState::up && state != ServerState::suspect) continue;
    ++view.alive;
    view.refusing += server.health.device_refused() ? 1 : 0;
  }
  const LocalHealth before = local_.health();
  const bool was_blind = local_.blames_us();
  if (local_.judge(view) == before) return;
  if (was_blind || local_.blames_us()) forgive_all(now);
  // What was asked meanwhile will not be answered any more: it must not look like silence.
  if (was_blind && !local_.blames_us()) ask_all(now);
}

// Told when an event has been taken in whole: half of one may look like something else.
void Failover::tell_local() {
  if (local_.health() == told_local_) return;
  told_local_ = local_.health();
  push(ActionKind::local_changed).local = told_local_;
}

void Failover::choose(Instant now) {
  RouteCandidate candidates[kMaxServers];
  RouteInput input;
  input.candidates = candidates;
  input.count = servers_.count();
  input.current = route_;
  input.direct_allowed =
      config_.job.direct_printing && local_.health() != LocalHealth::device_refused;
  // The first choice should be the right one, for a return takes long: wait for the verdict, but
  // nobody waits with us.
  input.prefer_first = !someone_present() || now < prefer_until();
  bool planned = false;
  bool preferred = route_.kind == RouteKind::server;
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    const Health& health = servers_.at(s).health;
    preferred = preferred && s != route_.server;
    candidates[rank] = {s, health.state(), false, someone_present() || now >= ready_at_[s]};
    // Only the most preferred server that has proved itself is planned for.
    if (!preferred || planned || !health.returnable()) continue;
    planned = true;
    candidates[rank].may_return = may_return(s, now);
  }
  if (!planned) failback_.nothing_to_return_to();
  const Route to = choose_route(input);
  if (to == route_) return;

  SwitchReason reason = SwitchReason::failed;
  if (route_.kind == RouteKind::server && servers_.listed(route_.server)) {
    const ServerState left = servers_.at(route_.server).health.state();
    if (left == ServerState::draining) reason = SwitchReason::draining;
    if (left == ServerState::quarantined) reason = SwitchReason::quarantined;
    if (left == ServerState::up || left == ServerState::suspect)
      reason = failback_.requested() ? SwitchReason::requested : SwitchReason::returned;
  } else {
    reason = chosen_ ? SwitchReason::recovered : SwitchReason::started;
  }
  switch_to(to, reason, now);
}

bool Failover::may_return(ServerIndex s, Instant now) {
  const Server& server = servers_.at(s);
  return failback_.due(server.health.in_grace(now), server.spread_s, now, wall_, prng_) <= now;
}

void Failover::switch_to(Route to, SwitchReason reason, Instant now) {
  Action& action = push(ActionKind::switched);
  action.from_route = route_;
  action.to_route = to;
  action.reason = reason;
  failback_.switched(route_, to, reason, now);
  canary_ = is_return(reason) ? Canary::wanted : Canary::none;
  canary_previous_ = route_.kind == RouteKind::server ? route_.server : kNoServer;
  route_ = to;
  chosen_ = true;
  canary_doubted_ = false;
  save_ = true;
  requests_.set_route(route_);
  reschedule_all(now);
}

void Failover::notice_presence(Instant now) {
  const bool present = someone_present();
  if (present == was_present_) return;
  was_present_ = present;
  if (!present) return;
  present_since_ = now;
  reschedule_all(now);
}

Instant Failover::prefer_until() const {
  return present_since_ + milliseconds(config_.request.cold_prefer_ms);
}

// ---- time

// True when the host comes so late that what timed out meanwhile proves nothing.
bool Failover::notice_stall(Instant now) {
  const Duration interval =
      shorter(promised_ == Instant::never() ? seconds(1) : promised_ - polled_, seconds(1));
  if (!local_.woke(now, promised_, interval)) return false;
  stalled_at_ = now;
  judge_local(now);
  forgive_all(now);
  return true;
}

void Failover::tick(Instant now, WallClock wall) {
  const bool stepped = wall.trusted && !wall_.trusted;
  wall_ = wall;
  if (!notice_stall(now) && now - stalled_at_ >= seconds(1))
    local_.on_time();  // also behind a network that was down all the while
  if (stepped) clock_stepped(now);
  end_late_probes(now);
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    Health& health = servers_.at(s).health;
    if (local_.blames_us() || now < health.silence_deadline()) continue;
    apply(s, health.tick(now), now);
  }
  if (failback_.tick(now)) save_ = true;
  settle(now);
  send_due_probes(now);
  if (save_) push(ActionKind::save);
  save_ = false;
  polled_ = now;
  promised_ = deadline();
}

bool Failover::poll(Action* action) {
  if (out_.empty()) return false;
  *action = out_.front();
  out_.pop();
  return true;
}

Instant Failover::deadline() const {
  Instant next = requests_.deadline(polled_);
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    const Server& server = servers_.at(s);
    next = earlier(next, server.probe_at);
    if (!local_.blames_us()) next = earlier(next, server.health.silence_deadline());
    for (const Probe& probe : server.probes)
      if (probe.id != 0) next = earlier(next, probe.times_out);
    if (route_.kind != RouteKind::server && ready_at_[s] > polled_)
      next = earlier(next, ready_at_[s]);
  }
  if (failback_.planned() > polled_) next = earlier(next, failback_.planned());
  if (local_.health() == LocalHealth::local_stall) next = earlier(next, stalled_at_ + seconds(1));
  if (route_.kind == RouteKind::none && prefer_until() > polled_)
    next = earlier(next, prefer_until());
  return next;
}

FailoverMemory Failover::memory(Instant now, WallClock wall) const {
  FailoverMemory memory;
  memory.failback = failback_.memory(now, wall);
  for (ServerIndex s = 0; s < kMaxServers; ++s) {
    if (!servers_.at(s).used) continue;
    memory.epoch[s] = servers_.at(s).health.epoch();
    memory.spread_s[s] = servers_.at(s).spread_s;
    memory.probe_s[s] = servers_.at(s).probe_s;
  }
  return memory;
}

}  // namespace holdfast::core
