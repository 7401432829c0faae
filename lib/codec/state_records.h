// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What survives a restart, as bytes for the state store: a fixed envelope (magic, kind, version,
// length, CRC-32) around fields of known length. Decoding gives corrupt for what is damaged and
// unsupported for a sound record of a version that this library doesn't know (a downgrade).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast::codec {

// More than any configuration asks for; a record that says more is corrupt.
constexpr size_t kMaxStoredSwitches = 256;
constexpr size_t kMaxStoredServers = 64;
constexpr size_t kMaxStoredHistory = 256;
constexpr size_t kMaxStoredJobs = 4096;
constexpr size_t kMaxAddressBytes = 255;
constexpr size_t kMaxEngineJobBytes = 1024;

// A switch that counts towards max_switches_per_hour. Its age serves where the clock isn't trusted
// after a restart.
struct StoredSwitch {
  int64_t unix_ms = 0;  // 0: the clock wasn't trusted
  uint32_t age_s = 0;   // when the record was written
};

struct StoredServer {
  std::string name;
  std::string last_good_address;  // numeric; empty: none
  uint64_t server_epoch_seen = 0;
  uint64_t servers_version = 0;
};

struct FailoverRecord {
  std::vector<StoredSwitch> switches;
  uint32_t hold_down_s = 0;
  uint32_t spread_s = 0;
  uint32_t probe_s = 0;
  std::vector<StoredServer> servers;
  std::vector<SwitchRecord> history;
};

enum class JobPhase : uint8_t {
  intent,   // durable before the first byte may reach the engine
  started,  // the engine has it
  final,    // `state` says how it ended
};

struct StoredJob {
  JobKey key;
  JobState state = JobState::pending;
  uint32_t impressions = 0;
  std::string attempt_id;  // UUID or empty
  std::string engine_job;
  JobPhase phase = JobPhase::intent;
  std::string report_id;  // UUID or empty
  int64_t unix_ms = 0;    // 0: the clock wasn't trusted
  uint64_t fencing_token = 0;
  std::vector<std::string> reported_to;  // names of servers that have taken the report
  uint64_t sequence = 0;                 // order in which jobs were remembered
};

struct JobsRecord {
  std::vector<StoredJob> jobs;
};

// invalid_argument: over a limit, or an id isn't one.
Result<std::string> encode(const FailoverRecord& record);
Result<std::string> encode(const JobsRecord& record);

Result<FailoverRecord> decode_failover(const std::string& bytes);
Result<JobsRecord> decode_jobs(const std::string& bytes);

}  // namespace holdfast::codec
