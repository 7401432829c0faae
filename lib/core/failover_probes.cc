// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// When servers are probed, and what becomes of probes that aren't answered.
#include <algorithm>

#include "core/failover.h"
#include "core/mutants.h"

namespace holdfast::core {

ProbeContext Failover::context(ServerIndex s) const {
  ProbeContext context;
  const bool on_server = route_.kind == RouteKind::server;
  context.nothing_in_charge = !on_server;
  context.user_present = someone_present() && (!on_server || route_.server == s);
  context.preferred = on_server && servers_.rank(s) < servers_.rank(route_.server);
  context.probe_s = probe_s(s);
  return context;
}

uint32_t Failover::probe_s(ServerIndex s) const {
  const uint32_t wish = servers_.at(s).probe_s;
  return wish != 0 ? wish : config_.probe.probe_s;
}

// The next probe follows the last one; never closer than the densest interval.
void Failover::schedule(ServerIndex s, Instant now) {
  Server& server = servers_.at(s);
  const Duration interval = server.health.probe_interval(context(s), now, prng_);
  server.probe_at = now + interval;
  if (server.probed)
    server.probe_at =
        later(server.probe_at, server.probed_at + milliseconds(config_.probe.suspect_interval_ms));
}

void Failover::probe_soon(ServerIndex s, Instant now) {
  Server& server = servers_.at(s);
  Instant at = now;
  if (server.probed && !mutant(Mutant::probes_crowded))
    at = later(at, server.probed_at + milliseconds(config_.probe.suspect_interval_ms));
  server.probe_at = earlier(server.probe_at, at);
}

void Failover::ask_all(Instant now) {
  for (size_t rank = 0; rank < servers_.count(); ++rank) probe_soon(servers_.ranked(rank), now);
}

// Who is in charge or who is waiting has changed: intervals may have become shorter, never longer.
void Failover::reschedule_all(Instant now) {
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    const Instant planned = servers_.at(s).probe_at;
    schedule(s, now);
    servers_.at(s).probe_at = earlier(servers_.at(s).probe_at, planned);
    const ServerState state = servers_.at(s).health.state();
    const bool hoped_for =
        state == ServerState::initial || state == ServerState::down || state == ServerState::reopen;
    if (someone_present() && route_.kind != RouteKind::server && hoped_for) probe_soon(s, now);
  }
}

void Failover::send_due_probes(Instant now) {
  for (size_t rank = 0; rank < servers_.count(); ++rank)
    if (servers_.at(servers_.ranked(rank)).probe_at <= now) send_probe(servers_.ranked(rank), now);
}

void Failover::send_probe(ServerIndex s, Instant now) {
  Server& server = servers_.at(s);
  const auto slot = std::find_if(server.probes.begin(), server.probes.end(),
                                 [](const Probe& p) { return p.id == 0; });
  if (slot == server.probes.end()) {  // as many as can be are waiting for an answer
    schedule(s, now);
    return;
  }
  const Duration timeout = server.health.probe_timeout();
  *slot = {next_probe_++, now, now + timeout, server.health.generation()};
  if (next_probe_ == 0) next_probe_ = 1;
  server.probed = true;
  server.probed_at = now;
  ++server.probe_count;
  ++server.probes_sent;
  const ServerState state = server.health.state();
  if (state != ServerState::quarantined) server.health.sent(now);

  Action& action = push(ActionKind::probe);
  action.server = s;
  action.id = slot->id;
  action.timeout = timeout;
  action.fresh = state != ServerState::up || server.probe_count % config_.probe.fresh_every == 0;
  action.last_good_address = server.resolver_failed;
  schedule(s, now);
}

void Failover::end_late_probes(Instant now) {
  Evidence silence;
  silence.outcome = Outcome::timed_out;
  for (size_t rank = 0; rank < servers_.count(); ++rank) {
    const ServerIndex s = servers_.ranked(rank);
    for (const Probe& probe : servers_.at(s).probes) {
      if (probe.id == 0 || now < probe.times_out) continue;
      Action& action = push(ActionKind::cancel_probe);
      action.server = s;
      action.id = probe.id;
      probe_result(probe.id, silence, now);
    }
  }
}

void Failover::forgive_all(Instant now) {
  for (size_t rank = 0; rank < servers_.count(); ++rank)
    servers_.at(servers_.ranked(rank)).health.forgive(now);
}

void Failover::cancel_probes(ServerIndex s) {
  for (Probe& probe : servers_.at(s).probes) {
    if (probe.id == 0) continue;
    Action& action = push(ActionKind::cancel_probe);
    action.server = s;
    action.id = probe.id;
    probe = {};
  }
}

}  // namespace holdfast::core
