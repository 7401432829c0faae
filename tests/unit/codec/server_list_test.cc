// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/base64.h"
#include "codec/server_list.h"
#include "codec/time_text.h"
#include "unit/codec/protocol_fixture.h"

namespace holdfast {
namespace {

TEST_CASE_FIXTURE(ProtocolFixture, "signed server lists") {
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
  for (const Change& change : std::vector<Change>{
           {":4", ":0"},
           {":4", ":18446744073709551615"},
           {"\"*\"", "\"**\""},
           {"2026-04-01", "2026-04-31"},
           {"\"extra\"", "\"none\""},
           {"https://extra", "https://u:p@extra"},
           {"https://extra", "file://extra"},
           {"}]", "},{\"name\":\"extra\",\"url\":\"https://h\",\"cluster_id\":\"a\"}]"}}) {
    CAPTURE(change.to);
    CHECK_FALSE(codec::parse_server_list(replaced(inner, change.from, change.to)));
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
