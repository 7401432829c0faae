// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists of users and answers to audit events, as a hostile server would write them.
#include <algorithm>

#include "unit/codec/protocol_fixture.h"

namespace holdfast {
namespace {

const std::string kSalt(32, '5');  // 16 bytes
const std::string kDerived(64, 'b');

std::string verifier(const std::string& iterations = "10000", const std::string& salt = kSalt,
                     const std::string& kind = "card") {
  return R"({"kind":")" + kind + R"(","salt":")" + salt + R"(","iterations":)" + iterations +
         R"(,"verifier":")" + kDerived + "\"}";
}

std::string put(const std::string& verifiers = "", const std::string& uid = "u1") {
  return R"({"op":"put","user_uid":")" + uid +
         R"(","name":"ada","display_name":"Ada L.","rights":["print"],"disabled":false)" +
         (verifiers.empty() ? "" : R"(,"verifiers":[)" + verifiers + "]") + "}\n";
}
const std::string kDelete = "{\"op\":\"delete\",\"user_uid\":\"u2\"}\n";

std::string chunk(const std::string& id = "c1", const std::string& bytes = "100",
                  const std::string& entries = "1") {
  return R"({"id":")" + id + R"(","sha256":")" + kSha + R"(","bytes":)" + bytes + R"(,"entries":)" +
         entries + "}";
}
std::string manifest(const std::string& version, const std::string& base, const std::string& full,
                     const std::string& chunks = chunk(), const std::string& more = "") {
  return R"({"version":)" + version + R"(,"base_version":)" + base + R"(,"full":)" + full +
         R"(,"chunks":[)" + chunks + "]" + more + "}";
}

class Users : protected ProtocolFixture {
 protected:
  bool reads(const std::string& lines) {
    const auto changes = protocol_->read_users_chunk(lines);
    CHECK((changes || changes.error().code() == Code::corrupt));
    return changes.has_value();
  }
  bool reads_line(const std::string& from, const std::string& to) {
    return reads(replaced(put(verifier()), from, to));
  }
  bool takes(const std::string& body) {
    return protocol_->read_users(kDevice, "hq", answer(200, body)).has_value();
  }
  std::string signed_text(const DeviceIdentity& device, const std::string& cluster,
                          const std::string& body) {
    const auto read = protocol_->read_users(device, cluster, answer(200, body));
    return read ? read->signed_bytes : "(refused)";
  }
  bool counts(const std::string& body) {
    return protocol_->read_audit(answer(200, body)).has_value();
  }
};

std::string repeated(const std::string& one, size_t times, const std::string& between = "") {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += (i == 0 ? "" : between) + one;
  return all;
}

}  // namespace

TEST_CASE_FIXTURE(Users, "a chunk: users as they are, in their order") {
  const auto changes = protocol_->read_users_chunk(
      kDelete + put(verifier() + "," + verifier("20000", kSalt, "pin")));
  REQUIRE(changes.has_value());
  REQUIRE(changes->size() == 2);
  CHECK((*changes)[0].removed);
  CHECK((*changes)[0].user.user_uid == "u2");
  CHECK_FALSE((*changes)[1].removed);
  REQUIRE((*changes)[1].verifiers.size() == 2);
  CHECK((*changes)[1].verifiers[0].salt == std::string(16, 'U'));
  CHECK((*changes)[1].verifiers[0].derived[31] == 0xbb);
  CHECK((*changes)[1].verifiers[1].kind == CredentialKind::pin);
  CHECK((*changes)[1].verifiers[1].iterations == 20000);
}

TEST_CASE_FIXTURE(Users, "a chunk: a lease of pages, in its bounds, or none") {
  const auto none = protocol_->read_users_chunk(put());
  REQUIRE(none.has_value());
  CHECK((*none)[0].user.offline_pages == -1);
  for (const char* good : {"0", "120", "1000000000"}) {
    const auto changes = protocol_->read_users_chunk(replaced(
        put(), "\"disabled\"", "\"offline_pages\":" + std::string(good) + ",\"disabled\""));
    REQUIRE(changes.has_value());
    CHECK((*changes)[0].user.offline_pages == std::stoll(good));
  }
  for (const char* bad :
       {"-1", "1000000001", "18446744073709551616", "1.5", "\"5\"", "null", "[]", "true"}) {
    CAPTURE(bad);
    CHECK_FALSE(
        reads_line("\"disabled\"", "\"offline_pages\":" + std::string(bad) + ",\"disabled\""));
  }
}

