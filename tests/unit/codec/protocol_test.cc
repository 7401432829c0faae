// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "codec/json.h"
#include "codec/server_list.h"
#include "unit/codec/protocol_fixture.h"

namespace holdfast {
namespace {

TEST_CASE_FIXTURE(ProtocolFixture, "each request says who asks") {
  const WireRequest request = protocol_->health(kDevice);
  CHECK(request.method == "GET");
  CHECK(request.target == "/holdfast/v1/health");
  CHECK(header(request, "Authorization") == "Bearer token");
  CHECK(header(request, "Holdfast-Device") == "mfp-1");
  CHECK(header(request, "Holdfast-Protocol") == "1");
  CHECK(header(protocol_->health({"mfp-1", ""}), "Authorization") == "(none)");
}

TEST_CASE_FIXTURE(ProtocolFixture, "on whose behalf: the receipt, else the user") {
  CHECK(header(protocol_->jobs(kDevice, {"u1", "r"}), "Holdfast-Receipt") == "r");
  CHECK(header(protocol_->jobs(kDevice, {"u1", "r"}), "Holdfast-User") == "(none)");
  CHECK(header(protocol_->jobs(kDevice, {"u1", ""}), "Holdfast-User") == "u1");
  CHECK(header(protocol_->jobs(kDevice, {"u1", ""}), "Holdfast-Receipt") == "(none)");
  // Neither is sent where the protocol doesn't ask for it.
  CHECK(header(protocol_->document(kDevice, {"u1", "r"}, {kUuid, "u1", kSha}, 9),
               "Holdfast-Receipt") == "(none)");
}

TEST_CASE_FIXTURE(ProtocolFixture, "a login's body holds the secret once and is marked") {
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

TEST_CASE_FIXTURE(ProtocolFixture, "health") {
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
  for (const Change& change :
       std::vector<Change>{{"\"active\"", "\"Active\""},
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
    CAPTURE(change.from);
    CAPTURE(change.to);
    CHECK(health(replaced(kHealth, change.from, change.to)) == Code::corrupt);
  }
}

TEST_CASE_FIXTURE(ProtocolFixture, "what isn't our server's answer is corrupt, to each reader") {
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

TEST_CASE_FIXTURE(ProtocolFixture, "login: granted") {
  const auto granted = protocol_->read_login(answer(200, kGranted));
  REQUIRE(granted);
  CHECK(granted->verdict == Verdict::granted);
  CHECK(granted->user.user_uid == "u1");
  CHECK(granted->user.display_name == "Ada L.");
  CHECK(granted->user.rights == std::vector<std::string>{"print", "color"});
  CHECK(granted->receipt == "eyJ2IjoxfQ.c2ln");
  CHECK(granted->denial.empty());
  for (const Change& change : std::vector<Change>{{"eyJ2", "a\\r\\nX: y"},
                                                  {"eyJ2", "a b"},
                                                  {"\"u1\"", "\"u 1\""},
                                                  {"[\"print\",\"color\"]", "\"print\""},
                                                  {"\"color\"", "1"},
                                                  {"\"ada\"", "\"\""},
                                                  {"\"receipt\"", "\"recipe\""},
                                                  {"granted", "yes"},
                                                  {"granted", "unknown"},
                                                  {"\"user\"", "\"person\""}}) {
    CAPTURE(change.to);
    CHECK(login(replaced(kGranted, change.from, change.to)) == Code::corrupt);
  }
  CHECK(login(replaced(kGranted, "eyJ2", std::string(2048, 'a'))) == Code::corrupt);
  // Words for a panel are cleaned, not refused.
  const auto odd =
      protocol_->read_login(answer(200, replaced(kGranted, "Ada L.", "Ada\\r\\n\\u001b[31m")));
  REQUIRE(odd);
  CHECK(odd->user.display_name == "Ada   [31m");
}

TEST_CASE_FIXTURE(ProtocolFixture, "login: denied stays denied, whatever the reason is called") {
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

TEST_CASE_FIXTURE(ProtocolFixture,
                  "problems: the type decides, then the status, else nothing is known") {
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

}  // namespace
}  // namespace holdfast
