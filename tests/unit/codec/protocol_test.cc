// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/base64.h"
#include "codec/json.h"
#include "codec/server_list.h"
#include "codec/time_text.h"
#include "holdfast/ports/protocol.h"

namespace holdfast {
namespace {

const std::string kUuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
const std::string kUuid2 = "f47ac10b-58cc-4372-a567-0e02b2c3d470";
const std::string kSha(64, 'a');
const DeviceIdentity kDevice = {"mfp-1", "token"};

const std::string kHealth =
    R"({"protocol_versions":[1,2],"cluster_id":"hq","instance_id":"i-1","incarnation_id":"n:1","server_epoch":3,
"role":"active","accepting":true,"users_version":7,"servers_version":0,"spread_s":300,"probe_s":10,
"server_time":"2026-03-01T08:00:00Z","journal":[],"later":{"x":[1,null]}})";
const std::string kGranted =
    R"({"verdict":"granted","user":{"user_uid":"u1","name":"ada","display_name":"Ada L.","rights":["print","color"]},
"receipt":"eyJ2IjoxfQ.c2ln","receipt_expires":"2026-03-01T20:00:00.5Z"})";
const std::string kJob =
    R"({"uuid":")" + kUuid + R"(","user_uid":"u1","name":"Report.pdf","mime":"application/pdf",)" +
    R"("bytes":4711,"sha256":")" + kSha +
    R"(","pages":3,"state":"pending-held","submitted_at":"2026-03-01T08:00:00Z"})";
const std::string kClaim = R"({"lease_id":"l1","fencing_token":9,"lease_s":60})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  CHECK_MESSAGE(at != std::string::npos, "the sample has no ", from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string header(const WireRequest& request, const std::string& name) {
  std::string value = "(none)";
  for (const auto& [key, text] : request.headers) {
    if (key == name) value = value == "(none)" ? text : value + "," + text;
  }
  return value;
}

