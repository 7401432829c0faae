// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A user's jobs, claims and documents.
#include <algorithm>

#include "base/text.h"
#include "codec/json_writer.h"
#include "codec/protocol_v1.h"

namespace holdfast::codec {
namespace {

// Ids are checked where they are read. A key may also come from the host: percent-encoding keeps
// whatever it is within its segment of the path.
std::string job_path(const JobKey& job, const char* rest) {
  return "/jobs/" + percent_encode(job.uuid) + rest;
}

bool state_of(std::string_view name, JobState& state) {
  if (name == "pending") {
    state = JobState::pending;
  } else if (name == "pending-held") {
    state = JobState::pending_held;
  } else if (name == "processing") {
    state = JobState::processing;
  } else {
    return false;
  }
  return true;
}

// type "/" subtype, each a token of RFC 9110.
bool is_media_type(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool token =
        is_id(std::string_view(&c, 1))
            ? c != ':'
            : i == slash || c == '+' || c == '!' || c == '#' || c == '$' || c == '&' || c == '^';
    if (!token) return false;
  }
  return true;
}

bool read_job(JsonValue object, Job& job) {
  Members members(object);
  members.uuid("uuid", job.key.uuid);
  members.id("user_uid", job.key.user_uid);
  members.sha256("sha256", job.key.sha256);
  members.words("name", job.name);
  members.text("mime", 127, job.mime);
  members.require(is_media_type(job.mime));
  members.number("bytes", 1, uint64_t{INT64_MAX}, job.bytes);
  members.number("pages", 0u, UINT32_MAX, job.pages);
  std::string state;
  members.text("state", kMaxIdBytes, state);
  members.require(state_of(state, job.state));
  int64_t submitted_at = 0;
  members.time("submitted_at", submitted_at);
  return members.ok();
}

// One list never names a UUID twice: a release by UUID has to mean one job.
bool has_twins(const std::vector<Job>& jobs) {
  std::vector<std::string_view> uuids;
  uuids.reserve(jobs.size());
  for (const Job& job : jobs) uuids.push_back(job.key.uuid);
  std::sort(uuids.begin(), uuids.end());
  return std::adjacent_find(uuids.begin(), uuids.end()) != uuids.end();
}

}  // namespace

WireRequest ProtocolV1::jobs(const DeviceIdentity& device, const UserProof& user) {
  WireRequest request = make_request(device, "GET", "/jobs");
  add_user(request, user);
  return request;
}

Result<std::vector<Job>> ProtocolV1::read_jobs(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  const JsonValue list = members.array("jobs", kMaxListedJobs);
  if (!members.ok()) return failure(Code::corrupt);
  std::vector<Job> jobs(list.size());
  size_t i = 0;
  for (JsonValue item = list.first(); item.present(); item = item.next()) {
    if (!read_job(item, jobs[i++])) return failure(Code::corrupt);
  }
  if (has_twins(jobs)) return failure(Code::corrupt);
  return jobs;
}

WireRequest ProtocolV1::claim(const DeviceIdentity& device, const UserProof& user,
                              const JobKey& job, const std::string& idempotency_key) {
  WireRequest request = make_request(device, "POST", job_path(job, "/claim"));
  add_user(request, user);
  request.headers.emplace_back("Idempotency-Key", idempotency_key);
  JsonWriter writer;
  writer.open_object().member("user_uid", job.user_uid).member("sha256", job.sha256).close_object();
  set_json_body(request, writer.take());
  return request;
}

Result<ClaimAnswer> ProtocolV1::read_claim(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  ClaimAnswer claim;
  members.id("lease_id", claim.lease_id);
  members.number("fencing_token", 1, uint64_t{INT64_MAX}, claim.fencing_token);
  members.number("lease_s", 1u, UINT32_MAX, claim.lease_s);
  if (!members.ok()) return failure(Code::corrupt);
  return claim;
}

WireRequest ProtocolV1::unclaim(const DeviceIdentity& device, const UserProof&, const JobKey& job,
                                uint64_t fencing_token) {
  WireRequest request = make_request(device, "DELETE", job_path(job, "/claim"));
  request.headers.emplace_back("Holdfast-Fencing-Token", std::to_string(fencing_token));
  return request;
}

WireRequest ProtocolV1::document(const DeviceIdentity& device, const UserProof&, const JobKey& job,
                                 uint64_t fencing_token) {
  WireRequest request = make_request(device, "GET", job_path(job, "/document"));
  request.headers.emplace_back("Holdfast-Fencing-Token", std::to_string(fencing_token));
  return request;
}

}  // namespace holdfast::codec
