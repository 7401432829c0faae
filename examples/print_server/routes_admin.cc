// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "app.h"
#include "fields.h"

namespace print_server {
namespace {

using nlohmann::json;
using R = const HttpRequest&;

Answer state(App& app) {
  const Identity identity = app.store.identity();
  return {200, dumped({{"role", role_name(app.roles.role())},
                       {"server_epoch", identity.server_epoch},
                       {"users_version", identity.users_version},
                       {"incarnation_id", identity.incarnation_id},
                       {"instance_id", app.instance_id}})};
}

Answer set_role(App& app, R request) {
  const json body = parse_body(request.body);
  const Fields fields(body, "");
  const int64_t retry =
      fields.has("retry_after_s") ? fields.integer("retry_after_s", 0, 86400) : int64_t{-1};
  app.roles.set(fields.text("role"), static_cast<int>(retry));
  return state(app);
}

std::vector<std::string> paths(const json& body, const char* key) {
  std::vector<std::string> out;
  if (!body.contains(key)) return out;
  for (const json& item : body[key]) {
    if (!item.is_string()) throw invalid_request(std::string(key) + " must be a list of paths");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Answer set_fault(App& app, R request) {
  if (!app.options.allow_faults) {
    throw Problem(403, "faults-not-allowed", "start the server with --allow-faults");
  }
  const json body = parse_body(request.body);
  const Fields fields(body, "");
  Fault fault;
  fault.mode = fields.one_of("mode", {"none", "hang", "status", "html", "truncate"});
  if (fields.has("status")) fault.status = static_cast<int>(fields.integer("status", 400, 599));
  if (fields.has("retry_after_s")) {
    fault.retry_after_s = static_cast<int>(fields.integer("retry_after_s", 0, 86400));
  }
  if (fields.has("delay_ms")) {
    fault.delay_ms = static_cast<int>(fields.integer("delay_ms", 0, 600000));
  }
  if (fields.has("count")) fault.remaining = static_cast<int>(fields.integer("count", 1, 1000000));
  fault.paths = paths(body, "paths");
  fault.except_paths = paths(body, "except_paths");
  app.faults.set(fault);
  return {204, ""};
}

Answer revoke(App& app, R request) {
  const json body = parse_body(request.body);
  if (!body.is_object() || !body.contains("revoked") || !body["revoked"].is_boolean()) {
    throw invalid_request("revoked must be true or false");
  }
  if (!revoke_user(app.store, request.args[0], body["revoked"].get<bool>())) {
    throw Problem(404, "user-unknown", "no such user");
  }
  return state(app);
}

Answer refuse_device(App& app, R request) {
  const json body = parse_body(request.body);
  if (!body.is_object() || !body.contains("refused") || !body["refused"].is_boolean()) {
    throw invalid_request("refused must be true or false");
  }
  app.devices.refuse(request.args[0], body["refused"].get<bool>());
  return {204, ""};
}

Answer jobs(App& app) {
  json list = json::array();
  for (const Job& job : app.jobs.all()) {
    list.push_back({{"uuid", job.uuid},
                    {"user_uid", job.user_uid},
                    {"sha256", job.sha256},
                    {"state", job.state},
                    {"claimed_by", job.claimed_by}});
  }
  Store::Guard database = app.store.enter();
  Statement rows(*database, "SELECT uuid,user_uid,sha256,state,impressions,device FROM ended");
  while (rows.step()) {
    list.push_back({{"uuid", rows.text(0)},
                    {"user_uid", rows.text(1)},
                    {"sha256", rows.text(2)},
                    {"state", rows.text(3)},
                    {"impressions", rows.integer(4)},
                    {"device", rows.text(5)}});
  }
  return {200, dumped({{"jobs", list}})};
}

Answer ledger(App& app) {
  json charges = json::array();
  for (const Ledger::Charge& charge : app.ledger.charges()) {
    charges.push_back({{"user_uid", charge.user_uid},
                       {"kind", charge.kind},
                       {"entries", charge.entries},
                       {"impressions", charge.impressions}});
  }
  const Ledger::Totals totals = app.ledger.totals();
  return {200, dumped({{"entries", totals.entries},
                       {"charged", totals.charged},
                       {"impressions", totals.impressions},
                       {"charges", charges}})};
}

Answer audit(App& app) {
  json list = json::array();
  for (const AuditRecord& event : app.audit.latest(1000)) {
    list.push_back({{"device", event.device},
                    {"epoch", event.epoch},
                    {"sequence", event.sequence},
                    {"kind", event.kind},
                    {"at", event.at},
                    {"user_uid", event.user_uid},
                    {"credential", event.credential},
                    {"what", event.what}});
  }
  return {200, dumped({{"events", list}})};
}

Answer metrics(App& app) {
  const Role role = app.roles.role();
  const Identity identity = app.store.identity();
  std::string text = app.metrics.text();
  text += Metrics::gauge("active", role == Role::active ? 1 : 0);
  text += Metrics::gauge("draining", role == Role::draining ? 1 : 0);
  text += Metrics::gauge("epoch", identity.server_epoch);
  text += Metrics::gauge("users_version", identity.users_version);
  text += Metrics::gauge("uptime_seconds", now_s() - app.started_s);
  if (role != Role::passive) {
    const Jobs::Counts counts = app.jobs.counts();
    const Ledger::Totals totals = app.ledger.totals();
    text += "# TYPE holdfast_server_jobs gauge\n";
    text += "holdfast_server_jobs{state=\"pending\"} " + std::to_string(counts.pending) + "\n";
    text +=
        "holdfast_server_jobs{state=\"processing\"} " + std::to_string(counts.processing) + "\n";
    text += "holdfast_server_jobs{state=\"ended\"} " + std::to_string(counts.ended) + "\n";
    text += Metrics::gauge("ledger_entries", totals.entries);
    text += Metrics::gauge("ledger_charged_entries", totals.charged);
    text += Metrics::gauge("ledger_charged_impressions", totals.impressions);
  }
  Answer answer(200, text);
  answer.type = "text/plain; version=0.0.4";
  return answer;
}

}  // namespace

std::vector<Route> admin_routes(App& app) {
  std::vector<Route> routes;
  const auto add = [&](const char* method, const char* path, const char* name,
                       std::function<Answer(R)> handle) {
    routes.push_back({method, path, name, Access::admin, true, true, false, std::move(handle)});
  };
  add("GET", "/admin/state", "adminState", [&app](R) { return state(app); });
  add("POST", "/admin/role", "adminRole", [&app](R r) { return set_role(app, r); });
  add("POST", "/admin/faults", "adminFaults", [&app](R r) { return set_fault(app, r); });
  add("POST", "/admin/users/([^/]+)", "adminUser", [&app](R r) { return revoke(app, r); });
  add("POST", "/admin/devices/([^/]+)", "adminDevice",
      [&app](R r) { return refuse_device(app, r); });
  add("GET", "/admin/jobs", "adminJobs", [&app](R) { return jobs(app); });
  add("GET", "/admin/ledger", "adminLedger", [&app](R) { return ledger(app); });
  add("GET", "/admin/audit", "adminAudit", [&app](R) { return audit(app); });
  add("POST", "/admin/backup", "adminBackup", [&app](R) {
    return Answer(200, dumped({{"file", app.ledger.backup()}}));
  });
  add("GET", "/metrics", "metrics", [&app](R) { return metrics(app); });
  routes.back().access = Access::open;
  return routes;
}

}  // namespace print_server
