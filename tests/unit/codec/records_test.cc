// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "codec/bytes.h"
#include "codec/json.h"
#include "codec/state_records.h"
#include "holdfast/client.h"

namespace holdfast::codec {
namespace {

FailoverRecord failover_sample() {
  FailoverRecord record;
  record.switches = {{1772352000250, 3600}, {0, 10}};
  record.hold_down_s = 600;
  record.spread_s = 300;
  record.probe_s = 10;
  record.servers = {{"primary", "192.0.2.1", UINT64_MAX, 4}, {"branch", "", 0, 0}};
  record.history = {{"none", "primary", SwitchReason::started, 0},
                    {"primary", "branch", SwitchReason::requested, 1772352000250}};
  return record;
}

StoredJob job_sample() {
  StoredJob job;
  job.key = {"f47ac10b-58cc-4372-a567-0e02b2c3d479", "u1", std::string(60, '0') + "beef"};
  job.state = JobState::unknown;
  job.impressions = 12;
  job.attempt_id = "00000000-0000-4000-8000-000000000001";
  job.engine_job = "urn:uuid:printer/\xc3\xa4";
  job.phase = JobPhase::final;
  job.report_id = "00000000-0000-4000-8000-000000000002";
  job.unix_ms = 1772352000250;
  job.fencing_token = UINT64_MAX;
  job.reported_to = {"branch", "primary"};
  job.sequence = 77;
  return job;
}

JobsRecord jobs_sample() {
  JobsRecord record;
  record.jobs.push_back(job_sample());
  StoredJob bare;
  bare.key = {"f47ac10b-58cc-4372-a567-0e02b2c3d470", "u2", std::string(64, 'f')};
  bare.reported_to = {"primary"};
  record.jobs.push_back(bare);
  return record;
}

std::string bytes_of(const FailoverRecord& record) { return encode(record).value_or("(refused)"); }
std::string bytes_of(const JobsRecord& record) { return encode(record).value_or("(refused)"); }

Code failover_code(const std::string& bytes) {
  const auto record = decode_failover(bytes);
  return record ? Code::ok : record.error().code();
}
Code jobs_code(const std::string& bytes) {
  const auto record = decode_jobs(bytes);
  return record ? Code::ok : record.error().code();
}

// The same bytes with a checksum that holds: what only a bug or a hand could write.
std::string resealed(std::string bytes) {
  bytes.resize(bytes.size() - 4);
  ByteWriter writer;
  writer.raw(bytes);
  writer.number(crc32(bytes), 4);
  return writer.take();
}

TEST_CASE("CRC-32: the check value of its catalogue") {
  CHECK(crc32("123456789") == 0xcbf43926);
  CHECK(crc32("") == 0);
}

TEST_CASE("reading beyond the end gives nothing, for good") {
  ByteReader reader(std::string_view("\x01\x02\x03", 3));
  CHECK(reader.number(2) == 0x0201);
  CHECK(reader.number(2) == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.number(1) == 0);
  ByteReader text(
      std::string_view("\x03\x00"
                       "ab",
                       4));
  CHECK(text.text(10).empty());
  CHECK_FALSE(text.ok());
  ByteReader over(
      std::string_view("\x02\x00"
                       "ab",
                       4));
  CHECK(over.text(1).empty());
  CHECK_FALSE(over.ok());
}

TEST_CASE("a failover record comes back as it was") {
  const auto record = decode_failover(bytes_of(failover_sample()));
  REQUIRE(record);
  REQUIRE(record->switches.size() == 2);
  CHECK(record->switches[0].unix_ms == 1772352000250);
  CHECK(record->switches[0].age_s == 3600);
  CHECK(record->hold_down_s == 600);
  CHECK(record->spread_s == 300);
  CHECK(record->probe_s == 10);
  REQUIRE(record->servers.size() == 2);
  CHECK(record->servers[0].name == "primary");
  CHECK(record->servers[0].last_good_address == "192.0.2.1");
  CHECK(record->servers[0].server_epoch_seen == UINT64_MAX);
  CHECK(record->servers[0].servers_version == 4);
  REQUIRE(record->history.size() == 2);
  CHECK(record->history[1].to == "branch");
  CHECK(record->history[1].reason == SwitchReason::requested);
  CHECK(bytes_of(*record) == bytes_of(failover_sample()));
  CHECK(failover_code(bytes_of(FailoverRecord())) == Code::ok);
}

TEST_CASE("a jobs record comes back as it was") {
  const auto record = decode_jobs(bytes_of(jobs_sample()));
  REQUIRE(record);
  REQUIRE(record->jobs.size() == 2);
  const StoredJob& job = record->jobs[0];
  const StoredJob expected = job_sample();
  CHECK(job.key == expected.key);
  CHECK(job.state == JobState::unknown);
  CHECK(job.impressions == 12);
  CHECK(job.attempt_id == expected.attempt_id);
  CHECK(job.engine_job == expected.engine_job);
  CHECK(job.phase == JobPhase::final);
  CHECK(job.report_id == expected.report_id);
  CHECK(job.unix_ms == expected.unix_ms);
  CHECK(job.fencing_token == UINT64_MAX);
  CHECK(job.reported_to == expected.reported_to);
  CHECK(job.sequence == 77);
  CHECK(record->jobs[1].attempt_id.empty());
  CHECK(record->jobs[1].reported_to == std::vector<std::string>{"primary"});
  CHECK(bytes_of(*record) == bytes_of(jobs_sample()));
  CHECK(jobs_code(bytes_of(JobsRecord())) == Code::ok);
}

TEST_CASE("cut off anywhere, or with more behind it: corrupt") {
  const std::string failover = bytes_of(failover_sample());
  const std::string jobs = bytes_of(jobs_sample());
  for (size_t size = 0; size < failover.size(); ++size)
    CHECK(failover_code(failover.substr(0, size)) == Code::corrupt);
  for (size_t size = 0; size < jobs.size(); ++size)
    CHECK(jobs_code(jobs.substr(0, size)) == Code::corrupt);
  CHECK(failover_code(failover + '\0') == Code::corrupt);
  CHECK(jobs_code(jobs + jobs) == Code::corrupt);
}

TEST_CASE("any changed bit: corrupt") {
  const std::string failover = bytes_of(failover_sample());
  const std::string jobs = bytes_of(jobs_sample());
  for (size_t bit = 0; bit < failover.size() * 8; ++bit) {
    std::string bytes = failover;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    CHECK(failover_code(bytes) == Code::corrupt);
  }
  for (size_t bit = 0; bit < jobs.size() * 8; ++bit) {
    std::string bytes = jobs;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    CHECK(jobs_code(bytes) == Code::corrupt);
  }
}

TEST_CASE("damage under a checksum that holds never crashes, and never breaks a promise") {
  const std::string jobs = bytes_of(jobs_sample());
  size_t taken = 0;
  for (size_t at = 11; at < jobs.size() - 4; ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bytes = jobs;
      bytes[at] = value;
      const auto record = decode_jobs(resealed(bytes));
      if (!record) continue;
      ++taken;
      CHECK(encode(*record));  // what was taken is within every limit
    }
  }
  CHECK(taken > 0);
  const std::string failover = bytes_of(failover_sample());
  for (size_t at = 11; at < failover.size() - 4; ++at) {
    std::string bytes = failover;
    bytes[at] = '\xff';
    const auto record = decode_failover(resealed(bytes));
    if (record) CHECK(encode(*record));
  }
}

TEST_CASE("more in the payload than its fields: corrupt") {
  for (std::string bytes : {bytes_of(failover_sample()), bytes_of(jobs_sample())}) {
    bytes.insert(bytes.size() - 4, 1, '\0');
    ++bytes[7];  // the payload's length
    bytes = resealed(bytes);
    CHECK(failover_code(bytes) == Code::corrupt);
    CHECK(jobs_code(bytes) == Code::corrupt);
  }
}

TEST_CASE("a sound record of another version is unsupported, of another kind corrupt") {
  std::string bytes = bytes_of(failover_sample());
  bytes[5] = 2;
  CHECK(failover_code(resealed(bytes)) == Code::unsupported);
  CHECK(failover_code(bytes) == Code::corrupt);
  CHECK(failover_code(bytes_of(jobs_sample())) == Code::corrupt);
  CHECK(jobs_code(bytes_of(failover_sample())) == Code::corrupt);
  CHECK(jobs_code("") == Code::corrupt);
  CHECK(jobs_code(R"({"version":1})") == Code::corrupt);
}

TEST_CASE("what is over a limit isn't written") {
  FailoverRecord failover = failover_sample();
  failover.servers[0].name = "a b";
  CHECK(bytes_of(failover) == "(refused)");
  failover = failover_sample();
  failover.history.resize(kMaxStoredHistory + 1, failover.history[0]);
  CHECK(bytes_of(failover) == "(refused)");
  JobsRecord jobs = jobs_sample();
  jobs.jobs[0].key.uuid = "no uuid";
  CHECK(bytes_of(jobs) == "(refused)");
  jobs = jobs_sample();
  jobs.jobs[0].key.sha256 = "beef";
  CHECK(bytes_of(jobs) == "(refused)");
  jobs = jobs_sample();
  jobs.jobs[0].engine_job = std::string(kMaxEngineJobBytes + 1, 'x');
  CHECK(bytes_of(jobs) == "(refused)");
  jobs.jobs.assign(kMaxStoredJobs, job_sample());
  CHECK(jobs_code(bytes_of(jobs)) == Code::ok);
  jobs.jobs.push_back(job_sample());
  CHECK(bytes_of(jobs) == "(refused)");
}

TEST_CASE("a snapshot as JSON") {
  Snapshot snapshot;
  snapshot.route = {RouteKind::server, 0};
  ServerSnapshot server;
  server.name = "primary";
  server.cluster_id = "hq";
  server.state = ServerState::suspect;
  server.in_state = milliseconds(1500);
  server.cause = "no answer for \"1 s\"";
  server.in_charge = true;
  server.mean_answer = microseconds(1234);
  server.server_epoch = 3;
  server.instance_id = "i1";
  server.probes = 5;
  server.probes_failed = 1;
  server.requests = 7;
  server.requests_failed = 2;
  snapshot.servers.push_back(server);
  snapshot.history.push_back({"none", "primary", SwitchReason::started, 12});
  snapshot.return_in = seconds(2);
  snapshot.reports_waiting = 4;
  snapshot.offline.on = true;
  snapshot.offline.tier = KeyTier::tee;
  snapshot.offline.users = 9;
  snapshot.offline.contact_age = milliseconds(70);
  snapshot.undecided.push_back({"u", "ann", "00"});
  const std::string text = to_json(snapshot);
  CHECK(JsonDocument::parse(text).ok());
  const std::string expected =
      R"({"route":{"kind":"server","server":"primary"},"local":"ok","link":"usable",)"
      R"("servers":[{"name":"primary",)"
      R"("cluster_id":"hq","state":"suspect","in_state_ms":1500,"cause":"no answer for \"1 s\"",)"
      R"("in_charge":true,"mean_answer_us":1234,"server_epoch":3,"instance_id":"i1","probes":5,)"
      R"("probes_failed":1,"requests":7,"requests_failed":2}],"history":[{"from":"none",)"
      R"("to":"primary","reason":"started","unix_ms":12}],"return_in_ms":2000,)"
      R"("switches_last_hour":0,"sessions":0,"requests_under_way":0,"hedges":0,"retries":0,)"
      R"("requests":0,"reports_waiting":4,"offline":{"on":true,"on_flash":false,"tier":"tee",)"
      R"("users":9,"credentials":0,"users_version":0,"ambiguous_pins":0,"audit_waiting":0,)"
      R"("audit_dropped":0,"contact_age_ms":70},)"
      R"("undecided":[{"uuid":"u","user_uid":"ann","sha256":"00"}]})";
  CHECK(text == expected);
  const std::string empty =
      R"({"route":{"kind":"none"},"local":"ok","link":"usable","servers":[],"history":[])";
  CHECK(to_json(Snapshot()).compare(0, empty.size(), empty) == 0);
}

}  // namespace
}  // namespace holdfast::codec
