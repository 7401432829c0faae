// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What became of jobs.
#include <algorithm>

#include "base/uuid.h"
#include "codec/json_writer.h"
#include "codec/protocol_v1.h"
#include "codec/time_text.h"

namespace holdfast::codec {
namespace {

constexpr uint32_t kMaxImpressions = 1000000000;

// The protocol knows three ends. All else, an outcome that the device doesn't know among it, isn't
// one yet.
const char* wire_state(JobState state) {
  switch (state) {
    case JobState::completed:
      return "completed";
    case JobState::canceled:
      return "canceled";
    case JobState::aborted:
      return "aborted";
    case JobState::pending:
    case JobState::pending_held:
    case JobState::processing:
    case JobState::processing_stopped:
    case JobState::unknown:
      break;
  }
  return "processing";
}

void write_report(JsonWriter& writer, const JobReport& report) {
  writer.open_object().member("report_id", report.report_id);
  writer.member("job_uuid", report.job.uuid).member("user_uid", report.job.user_uid);
  writer.member("sha256", report.job.sha256).member("state", wire_state(report.state));
  writer.member("impressions", uint64_t{std::min(report.impressions, kMaxImpressions)});
  // Without a trusted clock this is 1970: required by the protocol, and plainly no time.
  writer.member("at", format_time(report.unix_ms));
  if (report.fencing_token != 0) writer.member("fencing_token", report.fencing_token);
  writer.close_object();
}

}  // namespace

WireRequest ProtocolV1::report(const DeviceIdentity& device,
                               const std::vector<JobReport>& reports) {
  JsonWriter writer;
  writer.open_object().name("reports").open_array();
  for (size_t i = 0; i < std::min(reports.size(), kMaxReports); ++i) {
    write_report(writer, reports[i]);
  }
  writer.close_array().close_object();
  WireRequest request = make_request(device, "POST", "/job-status");
  set_json_body(request, writer.take());
  return request;
}

Result<std::vector<std::string>> ProtocolV1::read_report(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  const JsonValue list = members.array("accepted", kMaxReports);
  if (!members.ok()) return failure(Code::corrupt);
  std::vector<std::string> accepted;
  for (JsonValue item = list.first(); item.present(); item = item.next()) {
    std::string_view id;
    if (!item.get(id) || !is_uuid(id)) return failure(Code::corrupt);
    accepted.emplace_back(id);
  }
  return accepted;
}

}  // namespace holdfast::codec
