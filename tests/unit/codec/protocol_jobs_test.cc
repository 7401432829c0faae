// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "codec/json.h"
#include "unit/codec/protocol_fixture.h"

namespace holdfast {
namespace {

TEST_CASE_FIXTURE(ProtocolFixture, "a hostile key stays within its segment of the path") {
  const JobKey job = {"../../x?y#z%2f\r\n", "u\"1", kSha};
  for (const WireRequest& request :
       {protocol_->claim(kDevice, {"u1", "r"}, job, "k"), protocol_->unclaim(kDevice, {}, job, 1),
        protocol_->document(kDevice, {}, job, 1)}) {
    CHECK(request.target.rfind("/holdfast/v1/jobs/..%2F..%2Fx%3Fy%23z%252f%0D%0A/", 0) == 0);
  }
  CHECK(codec::JsonDocument::parse(protocol_->claim(kDevice, {}, job, "k").body).ok());
  CHECK(header(protocol_->unclaim(kDevice, {}, job, UINT64_MAX), "Holdfast-Fencing-Token") ==
        "18446744073709551615");
}

TEST_CASE_FIXTURE(ProtocolFixture, "job lists") {
  const auto list = protocol_->read_jobs(answer(200, R"({"jobs":[)" + kJob + "]}"));
  REQUIRE(list);
  REQUIRE(list->size() == 1);
  const Job& job = (*list)[0];
  CHECK(job.key == JobKey{kUuid, "u1", kSha});
  CHECK(job.name == "Report.pdf");
  CHECK(job.mime == "application/pdf");
  CHECK(job.bytes == 4711);
  CHECK(job.pages == 3);
  CHECK(job.state == JobState::pending_held);
  CHECK(jobs(R"({"jobs":[]})") == Code::ok);
  for (const Change& change : std::vector<Change>{{kUuid, "F47AC10B-58CC-4372-A567-0E02B2C3D479"},
                                                  {kUuid, "../../etc"},
                                                  {kSha, std::string(63, 'a')},
                                                  {kSha, std::string(64, 'A')},
                                                  {"4711", "-1"},
                                                  {"4711", "0"},
                                                  {"4711", "18446744073709551616"},
                                                  {"4711", "1e99"},
                                                  {":3,", ":4294967296,"},
                                                  {":3,", ":-1,"},
                                                  {"pending-held", "completed"},
                                                  {"pending-held", "pending_held"},
                                                  {"application/pdf", "application"},
                                                  {"application/pdf", "a/b\\r\\nX"},
                                                  {"application/pdf", "a/b/c"},
                                                  {"Report.pdf", ""},
                                                  {"\"Report.pdf\"", "7"},
                                                  {"Report.pdf", std::string(1021, 'x')},
                                                  {"\"name\"", "\"nome\""},
                                                  {"\"u1\"", "\"u\\u00001\""}}) {
    CAPTURE(change.from);
    CAPTURE(change.to);
    CHECK(jobs(R"({"jobs":[)" + replaced(kJob, change.from, change.to) + "]}") == Code::corrupt);
  }
}

TEST_CASE_FIXTURE(ProtocolFixture,
                  "job lists: one odd name doesn't hide the other jobs, one bad id does") {
  const std::string other = replaced(kJob, kUuid, kUuid2);
  const auto list = protocol_->read_jobs(answer(
      200, R"({"jobs":[)" + replaced(kJob, "Report", "a\\r\\nb\\u0085") + "," + other + "]}"));
  REQUIRE(list);
  CHECK(list->size() == 2);
  CHECK((*list)[0].name == "a  b .pdf");
  CHECK(jobs(R"({"jobs":[)" + kJob + "," + replaced(other, "\"u1\"", "\"\"") + "]}") ==
        Code::corrupt);
  CHECK(jobs(R"({"jobs":[)" + kJob + "," + kJob + "]}") == Code::corrupt);
}

TEST_CASE_FIXTURE(ProtocolFixture, "job lists: as long as the protocol allows") {
  const auto list_of = [](size_t count) {
    std::string body = R"({"jobs":[)";
    for (size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(1000 + i);
      body += (i > 0 ? "," : "") + replaced(kJob, kUuid, kUuid.substr(0, 32) + number);
    }
    return body + "]}";
  };
  CHECK(jobs(list_of(500)) == Code::ok);
  CHECK(jobs(list_of(501)) == Code::corrupt);
}

TEST_CASE_FIXTURE(ProtocolFixture, "claims") {
  const auto claimed = protocol_->read_claim(answer(200, kClaim));
  REQUIRE(claimed);
  CHECK(claimed->lease_id == "l1");
  CHECK(claimed->fencing_token == 9);
  CHECK(claimed->lease_s == 60);
  for (const Change& change : std::vector<Change>{{":9", ":0"},
                                                  {":9", ":-9"},
                                                  {":9", ":9223372036854775808"},
                                                  {":60", ":0"},
                                                  {":60", ":4294967296"},
                                                  {"l1", "l\\n"}}) {
    CHECK(claim(replaced(kClaim, change.from, change.to)) == Code::corrupt);
  }
}

TEST_CASE_FIXTURE(ProtocolFixture, "reports: at most 50, and only ends that the protocol knows") {
  JobReport report;
  report.report_id = kUuid;
  report.job = {kUuid, "u1", kSha};
  report.impressions = UINT32_MAX;
  report.unix_ms = 1772352000250;
  std::string body = protocol_->report(kDevice, {report}).body;
  CHECK(body ==
        R"({"reports":[{"report_id":")" + kUuid + R"(","job_uuid":")" + kUuid +
            R"(","user_uid":"u1","sha256":")" + kSha +
            R"(","state":"completed","impressions":1000000000,"at":"2026-03-01T08:00:00.250Z"}]})");
  report.state = JobState::unknown;
  report.fencing_token = 5;
  body = protocol_->report(kDevice, {report}).body;
  CHECK(body.find(R"("state":"processing")") != std::string::npos);
  CHECK(body.find(R"("fencing_token":5)") != std::string::npos);
  const codec::JsonDocument many = codec::JsonDocument::parse(
      protocol_->report(kDevice, std::vector<JobReport>(60, report)).body);
  CHECK(many.root().find("reports").size() == 50);

  const auto accepted = protocol_->read_report(answer(200, R"({"accepted":[")" + kUuid + R"("]})"));
  REQUIRE(accepted);
  CHECK(*accepted == std::vector<std::string>{kUuid});
  CHECK_FALSE(protocol_->read_report(answer(200, R"({"accepted":["x"]})")));
  CHECK_FALSE(protocol_->read_report(answer(200, R"({"accepted":[1]})")));
  std::string too_many = R"({"accepted":[)";
  for (int i = 0; i < 51; ++i) too_many += "\"" + kUuid + "\",";
  too_many.back() = ']';
  CHECK_FALSE(protocol_->read_report(answer(200, too_many + "}")));
}

}  // namespace
}  // namespace holdfast
