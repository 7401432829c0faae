// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/json_writer.h"
#include "holdfast/client.h"

namespace holdfast {
namespace {

using codec::JsonWriter;

void write_server(JsonWriter& writer, const ServerSnapshot& server) {
  writer.open_object().member("name", server.name).member("cluster_id", server.cluster_id);
  writer.member("state", to_string(server.state));
  writer.name("in_state_ms").signed_number(server.in_state.ms());
  writer.member("cause", server.cause).member("in_charge", server.in_charge);
  writer.name("mean_answer_us").signed_number(server.mean_answer.us);
  writer.member("server_epoch", server.server_epoch).member("instance_id", server.instance_id);
  writer.member("probes", server.probes).member("probes_failed", server.probes_failed);
  writer.member("requests", server.requests).member("requests_failed", server.requests_failed);
  writer.close_object();
}

void write_route(JsonWriter& writer, const Snapshot& snapshot) {
  writer.name("route").open_object().member("kind", to_string(snapshot.route.kind));
  // The index is the library's own; people and tools know servers by name.
  if (snapshot.route.kind == RouteKind::server) {
    for (const ServerSnapshot& server : snapshot.servers) {
      if (server.in_charge) writer.member("server", server.name);
    }
  }
  writer.close_object();
}

void write_history(JsonWriter& writer, const std::vector<SwitchRecord>& history) {
  writer.name("history").open_array();
  for (const SwitchRecord& entry : history) {
    writer.open_object().member("from", entry.from).member("to", entry.to);
    writer.member("reason", to_string(entry.reason));
    writer.name("unix_ms").signed_number(entry.unix_ms).close_object();
  }
  writer.close_array();
}

void write_offline(JsonWriter& writer, const OfflineSnapshot& offline) {
  writer.name("offline").open_object().member("on", offline.on);
  if (offline.on) {
    writer.member("on_flash", offline.on_flash).member("tier", to_string(offline.tier));
    writer.member("users", offline.users).member("credentials", offline.credentials);
    writer.member("users_version", offline.users_version);
    writer.member("ambiguous_pins", offline.ambiguous_pins);
    writer.member("audit_waiting", offline.audit_waiting);
    writer.member("audit_dropped", offline.audit_dropped);
    writer.name("contact_age_ms").signed_number(offline.contact_age.ms());
  }
  writer.close_object();
}

}  // namespace

std::string to_json(const Snapshot& snapshot) {
  JsonWriter writer;
  writer.open_object();
  write_route(writer, snapshot);
  writer.member("local", to_string(snapshot.local)).member("link", to_string(snapshot.link));
  writer.name("servers").open_array();
  for (const ServerSnapshot& server : snapshot.servers) write_server(writer, server);
  writer.close_array();
  write_history(writer, snapshot.history);
  writer.name("return_in_ms").signed_number(snapshot.return_in.ms());
  writer.member("switches_last_hour", uint64_t{snapshot.switches_last_hour});
  writer.member("sessions", uint64_t{snapshot.sessions});
  writer.member("requests_under_way", uint64_t{snapshot.requests_under_way});
  writer.member("hedges", snapshot.hedges).member("retries", snapshot.retries);
  writer.member("requests", snapshot.requests);
  writer.member("reports_waiting", uint64_t{snapshot.reports_waiting});
  write_offline(writer, snapshot.offline);
  writer.name("undecided").open_array();
  for (const JobKey& job : snapshot.undecided) {
    writer.open_object().member("uuid", job.uuid).member("user_uid", job.user_uid);
    writer.member("sha256", job.sha256).close_object();
  }
  writer.close_array().close_object();
  return writer.take();
}

}  // namespace holdfast