// A reader doesn't sort: what the later line says of the same user is what the vault does last.
TEST_CASE_FIXTURE(Users, "a chunk: lines of the wrong order keep it") {
  const auto changes = protocol_->read_users_chunk(put("", "u2") + kDelete);
  REQUIRE(changes.has_value());
  CHECK_FALSE((*changes)[0].removed);
  CHECK((*changes)[1].removed);
}

TEST_CASE_FIXTURE(Users, "a chunk: sizes") {
  CHECK_FALSE(reads(""));
  CHECK_FALSE(reads("\n"));
  CHECK_FALSE(reads("\n" + kDelete));
  CHECK_FALSE(reads(kDelete + "\n"));
  CHECK_FALSE(reads(kDelete.substr(0, kDelete.size() - 1)));  // the last line was cut
  CHECK_FALSE(reads(put().substr(0, 40) + "\n"));
  // A line may be padded to the limit, and no byte beyond it.
  const auto sized = [](size_t size) { return std::string(size - kDelete.size(), ' ') + kDelete; };
  CHECK(reads(sized(65536)));
  CHECK_FALSE(reads(sized(65537)));
  CHECK_FALSE(reads(sized(1 << 20)));
  // 4,096 lines and one more, which no honest server can fit: a line has a user in it.
  CHECK_FALSE(reads(std::string(4097, '\n')));
  CHECK_FALSE(reads(repeated("{}\n", 4097)));
}