class Fixture {
 protected:
  WireAnswer answer(int status, const std::string& body) {
    body_ = body;
    return {status, &headers_, &body_};
  }
  Code health(const std::string& body) {
    const auto result = protocol_->read_health(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  Code login(const std::string& body) {
    const auto result = protocol_->read_login(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  Code jobs(const std::string& body) {
    const auto result = protocol_->read_jobs(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  Code claim(const std::string& body) {
    const auto result = protocol_->read_claim(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  ProblemKind problem(int status, const std::string& body) {
    return protocol_->read_problem(answer(status, body));
  }

  std::unique_ptr<ServerProtocol> protocol_ = device_protocol_v1();
  Headers headers_;
  std::string body_;
};

TEST_CASE_FIXTURE(Fixture, "each request says who asks") {
  const WireRequest request = protocol_->health(kDevice);
  CHECK(request.method == "GET");
  CHECK(request.target == "/holdfast/v1/health");
  CHECK(header(request, "Authorization") == "Bearer token");
  CHECK(header(request, "Holdfast-Device") == "mfp-1");
  CHECK(header(request, "Holdfast-Protocol") == "1");
  CHECK(header(protocol_->health({"mfp-1", ""}), "Authorization") == "(none)");
}

TEST_CASE_FIXTURE(Fixture, "on whose behalf: the receipt, else the user") {
  CHECK(header(protocol_->jobs(kDevice, {"u1", "r"}), "Holdfast-Receipt") == "r");
  CHECK(header(protocol_->jobs(kDevice, {"u1", "r"}), "Holdfast-User") == "(none)");
  CHECK(header(protocol_->jobs(kDevice, {"u1", ""}), "Holdfast-User") == "u1");
  CHECK(header(protocol_->jobs(kDevice, {"u1", ""}), "Holdfast-Receipt") == "(none)");
  // Neither is sent where the protocol doesn't ask for it.
  CHECK(header(protocol_->document(kDevice, {"u1", "r"}, {kUuid, "u1", kSha}, 9),
               "Holdfast-Receipt") == "(none)");
}

TEST_CASE_FIXTURE(Fixture, "a login's body holds the secret once and is marked") {
  Credential credential;
  credential.kind = CredentialKind::password;
  credential.user = "ada\"\n";
  credential.secret = Secret(std::string("p\"\\\x01\xc3\xa4"));
  const WireRequest request = protocol_->login(kDevice, credential, kUuid);
  CHECK(request.body_is_secret);
  CHECK(request.target == "/holdfast/v1/login");
  const codec::JsonDocument document = codec::JsonDocument::parse(request.body);
  REQUIRE(document.ok());
  std::string_view text;
  CHECK((document.root().find("secret").get(text) && text == credential.secret.reveal()));
  CHECK((document.root().find("user").get(text) && text == credential.user));
  CHECK((document.root().find("kind").get(text) && text == "password"));

  credential.kind = CredentialKind::card;
  CHECK(protocol_->login(kDevice, credential, kUuid).body.find("user") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a hostile key stays within its segment of the path") {
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

TEST_CASE_FIXTURE(Fixture, "health") {
  const auto health_answer = protocol_->read_health(answer(200, kHealth));
  REQUIRE(health_answer);
  CHECK(health_answer->cluster_id == "hq");
  CHECK(health_answer->server_epoch == 3);
  CHECK(health_answer->role == ServerRole::active);
  CHECK(health_answer->accepting);
  CHECK(health_answer->users_version == 7);
  CHECK(health_answer->spread_s == 300);
  CHECK(health(replaced(kHealth, "active", "draining")) == Code::ok);
  CHECK(health(replaced(kHealth, "[1,2]", "[2,3]")) == Code::unsupported);
  CHECK(health(replaced(kHealth, "[1,2]", "[]")) == Code::unsupported);
  for (const auto& [from, to] : std::vector<std::pair<const char*, const char*>>{
           {"\"active\"", "\"Active\""},
           {"\"active\"", "1"},
           {"true", "1"},
           {"\"hq\"", "\"h q\""},
           {"\"hq\"", "\"\""},
           {"\"hq\"", "null"},
           {":3,", ":-3,"},
           {":3,", ":3.5,"},
           {":3,", ":\"3\","},
           {":3,", ":18446744073709551616,"},
           {":3,", ":9223372036854775808,"},
           {":300,", ":4294967296,"},
           {":10,", ":0,"},
           {"2026-03", "2026-13"},
           {"[]", "{}"},
           {"\"i-1\"", "\"i\\n1\""},
           {"\"role\"", "\"rule\""},
           {"\"accepting\":true", "\"accepting\":true,\"accepting\":true"},
           {"[1,2]", "1"}}) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK(health(replaced(kHealth, from, to)) == Code::corrupt);
  }
}

TEST_CASE_FIXTURE(Fixture, "what isn't our server's answer is corrupt, to each reader") {
  const std::string deep(100000, '[');
  for (const std::string& body :
       {std::string(), std::string("<html>Sign in</html>"), std::string("[]"), std::string("null"),
        std::string("{}"), deep, kHealth.substr(0, kHealth.size() - 1), kHealth + "x",
        std::string("\xff"), std::string((1 << 20) + 1, ' ')}) {
    CHECK(health(body) == Code::corrupt);
    CHECK(login(body) == Code::corrupt);
    CHECK(jobs(body) == Code::corrupt);
    CHECK(claim(body) == Code::corrupt);
    CHECK_FALSE(protocol_->read_report(answer(200, body)));
    CHECK_FALSE(protocol_->read_server_list(answer(200, body)));
    CHECK_FALSE(codec::parse_server_list(body));
  }
  CHECK_FALSE(protocol_->read_health(answer(204, kHealth)));
  CHECK_FALSE(protocol_->read_health(answer(503, kHealth)));
  CHECK_FALSE(protocol_->read_health(WireAnswer{200, nullptr, nullptr}));
}

TEST_CASE_FIXTURE(Fixture, "login: granted") {
  const auto granted = protocol_->read_login(answer(200, kGranted));
  REQUIRE(granted);
  CHECK(granted->verdict == Verdict::granted);
  CHECK(granted->user.user_uid == "u1");
  CHECK(granted->user.display_name == "Ada L.");
  CHECK(granted->user.rights == std::vector<std::string>{"print", "color"});
  CHECK(granted->receipt == "eyJ2IjoxfQ.c2ln");
  CHECK(granted->denial.empty());
  for (const auto& [from, to] :
       std::vector<std::pair<const char*, const char*>>{{"eyJ2", "a\\r\\nX: y"},
                                                        {"eyJ2", "a b"},
                                                        {"\"u1\"", "\"u 1\""},
                                                        {"[\"print\",\"color\"]", "\"print\""},
                                                        {"\"color\"", "1"},
                                                        {"\"ada\"", "\"\""},
                                                        {"\"receipt\"", "\"recipe\""},
                                                        {"granted", "yes"},
                                                        {"granted", "unknown"},
                                                        {"\"user\"", "\"person\""}}) {
    CAPTURE(to);
    CHECK(login(replaced(kGranted, from, to)) == Code::corrupt);
  }
  CHECK(login(replaced(kGranted, "eyJ2", std::string(2048, 'a'))) == Code::corrupt);
  // Words for a panel are cleaned, not refused.
  const auto odd =
      protocol_->read_login(answer(200, replaced(kGranted, "Ada L.", "Ada\\r\\n\\u001b[31m")));
  REQUIRE(odd);
  CHECK(odd->user.display_name == "Ada   [31m");
}

TEST_CASE_FIXTURE(Fixture, "login: denied stays denied, whatever the reason is called") {
  const auto locked = protocol_->read_login(
      answer(200, R"({"verdict":"denied","reason":"locked","retry_after_s":30})"));
  REQUIRE(locked);
  CHECK(locked->verdict == Verdict::denied);
  CHECK(locked->denial == "locked");
  CHECK(locked->retry_after_s == 30);
  CHECK(login(R"({"verdict":"denied","reason":"some-future-reason"})") == Code::ok);
  CHECK(login(R"({"verdict":"denied"})") == Code::corrupt);
  CHECK(login(R"({"verdict":"denied","reason":"a\nb"})") == Code::corrupt);
  CHECK(login(R"({"verdict":"denied","reason":"locked","retry_after_s":-1})") == Code::corrupt);
  CHECK(login(R"({"verdict":"denied","reason":"locked","verdict":"granted"})") == Code::corrupt);
}

TEST_CASE_FIXTURE(Fixture, "job lists") {
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
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {kUuid, "F47AC10B-58CC-4372-A567-0E02B2C3D479"},
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
    CAPTURE(from);
    CAPTURE(to);
    CHECK(jobs(R"({"jobs":[)" + replaced(kJob, from, to) + "]}") == Code::corrupt);
  }
}

TEST_CASE_FIXTURE(Fixture, "job lists: one odd name doesn't hide the other jobs, one bad id does") {
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

TEST_CASE_FIXTURE(Fixture, "job lists: as long as the protocol allows") {
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

TEST_CASE_FIXTURE(Fixture, "claims") {
  const auto claimed = protocol_->read_claim(answer(200, kClaim));
  REQUIRE(claimed);
  CHECK(claimed->lease_id == "l1");
  CHECK(claimed->fencing_token == 9);
  CHECK(claimed->lease_s == 60);
  for (const auto& [from, to] :
       std::vector<std::pair<const char*, const char*>>{{":9", ":0"},
                                                        {":9", ":-9"},
                                                        {":9", ":9223372036854775808"},
                                                        {":60", ":0"},
                                                        {":60", ":4294967296"},
                                                        {"l1", "l\\n"}}) {
    CHECK(claim(replaced(kClaim, from, to)) == Code::corrupt);
  }
}

TEST_CASE_FIXTURE(Fixture, "reports: at most 50, and only ends that the protocol knows") {
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

TEST_CASE_FIXTURE(Fixture, "problems: the type decides, then the status, else nothing is known") {
  const auto typed = [&](int status, const char* type) {
    return problem(status, std::string(R"({"type":"urn:holdfast:problem:)") + type +
                               R"(","title":"t","status":400,"detail":"d"})");
  };
  CHECK(typed(401, "device-unknown") == ProblemKind::device);
  CHECK(typed(403, "device-refused") == ProblemKind::device);
  CHECK(typed(403, "receipt-invalid") == ProblemKind::user_session);
  CHECK(typed(403, "user-not-asserted") == ProblemKind::user_session);
  CHECK(typed(503, "not-active") == ProblemKind::not_active);
  CHECK(typed(404, "job-unknown") == ProblemKind::job_unknown);
  CHECK(typed(409, "job-claimed") == ProblemKind::job_claimed);
  CHECK(typed(410, "job-ended") == ProblemKind::job_ended);
  CHECK(typed(409, "fencing-token-stale") == ProblemKind::fencing_stale);
  CHECK(typed(409, "job-identity-conflict") == ProblemKind::identity_conflict);
  CHECK(typed(500, "internal") == ProblemKind::none);
  CHECK(problem(401, "") == ProblemKind::device);
  CHECK(problem(403, "<html>") == ProblemKind::device);
  CHECK(problem(404, "<html>") == ProblemKind::none);
  CHECK(problem(410, "") == ProblemKind::none);
  CHECK(problem(503, std::string(100000, '[')) == ProblemKind::none);
  CHECK(problem(409, R"({"type":"urn:other:job-claimed"})") == ProblemKind::none);
  CHECK(problem(409, R"({"type":7})") == ProblemKind::none);
  CHECK(protocol_->read_problem(WireAnswer{404, nullptr, nullptr}) == ProblemKind::none);
}

TEST_CASE_FIXTURE(Fixture, "signed server lists") {
  const std::string inner =
      R"({"version":4,"device":"*","not_after":"2026-04-01T00:00:00Z","servers":[
{"name":"extra","url":"https://extra.example","cluster_id":"hq"}]})";
  const auto base64 = [](const std::string& text) {
    return base64_encode(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  const std::string signature(64, 's');
  const auto outer = [&](const std::string& payload, const std::string& sig) {
    return R"({"payload":")" + payload + R"(","key_id":"k1","signature":")" + sig + "\"}";
  };
  const auto list =
      protocol_->read_server_list(answer(200, outer(base64(inner), base64(signature))));
  REQUIRE(list);
  CHECK(list->payload == inner);
  CHECK(list->signature == signature);
  CHECK(list->key_id == "k1");
  CHECK_FALSE(
      protocol_->read_server_list(answer(200, outer(base64(inner), base64(signature + "s")))));
  CHECK_FALSE(
      protocol_->read_server_list(answer(200, outer(base64(inner) + "\\n", base64(signature)))));
  CHECK_FALSE(protocol_->read_server_list(answer(200, outer("", base64(signature)))));

  const auto parsed = codec::parse_server_list(inner);
  REQUIRE(parsed);
  CHECK(parsed->version == 4);
  CHECK(parsed->device == "*");
  CHECK(parsed->not_after_ms == 1775001600000);
  REQUIRE(parsed->servers.size() == 1);
  CHECK(parsed->servers[0].url == "https://extra.example");
  for (const auto& [from, to] : std::vector<std::pair<const char*, const char*>>{
           {":4", ":0"},
           {":4", ":18446744073709551615"},
           {"\"*\"", "\"**\""},
           {"2026-04-01", "2026-04-31"},
           {"\"extra\"", "\"none\""},
           {"https://extra", "https://u:p@extra"},
           {"https://extra", "file://extra"},
           {"}]", "},{\"name\":\"extra\",\"url\":\"https://h\",\"cluster_id\":\"a\"}]"}}) {
    CAPTURE(to);
    CHECK_FALSE(codec::parse_server_list(replaced(inner, from, to)));
  }
}

TEST_CASE("times") {
  CHECK(codec::format_time(0) == "1970-01-01T00:00:00.000Z");
  CHECK(codec::format_time(951782400000) == "2000-02-29T00:00:00.000Z");
  CHECK(codec::format_time(-1) == "1970-01-01T00:00:00.000Z");
  CHECK(codec::format_time(INT64_MAX) == "9999-12-31T23:59:59.999Z");
  for (int64_t day = 0; day < 400 * 366; ++day) {
    int64_t back = -1;
    const int64_t ms = day * 86400000 + day % 86400000;
    REQUIRE(codec::parse_time(codec::format_time(ms), back));
    REQUIRE(back == ms);
  }
  int64_t ms = 0;
  CHECK((codec::parse_time("2026-03-01T08:00:00Z", ms) && ms == 1772352000000));
  CHECK((codec::parse_time("2026-03-01T08:00:00.1Z", ms) && ms == 1772352000100));
  CHECK((codec::parse_time("2026-03-01T08:00:00.123456789Z", ms) && ms == 1772352000123));
  CHECK((codec::parse_time("2016-12-31T23:59:60Z", ms) && ms == 1483228799000));
  for (const char* text :
       {"", "2026-03-01", "2026-03-01T08:00:00", "2026-03-01T08:00:00+00:00",
        "2026-03-01t08:00:00z", "2026-02-29T08:00:00Z", "2026-00-01T08:00:00Z",
        "2026-03-32T08:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T08:60:00Z",
        "2026-03-01T08:00:61Z", "2026-03-01T08:00:00.Z", "2026-03-01T08:00:00.1aZ",
        "1969-12-31T23:59:59Z", "2026-03-01T08:00:00Zx", "+026-03-01T08:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(codec::parse_time(text, ms));
  }
}

}  // namespace
}  // namespace holdfast
