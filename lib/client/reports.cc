// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/reports.h"

#include <algorithm>

#include "codec/state_records.h"

namespace holdfast::client {
namespace {

constexpr const char* kKey = "jobs";
// A server that doesn't take reports is asked again after 5 s, doubled up to 5 minutes (own
// choice).
constexpr Duration kFirstPause = seconds(5);
constexpr Duration kLongestPause = seconds(300);

codec::JobPhase stored_phase(core::AttemptPhase phase) {
  if (phase == core::AttemptPhase::intent) return codec::JobPhase::intent;
  return phase == core::AttemptPhase::started ? codec::JobPhase::started : codec::JobPhase::final;
}

core::AttemptPhase restored_phase(codec::JobPhase phase) {
  if (phase == codec::JobPhase::intent) return core::AttemptPhase::intent;
  return phase == codec::JobPhase::started ? core::AttemptPhase::started
                                           : core::AttemptPhase::final;
}

}  // namespace

class Reports::ReportOperation : public Operation {
 public:
  ReportOperation(Reports& reports, ServerIndex server) : reports_(reports), server_(server) {}

  WireRequest words(ServerIndex server) override {
    Context& context = reports_.context_;
    return context.ports.protocol->report(context.identity(server),
                                          untold_reports(context, server));
  }
  bool read(uint32_t, ServerIndex server, const WireAnswer& answer, core::Evidence*) override {
    const auto taken = reports_.context_.ports.protocol->read_report(answer);
    if (!taken) return false;
    some_taken_ = !taken->empty();
    reports_.taken(server, *taken);
    return true;
  }
  void ended(core::RequestEnd end, uint32_t, ServerIndex) override {
    reports_.ended(server_, end == core::RequestEnd::answered && some_taken_);
  }

 private:
  Reports& reports_;
  ServerIndex server_;
  bool some_taken_ = false;
};

Status Reports::load() {
  const Result<std::string> bytes = context_.ports.state->load(kKey);
  if (!bytes) return bytes.error().code() == Code::not_found ? Status() : bytes.error();
  const Result<codec::JobsRecord> record = codec::decode_jobs(*bytes);
  if (!record) return record.error();
  std::vector<core::RememberedJob> jobs;
  for (const codec::StoredJob& stored : record->jobs) {
    core::RememberedJob job;
    job.key = stored.key;
    job.attempt_id = stored.attempt_id;
    job.engine_job = stored.engine_job;
    job.phase = restored_phase(stored.phase);
    job.state = stored.state;
    job.impressions = stored.impressions;
    job.report_id = stored.report_id;
    job.unix_ms = stored.unix_ms;
    job.fencing_token = stored.fencing_token;
    job.order = stored.sequence;
    for (const std::string& name : stored.reported_to) {
      const ServerIndex s = context_.index_of(name);
      if (s != kNoServer) job.told = static_cast<uint16_t>(job.told | (1u << s));
    }
    jobs.push_back(std::move(job));
  }
  context_.memory.restore(std::move(jobs));
  return {};
}

void Reports::save(Saver::Done done) {
  codec::JobsRecord record;
  for (const core::RememberedJob& job : context_.memory.all()) {
    codec::StoredJob stored;
    stored.key = job.key;
    stored.state = job.state;
    stored.impressions = job.impressions;
    stored.attempt_id = job.attempt_id;
    stored.engine_job = job.engine_job;
    stored.phase = stored_phase(job.phase);
    stored.report_id = job.report_id;
    stored.unix_ms = job.unix_ms;
    stored.fencing_token = job.fencing_token;
    stored.sequence = job.order;
    for (ServerIndex s = 0; s < kMaxServers; ++s)
      if (context_.failover.servers().listed(s) && ((job.told >> s) & 1))
        stored.reported_to.push_back(context_.name(s));
    record.jobs.push_back(std::move(stored));
  }
  Result<std::string> bytes = codec::encode(record);
  if (!bytes) {
    context_.alarm(Alarm::state_not_saved, std::string(kKey) + ": " + bytes.error().message());
    if (done) done(bytes.error());
    return;
  }
  saver_.save(kKey, std::move(*bytes), std::move(done));
}

void Reports::taken(ServerIndex server, const std::vector<std::string>& report_ids) {
  bool changed = false;
  for (const std::string& id : report_ids) changed = context_.memory.told(server, id) || changed;
  if (changed) save({});
}

void Reports::tick() {
  for (ServerIndex s = 0; s < kMaxServers; ++s) {
    Delivery& delivery = deliveries_[s];
    if (!context_.failover.servers().listed(s) || delivery.under_way) continue;
    const ServerState state = context_.failover.servers().at(s).health.state();
    const bool can = state == ServerState::up || state == ServerState::draining;
    if (!can || context_.now < delivery.again_at || !context_.memory.has_untold(s)) continue;
    core::RequestSpec spec;
    spec.only = s;
    spec.background = true;
    const auto request = exchanges_.begin(spec, std::make_shared<ReportOperation>(*this, s));
    delivery.under_way = request.has_value();
    if (!request) delivery.again_at = context_.now + kFirstPause;
  }
}

void Reports::ended(ServerIndex server, bool ok) {
  Delivery& delivery = deliveries_[server];
  delivery.under_way = false;
  if (ok) {
    delivery.failures = 0;
    delivery.again_at = context_.now;
    return;
  }
  Duration pause = kFirstPause;
  for (uint32_t i = 0; i < delivery.failures && pause < kLongestPause; ++i) pause = pause * 2;
  ++delivery.failures;
  delivery.again_at = context_.now + shorter(pause, kLongestPause);
}

Instant Reports::deadline() const {
  Instant next = Instant::never();
  for (ServerIndex s = 0; s < kMaxServers; ++s) {
    const bool waits = context_.failover.servers().listed(s) && !deliveries_[s].under_way &&
                       deliveries_[s].again_at > context_.now && context_.memory.has_untold(s);
    if (waits) next = earlier(next, deliveries_[s].again_at);
  }
  return next;
}

}  // namespace holdfast::client