TEST_CASE_FIXTURE(Users, "a chunk: JSON that isn't, or is too much") {
  CHECK_FALSE(reads(std::string(32000, '[') + std::string(32000, ']') + "\n"));
  CHECK_FALSE(reads(R"({"op":"delete","user_uid":"u1","x":)" + std::string(30000, '[') +
                    std::string(30000, ']') + "}\n"));
  CHECK_FALSE(reads(std::string(60000, '{') + "\n"));
  CHECK_FALSE(reads("{\"op\":\"delete\",\"user_uid\":\"u1\",\"user_uid\":\"u2\"}\n"));
  CHECK_FALSE(reads("{\"op\":\"delete\",\"user_uid\":\"u1\",\"\\u0075ser_uid\":\"u2\"}\n"));
  CHECK_FALSE(reads("{\"op\":\"put\",\"op\":\"delete\",\"user_uid\":\"u1\"}\n"));
  CHECK_FALSE(reads_line(R"("kind":"card")", R"("kind":"card","kind":"pin")"));
  CHECK_FALSE(reads(kDelete + "<html>\n"));
  CHECK_FALSE(reads("null\n"));
  CHECK_FALSE(reads("[]\n"));
  CHECK_FALSE(reads("{\"op\":\"delete\",\"user_uid\":\"u1\"} {}\n"));
  std::string many = R"({"op":"delete","user_uid":"u1")";
  for (int i = 0; i < 200; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  CHECK_FALSE(reads(many + "}\n"));
  CHECK_FALSE(reads_line(R"(["print"])", "[" + repeated("\"r\"", 65, ",") + "]"));
  CHECK_FALSE(reads(put(repeated(verifier(), 65, ","))));
}

TEST_CASE_FIXTURE(Users, "a chunk: texts that aren't") {
  CHECK_FALSE(reads_line("Ada L.", "Ada \xc0\xaf"));  // overlong
  CHECK_FALSE(reads_line("Ada L.", "Ada \xff"));
  CHECK_FALSE(reads_line("Ada L.", "Ada \xed\xa0\xbd"));  // a surrogate's bytes
  CHECK_FALSE(reads_line("Ada L.", "Ada \\ud83d"));       // a lone one, escaped
  CHECK_FALSE(reads_line("Ada L.", "Ada \\udda8"));
  CHECK(reads_line("Ada L.", "Ada \\ud83d\\udda8"));
  CHECK_FALSE(reads_line("Ada L.", "Ada \\u0000"));
  CHECK_FALSE(reads_line("Ada L.", std::string("Ada \0", 5)));
  CHECK_FALSE(reads_line("\"u1\"", "\"u 1\""));
  CHECK_FALSE(reads_line("\"u1\"", "\"u1\\r\\nX: 1\""));
  CHECK_FALSE(reads_line("\"u1\"", "\"\""));
  CHECK_FALSE(reads_line("\"u1\"", "1"));
  CHECK_FALSE(reads_line("\"u1\"", "\"" + std::string(300, 'u') + "\""));
  CHECK_FALSE(reads_line("\"ada\"", "null"));
  CHECK_FALSE(reads_line("\"ada\"", "\"\""));
  CHECK_FALSE(reads_line("false", "0"));
  CHECK_FALSE(reads_line("[\"print\"]", "\"print\""));
  CHECK_FALSE(reads_line("[\"print\"]", "[1]"));
}

TEST_CASE_FIXTURE(Users, "a chunk: names can't write into a log") {
  const auto changes =
      protocol_->read_users_chunk(replaced(put(), "Ada L.", "Ada\\r\\nINFO all is well\\u001b[2J"));
  REQUIRE(changes.has_value());
  const std::string& name = (*changes)[0].user.display_name;
  CHECK(std::none_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
}

TEST_CASE_FIXTURE(Users, "a chunk: iterations") {
  for (const char* wrong : {"0", "-1", "1000001", "4294967295", "4294967296", "4294977296",
                            "18446744073709551615", "18446744073709561616", "1e400", "10000.5",
                            "\"10000\"", "null", "true", "1e7", "-0.0", "1e-1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(reads(put(verifier(wrong))));
  }
  // Syntax allows 1 and 9,999; the cache refuses what is below 10,000.
  for (const char* right : {"1", "9999", "10000", "1000000", "1e4", "10000.0"}) {
    CAPTURE(right);
    CHECK(reads(put(verifier(right))));
  }
}

TEST_CASE_FIXTURE(Users, "a chunk: salts and verifiers") {
  for (const size_t digits : {0, 1, 2, 14, 15, 17, 127, 129, 130, 60000}) {
    CAPTURE(digits);
    CHECK_FALSE(reads(put(verifier("10000", std::string(digits, 'a')))));
  }
  for (const size_t digits : {16, 128})
    CHECK(reads(put(verifier("10000", std::string(digits, 'a')))));
  CHECK_FALSE(reads(put(verifier("10000", "zz" + kSalt))));
  CHECK_FALSE(reads_line(kDerived, kDerived.substr(1)));
  CHECK_FALSE(reads_line(kDerived, kDerived + "b"));
  CHECK_FALSE(reads_line(kDerived, "x" + kDerived.substr(1)));
}

TEST_CASE_FIXTURE(Users, "a chunk: what isn't known") {
  CHECK_FALSE(reads("{\"op\":\"grant\",\"user_uid\":\"u1\"}\n"));
  CHECK_FALSE(reads("{\"op\":\"PUT\",\"user_uid\":\"u1\"}\n"));
  CHECK_FALSE(reads("{\"user_uid\":\"u1\"}\n"));
  // Another kind of credential, or member, is a later version's; it verifies nobody.
  const auto changes = protocol_->read_users_chunk(replaced(
      put(verifier("10000", kSalt, "iris") + "," + verifier()), "\"op\"", "\"later\":[{}],\"op\""));
  REQUIRE(changes.has_value());
  REQUIRE((*changes)[0].verifiers.size() == 1);
  CHECK((*changes)[0].verifiers[0].kind == CredentialKind::card);
}

TEST_CASE_FIXTURE(Users, "a manifest: numbers") {
  CHECK(takes(manifest("5", "0", "true")));
  CHECK(takes(manifest("9223372036854775807", "5", "false")));
  for (const char* wrong : {"-1", "9223372036854775808", "18446744073709551615",
                            "18446744073709551616", "1e19", "5.5", "\"5\"", "null", "1e400"}) {
    CAPTURE(wrong);
    CHECK_FALSE(takes(manifest(wrong, "0", "true")));
    CHECK_FALSE(takes(manifest("9223372036854775807", wrong, "false")));
  }
  CHECK_FALSE(takes(manifest("4", "5", "false")));  // it would go back
  CHECK_FALSE(takes(manifest("5", "4", "true")));
  CHECK_FALSE(takes(manifest("5", "0", "1")));
  CHECK_FALSE(takes(R"({"base_version":0,"full":true,"chunks":[]})"));
  CHECK_FALSE(takes(replaced(manifest("5", "0", "true"), "\"full\"", "\"version\":6,\"full\"")));
}

TEST_CASE_FIXTURE(Users, "a manifest: chunks") {
  CHECK(takes(manifest("5", "0", "true", "")));
  CHECK(takes(manifest("5", "0", "true", chunk("c1", "65536", "4096"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1", "65537"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1", "0"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1", "-1"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1", "4294967396"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1", "100", "0"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1", "100", "4097"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("../users"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1?x"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk("c1\\r\\nX"))));
  CHECK_FALSE(takes(manifest("5", "0", "true", "{},{}")));
  CHECK_FALSE(takes(manifest("5", "0", "true", "[]")));
  // A million users in the shortest way to say so is more chunks than any device takes.
  CHECK(takes(manifest("5", "0", "true", repeated(chunk(), 4096, ","))));
  CHECK_FALSE(takes(manifest("5", "0", "true", repeated(chunk(), 4097, ","))));
}

TEST_CASE_FIXTURE(Users, "a manifest: JSON that isn't, or is too much") {
  CHECK_FALSE(takes(std::string(100000, '[') + std::string(100000, ']')));
  CHECK_FALSE(takes(std::string(100000, '{')));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk(), ",\"x\":" + std::string(100000, '['))));
  CHECK_FALSE(
      takes(manifest("5", "0", "true", chunk(), ",\"x\":\"" + std::string(2 << 20, 'x') + "\"")));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk(), ",\"x\":\"\xff\"")));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk(), ",\"x\":\"\\ud800\"")));
  CHECK_FALSE(takes(manifest("5", "0", "true", chunk(), ",\"x\":\"\\u0000\"")));
  CHECK_FALSE(takes("<html>"));
  CHECK_FALSE(takes(""));
  CHECK_FALSE(takes(manifest("5", "0", "true").substr(0, 60)));
}

