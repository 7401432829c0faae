// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/snapshots.h"

namespace holdfast::client {

Snapshot take_snapshot(const Context& context, const Ring<SwitchRecord>& history) {
  const core::Failover& failover = context.failover;
  Snapshot snapshot;
  snapshot.route = failover.route();
  snapshot.local = failover.local();
  snapshot.link = context.link;
  for (size_t rank = 0; rank < failover.servers().count(); ++rank) {
    const ServerIndex s = failover.servers().ranked(rank);
    const core::Server& server = failover.servers().at(s);
    ServerSnapshot shown;
    shown.name = context.name(s);
    shown.cluster_id = context.server(s).cluster_id;
    shown.state = server.health.state();
    shown.in_state = context.now - server.health.since();
    shown.cause = server.health.cause();
    shown.in_charge = snapshot.route == Route{RouteKind::server, s};
    shown.mean_answer = server.health.latency().mean();
    shown.server_epoch = server.health.epoch();
    shown.instance_id = context.instance[s];
    shown.probes = server.probes_sent;
    shown.probes_failed = server.probes_failed;
    shown.requests = server.requests_sent;
    shown.requests_failed = server.requests_failed;
    snapshot.servers.push_back(std::move(shown));
  }
  for (size_t i = 0; i < history.size(); ++i) snapshot.history.push_back(history[i]);
  const Instant planned = failover.planned_return();
  if (planned != Instant::never())
    snapshot.return_in = longer(planned - context.now, milliseconds(1));
  snapshot.switches_last_hour = failover.switches_last_hour(context.now);
  snapshot.sessions = static_cast<uint32_t>(context.sessions.count());
  snapshot.requests_under_way = static_cast<uint32_t>(failover.requests_under_way());
  snapshot.requests = failover.counts().requests;
  snapshot.hedges = failover.counts().hedges + failover.counts().races;
  snapshot.retries = failover.counts().retries;
  snapshot.reports_waiting =
      static_cast<uint32_t>(context.memory.untold_anywhere(context.listed_servers()));
  for (const core::RememberedJob& job : context.memory.all())
    if (job.state == JobState::unknown) snapshot.undecided.push_back(job.key);
  return snapshot;
}

}  // namespace holdfast::client
