// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/state_records.h"

#include <algorithm>

#include "base/hex.h"
#include "base/text.h"
#include "base/uuid.h"
#include "codec/bytes.h"

namespace holdfast::codec {
namespace {

// Envelope: "HFST", kind, version (2), length of the payload (4), payload, CRC-32 (4) of all before
// it. It never changes, so that an unknown version can be told from damage.
constexpr std::string_view kMagic = "HFST";
constexpr size_t kHeadBytes = 11;
constexpr size_t kCrcBytes = 4;
constexpr uint64_t kFailoverVersion = 1;
constexpr uint64_t kJobsVersion = 1;
constexpr size_t kMaxNames = 255;

enum class Kind : uint8_t { failover = 'F', jobs = 'J' };

std::string seal(Kind kind, uint64_t version, const std::string& payload) {
  ByteWriter writer;
  writer.raw(kMagic);
  writer.number(static_cast<uint8_t>(kind), 1);
  writer.number(version, 2);
  writer.number(payload.size(), 4);
  writer.raw(payload);
  writer.number(crc32(writer.bytes()), 4);
  return writer.take();
}

Result<std::string_view> unseal(std::string_view bytes, Kind kind, uint64_t version) {
  if (bytes.size() < kHeadBytes + kCrcBytes) return failure(Code::corrupt);
  const size_t payload_bytes = bytes.size() - kHeadBytes - kCrcBytes;
  ByteReader tail(bytes.substr(bytes.size() - kCrcBytes));
  ByteReader head(bytes);
  head.require(head.raw(kMagic.size()) == kMagic);
  head.require(head.number(1) == static_cast<uint8_t>(kind));
  const uint64_t found = head.number(2);
  head.require(head.number(4) == payload_bytes);
  head.require(tail.number32() == crc32(bytes.substr(0, bytes.size() - kCrcBytes)));
  if (!head.ok()) return failure(Code::corrupt);
  if (found != version) return failure(Code::unsupported);
  return bytes.substr(kHeadBytes, payload_bytes);
}

// UUIDs are stored as their 16 bytes, after a byte that says whether there is one.
bool write_uuid(ByteWriter& writer, const std::string& uuid) {
  writer.number(uuid.empty() ? 0 : 1, 1);
  if (uuid.empty()) return true;
  UuidBytes bytes = {};
  if (!uuid_parse(uuid, bytes)) return false;
  for (const uint8_t byte : bytes) writer.number(byte, 1);
  return true;
}

std::string read_hex(ByteReader& reader, size_t size) {
  const std::string_view bytes = reader.raw(size);
  return hex_encode(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

std::string read_uuid(ByteReader& reader) {
  if (reader.count(1, 1) == 0) return {};
  UuidBytes bytes = {};
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(reader.number(1));
  return reader.ok() ? uuid_format(bytes) : std::string();
}

// ---- failover ----

bool write_servers(ByteWriter& writer, const std::vector<StoredServer>& servers) {
  writer.number(servers.size(), 1);
  for (const StoredServer& server : servers) {
    if (!is_name(server.name) || server.last_good_address.size() > kMaxAddressBytes) return false;
    writer.text(server.name);
    writer.text(server.last_good_address);
    writer.number(server.server_epoch_seen, 8);
    writer.number(server.servers_version, 8);
  }
  return true;
}

bool write_history(ByteWriter& writer, const std::vector<SwitchRecord>& history) {
  writer.number(history.size(), 2);
  for (const SwitchRecord& entry : history) {
    if (!is_name(entry.from) || !is_name(entry.to)) return false;
    writer.text(entry.from);
    writer.text(entry.to);
    writer.number(static_cast<uint8_t>(entry.reason), 1);
    writer.signed_number(entry.unix_ms);
  }
  return true;
}

StoredServer read_server(ByteReader& reader) {
  StoredServer server;
  server.name = reader.text(kMaxIdBytes);
  server.last_good_address = reader.text(kMaxAddressBytes);
  server.server_epoch_seen = reader.number(8);
  server.servers_version = reader.number(8);
  reader.require(is_name(server.name));
  return server;
}

SwitchRecord read_switch(ByteReader& reader) {
  SwitchRecord entry;
  entry.from = reader.text(kMaxIdBytes);
  entry.to = reader.text(kMaxIdBytes);
  entry.reason =
      static_cast<SwitchReason>(reader.count(1, static_cast<size_t>(SwitchReason::requested)));
  entry.unix_ms = reader.signed_number();
  reader.require(is_name(entry.from) && is_name(entry.to));
  return entry;
}

// ---- jobs ----

// Server names stand once, in front of the jobs, which name them by their place.
std::vector<std::string> names_in(const JobsRecord& record) {
  std::vector<std::string> names;
  for (const StoredJob& job : record.jobs) {
    for (const std::string& name : job.reported_to) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

bool write_job(ByteWriter& writer, const StoredJob& job, const std::vector<std::string>& names) {
  uint8_t digest[32] = {};
  if (job.key.uuid.empty() || !is_id(job.key.user_uid) || !is_lower_hex(job.key.sha256, 64) ||
      !hex_decode(job.key.sha256, digest, sizeof(digest)) || !write_uuid(writer, job.key.uuid)) {
    return false;
  }
  writer.text(job.key.user_uid);
  for (const uint8_t byte : digest) writer.number(byte, 1);
  writer.number(static_cast<uint8_t>(job.state), 1);
  writer.number(job.impressions, 4);
  if (!write_uuid(writer, job.attempt_id) || job.engine_job.size() > kMaxEngineJobBytes)
    return false;
  writer.text(job.engine_job);
  writer.number(static_cast<uint8_t>(job.phase), 1);
  if (!write_uuid(writer, job.report_id) || job.reported_to.size() > kMaxStoredServers)
    return false;
  writer.signed_number(job.unix_ms);
  writer.number(job.fencing_token, 8);
  writer.number(job.reported_to.size(), 1);
  for (const std::string& name : job.reported_to) {
    const auto place = std::find(names.begin(), names.end(), name) - names.begin();
    writer.number(static_cast<uint64_t>(place), 1);
  }
  writer.number(job.sequence, 8);
  return true;
}

StoredJob read_job(ByteReader& reader, const std::vector<std::string>& names) {
  StoredJob job;
  job.key.uuid = read_uuid(reader);
  job.key.user_uid = reader.text(kMaxIdBytes);
  job.key.sha256 = read_hex(reader, 32);
  reader.require(!job.key.uuid.empty() && is_id(job.key.user_uid));
  job.state = static_cast<JobState>(reader.count(1, static_cast<size_t>(JobState::unknown)));
  job.impressions = reader.number32();
  job.attempt_id = read_uuid(reader);
  job.engine_job = reader.text(kMaxEngineJobBytes);
  job.phase = static_cast<JobPhase>(reader.count(1, static_cast<size_t>(JobPhase::final)));
  job.report_id = read_uuid(reader);
  job.unix_ms = reader.signed_number();
  job.fencing_token = reader.number(8);
  const size_t reported = reader.count(1, kMaxStoredServers);
  for (size_t i = 0; i < reported && reader.ok(); ++i) {
    const size_t place = reader.count(1, kMaxNames);
    reader.require(place < names.size());
    if (reader.ok()) job.reported_to.push_back(names[place]);
  }
  job.sequence = reader.number(8);
  return job;
}

}  // namespace

Result<std::string> encode(const FailoverRecord& record) {
  if (record.switches.size() > kMaxStoredSwitches || record.servers.size() > kMaxStoredServers ||
      record.history.size() > kMaxStoredHistory) {
    return failure(Code::invalid_argument);
  }
  ByteWriter writer;
  writer.number(record.switches.size(), 2);
  for (const StoredSwitch& entry : record.switches) {
    writer.signed_number(entry.unix_ms);
    writer.number(entry.age_s, 4);
  }
  writer.number(record.hold_down_s, 4);
  writer.number(record.spread_s, 4);
  writer.number(record.probe_s, 4);
  if (!write_servers(writer, record.servers) || !write_history(writer, record.history)) {
    return failure(Code::invalid_argument);
  }
  return seal(Kind::failover, kFailoverVersion, writer.bytes());
}

Result<FailoverRecord> decode_failover(const std::string& bytes) {
  const Result<std::string_view> payload = unseal(bytes, Kind::failover, kFailoverVersion);
  if (!payload) return failure(payload.error());
  ByteReader reader(*payload);
  FailoverRecord record;
  const size_t switches = reader.count(2, kMaxStoredSwitches);
  for (size_t i = 0; i < switches && reader.ok(); ++i) {
    const int64_t unix_ms = reader.signed_number();
    record.switches.push_back({unix_ms, reader.number32()});
  }
  record.hold_down_s = reader.number32();
  record.spread_s = reader.number32();
  record.probe_s = reader.number32();
  const size_t servers = reader.count(1, kMaxStoredServers);
  for (size_t i = 0; i < servers && reader.ok(); ++i) record.servers.push_back(read_server(reader));
  const size_t history = reader.count(2, kMaxStoredHistory);
  for (size_t i = 0; i < history && reader.ok(); ++i) record.history.push_back(read_switch(reader));
  if (!reader.ok() || !reader.at_end()) return failure(Code::corrupt);
  return record;
}

Result<std::string> encode(const JobsRecord& record) {
  const std::vector<std::string> names = names_in(record);
  if (record.jobs.size() > kMaxStoredJobs || names.size() > kMaxNames) {
    return failure(Code::invalid_argument);
  }
  ByteWriter writer;
  writer.number(names.size(), 1);
  for (const std::string& name : names) {
    if (!is_name(name)) return failure(Code::invalid_argument);
    writer.text(name);
  }
  writer.number(record.jobs.size(), 2);
  for (const StoredJob& job : record.jobs) {
    if (!write_job(writer, job, names)) return failure(Code::invalid_argument);
  }
  return seal(Kind::jobs, kJobsVersion, writer.bytes());
}

Result<JobsRecord> decode_jobs(const std::string& bytes) {
  const Result<std::string_view> payload = unseal(bytes, Kind::jobs, kJobsVersion);
  if (!payload) return failure(payload.error());
  ByteReader reader(*payload);
  std::vector<std::string> names(reader.count(1, kMaxNames));
  for (std::string& name : names) {
    name = reader.text(kMaxIdBytes);
    reader.require(is_name(name));
  }
  JobsRecord record;
  const size_t jobs = reader.count(2, kMaxStoredJobs);
  for (size_t i = 0; i < jobs && reader.ok(); ++i) record.jobs.push_back(read_job(reader, names));
  if (!reader.ok() || !reader.at_end()) return failure(Code::corrupt);
  return record;
}

}  // namespace holdfast::codec