TEST_CASE_FIXTURE(Users, "a manifest: what is signed names cluster, device, versions and chunks") {
  const std::string body = manifest("5", "4", "false");
  const std::string text = signed_text(kDevice, "hq", body);
  CHECK(text == "holdfast-users-v1\nhq\nmfp-1\n4\n5\ndelta\nc1 " + kSha + " 100 1\n");
  // An entry that is the same but for one thing is another text: none can stand in for another.
  CHECK(signed_text({"mfp-2", "token"}, "hq", body) != text);
  CHECK(signed_text(kDevice, "branch", body) != text);
  CHECK(signed_text(kDevice, "hq", manifest("6", "4", "false")) != text);
  CHECK(signed_text(kDevice, "hq", manifest("5", "3", "false")) != text);
  CHECK(signed_text(kDevice, "hq", manifest("5", "0", "true")) != text);
  for (const std::string& other : {chunk("c2"), chunk("c1", "101"), chunk("c1", "100", "2"),
                                   chunk() + "," + chunk("c2"), std::string()})
    CHECK(signed_text(kDevice, "hq", manifest("5", "4", "false", other)) != text);
  const std::string names =
      manifest("5", "4", "false", chunk(), R"(,"key_id":"k1","signature":"AAAA")");
  CHECK(signed_text(kDevice, "hq", names) == text);
  for (const char* wrong : {R"(,"key_id":"k1","signature":"!!!!")", R"(,"signature":"AAAA")",
                            R"(,"key_id":"k1","signature":"")", R"(,"key_id":"k1","signature":7)"})
    CHECK_FALSE(takes(manifest("5", "4", "false", chunk(), wrong)));
}

TEST_CASE_FIXTURE(Users, "audit: what the server has taken") {
  CHECK(counts(R"({"stable_through":0})"));
  CHECK(counts(R"({"stable_through":9223372036854775807})"));
  for (const char* wrong :
       {"-1", "9223372036854775808", "18446744073709551616", "1.5", "\"3\"", "null", "[1]"}) {
    CAPTURE(wrong);
    CHECK_FALSE(counts(std::string(R"({"stable_through":)") + wrong + "}"));
  }
  CHECK_FALSE(counts("{}"));
  CHECK_FALSE(counts(""));
  CHECK_FALSE(counts("<html>"));
  CHECK_FALSE(counts(R"({"stable_through":1,"stable_through":2})"));
  CHECK_FALSE(counts(R"({"stable_through":1})" + std::string(100000, ']')));
}

}  // namespace holdfast
