// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app.h"
#include "fields.h"

namespace print_server {
namespace {

using nlohmann::json;
using R = const HttpRequest&;

constexpr size_t kMostInBatch = 50;
constexpr int64_t kMostCounted = 1000000000;

const json& batch_of(const json& body, const char* key) {
  if (!body.is_object() || !body.contains(key) || !body[key].is_array()) {
    throw invalid_request(std::string(key) + " must be a list");
  }
  if (body[key].size() > kMostInBatch) {
    throw invalid_request(std::string(key) + " may have at most 50 items");
  }
  return body[key];
}

std::string place(const char* key, size_t index) {
  return std::string(key) + "[" + std::to_string(index) + "].";
}

Answer job_status(App& app, R request) {
  const json body = parse_body(request.body);
  std::vector<Report> reports;
  for (const json& item : batch_of(body, "reports")) {
    const Fields fields(item, place("reports", reports.size()));
    Report report;
    report.report_id = fields.uuid("report_id");
    report.job = {fields.uuid("job_uuid"), fields.id("user_uid"), fields.hash("sha256")};
    report.state = fields.one_of("state", {"completed", "canceled", "aborted", "processing"});
    report.impressions = fields.integer("impressions", 0, kMostCounted);
    report.at = fields.time("at");
    if (fields.has("fencing_token")) {
      report.fencing_token = fields.integer("fencing_token", 1, INT64_MAX);
    }
    reports.push_back(report);
  }
  app.jobs.report(request.device, reports);
  json accepted = json::array();
  for (const Report& report : reports) accepted.push_back(report.report_id);
  return {200, dumped({{"accepted", accepted}})};
}

std::vector<LedgerEntry> read_entries(const json& body) {
  std::vector<LedgerEntry> entries;
  for (const json& item : batch_of(body, "entries")) {
    const Fields fields(item, place("entries", entries.size()));
    LedgerEntry entry;
    entry.journal_epoch = fields.epoch("journal_epoch");
    entry.sequence = fields.integer("sequence", 1, INT64_MAX);
    entry.home_cluster_id = fields.id("home_cluster_id");
    entry.user_uid = fields.id("user_uid");
    entry.kind = fields.one_of("kind", {"print", "copy", "scan", "fax"});
    entry.impressions = fields.integer("impressions", 0, kMostCounted);
    entry.color_impressions = fields.integer("color_impressions", 0, kMostCounted);
    entry.sheets = fields.integer("sheets", 0, kMostCounted);
    if (fields.has("job_uuid")) entry.job_uuid = fields.uuid("job_uuid");
    entry.at = fields.time("at");
    entries.push_back(entry);
  }
  return entries;
}

Answer accounting(App& app, R request) {
  const json body = parse_body(request.body);
  const std::vector<LedgerEntry> entries = read_entries(body);
  app.ledger.add(request.device, entries);
  json accepted = json::array();
  for (const LedgerEntry& entry : entries) {
    accepted.push_back({{"journal_epoch", entry.journal_epoch}, {"sequence", entry.sequence}});
  }
  json stable = json::array();
  for (const StablePoint& point : app.ledger.stable(request.device, entries)) {
    stable.push_back({{"journal_epoch", point.journal_epoch}, {"sequence", point.sequence}});
  }
  json journal = json::array();
  for (const JournalSet& set : app.ledger.journal(request.device)) {
    journal.push_back(
        {{"journal_epoch", set.journal_epoch}, {"count", set.count}, {"set_hash", set.set_hash}});
  }
  return {200, dumped({{"accepted", accepted},
                       {"stable_through", stable},
                       {"incarnation_id", app.store.identity().incarnation_id},
                       {"journal", journal}})};
}

Answer audit(App& app, R request) {
  const json body = parse_body(request.body);
  const json& list = batch_of(body, "events");
  const std::string epoch = Fields(body, "").epoch("epoch");
  std::vector<AuditEvent> events;
  int64_t through = 0;
  for (const json& item : list) {
    const Fields fields(item, place("events", events.size()));
    AuditEvent event;
    event.sequence = fields.integer("sequence", 1, INT64_MAX);
    event.kind = fields.id("kind");
    event.at = fields.time("at");
    if (fields.has("user_uid")) event.user_uid = fields.id("user_uid");
    if (fields.has("credential")) event.credential = fields.id("credential");
    if (fields.has("what")) event.what = fields.text("what", 1024);
    through = std::max(through, event.sequence);
    events.push_back(event);
  }
  app.audit.add(request.device, epoch, events);
  return {200, dumped({{"stable_through", through}})};
}

}  // namespace

std::vector<Route> report_routes(App& app) {
  return {
      {"POST", "/holdfast/v1/job-status", "reportJobStatus", Access::device, true, false, false,
       [&app](R r) { return job_status(app, r); }},
      {"POST", "/holdfast/v1/accounting", "addAccounting", Access::device, true, false, false,
       [&app](R r) { return accounting(app, r); }},
      {"POST", "/holdfast/v1/audit", "addAudit", Access::device, true, false, false,
       [&app](R r) { return audit(app, r); }},
  };
}

}  // namespace print_server
