// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "codec/json_writer.h"
#include "codec/probe_answer.h"

namespace holdfast::codec {
namespace {

JsonFault fault_of(const std::string& text) { return JsonDocument::parse(text).fault(); }

// The unsigned number that `text` is, or "no".
std::string unsigned_in(const std::string& text, uint64_t max = UINT64_MAX) {
  const JsonDocument document = JsonDocument::parse(text);
  uint64_t value = 0;
  return document.root().get_unsigned(max, value) ? std::to_string(value) : "no";
}

std::string signed_in(const std::string& text, int64_t min = INT64_MIN, int64_t max = INT64_MAX) {
  const JsonDocument document = JsonDocument::parse(text);
  int64_t value = 0;
  return document.root().get_signed(min, max, value) ? std::to_string(value) : "no";
}

TEST_CASE("a document is walked by name, by order and by pointer") {
  const JsonDocument document =
      JsonDocument::parse(R"({"a":[1,{"b/c":"x"},null],"d":true,"e":{}})");
  REQUIRE(document.ok());
  const JsonValue root = document.root();
  CHECK(root.type() == JsonType::object);
  CHECK(root.size() == 3);
  const JsonValue list = root.find("a");
  CHECK(list.size() == 3);
  const JsonValue inner = list.first().next().find("b/c");
  std::string_view text;
  CHECK(inner.get(text));
  CHECK(text == "x");
  CHECK(inner.pointer() == "/a/1/b~1c");
  CHECK(list.first().next().next().type() == JsonType::null);
  CHECK_FALSE(list.first().next().next().next().present());
  bool flag = false;
  CHECK((root.find("d").get(flag) && flag));
  CHECK(root.find("e").size() == 0);
  CHECK_FALSE(root.find("e").first().present());
  CHECK(root.find("f").type() == JsonType::absent);
}

TEST_CASE("a question of the wrong type, or of nothing, is answered no") {
  const JsonDocument document = JsonDocument::parse(R"({"n":1,"s":"x"})");
  std::string_view text = "kept";
  bool flag = true;
  uint64_t number = 7;
  CHECK_FALSE(document.root().find("n").get(text));
  CHECK_FALSE(document.root().find("n").get(flag));
  CHECK_FALSE(document.root().find("s").get_unsigned(9, number));
  CHECK_FALSE(JsonValue().get(text));
  CHECK_FALSE(JsonValue().find("a").next().first().present());
  CHECK(text == "kept");
  CHECK(number == 7);
}

TEST_CASE("what isn't JSON") {
  for (const char* text : {"",           " ",
                           "{",          "[1,]",
                           "{\"a\":1,}", "{a:1}",
                           "'x'",        "nul",
                           "01",         "+1",
                           "1.",         ".5",
                           "0x10",       "NaN",
                           "Infinity",   "1e999",
                           "[1] [2]",    "{} x",
                           "\"a\nb\"",   "\"\\x\"",
                           "/**/1",      "<!DOCTYPE html><html><body>Sign in</body></html>"}) {
    CAPTURE(text);
    CHECK(fault_of(text) == JsonFault::syntax);
    CHECK_FALSE(JsonDocument::parse(text).root().present());
  }
}

TEST_CASE("bad UTF-8, lone surrogates and NUL") {
  for (const char* text :
       {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"",
        "{\"\xff\":1}", R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud83d x")"}) {
    CAPTURE(text);
    CHECK(fault_of(text) == JsonFault::syntax);
  }
  CHECK(fault_of(R"("\ud83d\ude00")") == JsonFault::none);
  CHECK(fault_of(R"("a\u0000b")") == JsonFault::nul);
  CHECK(fault_of(R"({"a\u0000b":1})") == JsonFault::nul);
  CHECK(fault_of(std::string("\"a\0b\"", 5)) == JsonFault::nul);
  CHECK(fault_of(std::string("1\0", 2)) == JsonFault::nul);
  CHECK(fault_of(std::string("{}\0{}", 5)) == JsonFault::nul);
}

TEST_CASE("depth: 32 levels pass, one more and 100,000 don't") {
  for (const char* brackets : {"[]", "{}"}) {
    const std::string open = brackets[0] == '[' ? "[" : "{\"a\":";
    const auto nested = [&](size_t levels) {
      std::string text;
      for (size_t i = 1; i < levels; ++i) text += open;
      text += brackets;
      return text + std::string(levels - 1, brackets[1]);
    };
    CHECK(fault_of(nested(32)) == JsonFault::none);
    CHECK(fault_of(nested(33)) == JsonFault::too_deep);
    CHECK(fault_of(nested(100000)) == JsonFault::too_deep);
  }
  CHECK(fault_of(std::string(100000, '[')) == JsonFault::too_deep);
}

TEST_CASE("bytes, values and members are bounded") {
  JsonLimits limits;
  limits.max_bytes = 10;
  CHECK(JsonDocument::parse("[1,2,3,45]", limits).ok());
  CHECK(JsonDocument::parse("[1,2,3,456]", limits).fault() == JsonFault::too_large);
  CHECK(JsonDocument::parse(std::string((1 << 20) + 1, ' ')).fault() == JsonFault::too_large);

  limits = {};
  limits.max_values = 4;
  CHECK(JsonDocument::parse("[1,2,3]", limits).ok());
  CHECK(JsonDocument::parse("[1,2,3,4]", limits).fault() == JsonFault::too_many);

  std::string object = "{";
  for (int i = 0; i < 128; ++i) object += "\"m" + std::to_string(i) + "\":0,";
  object.back() = '}';
  CHECK(fault_of(object) == JsonFault::none);
  object.back() = ',';
  CHECK(fault_of(object + "\"one more\":0}") == JsonFault::too_many);
}

TEST_CASE("doubled members are found at any depth, however they are spelt") {
  const JsonDocument document =
      JsonDocument::parse(R"({"a":1,"b":[{"c":1,"d":2,"c":3}],"\u0061":2,"a":{"x":1,"x":1}})");
  CHECK(document.fault() == JsonFault::none);
  CHECK_FALSE(document.ok());
  const std::vector<std::string> expected = {"/b/0/c", "/a", "/a", "/a/x"};
  CHECK(document.doubled() == expected);
  CHECK(JsonDocument::parse(R"([{"a":1},{"a":1}])").ok());

  std::string many = "{\"a\":0";
  for (int i = 0; i < 100; ++i) many += ",\"a\":0";
  CHECK(JsonDocument::parse(many + "}").doubled().size() == 16);
}

TEST_CASE("unsigned numbers: whole, in range, never wrapped") {
  CHECK(unsigned_in("0") == "0");
  CHECK(unsigned_in("-0") == "0");
  CHECK(unsigned_in("18446744073709551615") == "18446744073709551615");
  CHECK(unsigned_in("18446744073709551616") == "no");
  CHECK(unsigned_in("36893488147419103232") == "no");
  CHECK(unsigned_in("9223372036854775808", INT64_MAX) == "no");
  CHECK(unsigned_in("-1") == "no");
  CHECK(unsigned_in("10.0") == "10");
  CHECK(unsigned_in("1e1") == "10");
  CHECK(unsigned_in("10.5") == "no");
  CHECK(unsigned_in("1e30") == "no");
  CHECK(unsigned_in("1e-300") == "no");
  CHECK(unsigned_in("11", 10) == "no");
  CHECK(unsigned_in("1e1", 9) == "no");
  CHECK(unsigned_in("\"1\"") == "no");
  CHECK(unsigned_in("true") == "no");
}

TEST_CASE("signed numbers") {
  CHECK(signed_in("-840") == "-840");
  CHECK(signed_in("-8.4e2") == "-840");
  CHECK(signed_in("-841", -840, 840) == "no");
  CHECK(signed_in("841", -840, 840) == "no");
  CHECK(signed_in("9223372036854775807") == "9223372036854775807");
  CHECK(signed_in("9223372036854775808") == "no");
  CHECK(signed_in("-9223372036854775809") == "no");
  CHECK(signed_in("-0.5") == "no");
}

TEST_CASE("writing: always JSON, whatever comes in") {
  JsonWriter writer;
  writer.open_object().member("a", "q\" b\\ n\n t\t e\x1b d\x7f \xc3\xa4 \xff");
  writer.member("n", uint64_t{18446744073709551615u}).member("f", false);
  writer.name("l").open_array().number(1).signed_number(-2).open_object().close_object();
  writer.close_array().close_object();
  const std::string text = writer.take();
  CHECK(text == R"({"a":"q\" b\\ n\u000a t\u0009 e\u001b d\u007f )"
                "\xc3\xa4 \xef\xbf\xbd"
                R"(","n":18446744073709551615,"f":false,"l":[1,-2,{}]})");
  CHECK(is_utf8(text));
  CHECK(JsonDocument::parse(text).ok());
}

TEST_CASE("writing and reading give back each character") {
  std::string all;
  for (int c = 1; c < 128; ++c) all.push_back(static_cast<char>(c));
  JsonWriter writer;
  const std::string text = writer.string(all).take();
  CHECK(text.size() <= JsonWriter::longest(all));
  const JsonDocument document = JsonDocument::parse(text);
  std::string_view back;
  CHECK(document.root().get(back));
  CHECK(back == all);
}

TEST_CASE("pointers") {
  for (const char* text : {"", "/", "/a", "/a~0b~1c", "/\xc3\xa4"}) CHECK(is_json_pointer(text));
  for (const char* text : {"a", "/~", "/~2", "/a~", "/\xff"}) CHECK_FALSE(is_json_pointer(text));
}

TEST_CASE("an http probe's JSON value") {
  const std::string body = R"({"status":"up","parts":[{"ok":true},{"a/b":1.0}],"n":null})";
  CHECK(probe_body_matches(body, "/status", "\"up\""));
  CHECK_FALSE(probe_body_matches(body, "/status", "\"down\""));
  CHECK_FALSE(probe_body_matches(body, "/status", "up"));
  CHECK(probe_body_matches(body, "/parts/0/ok", "true"));
  CHECK(probe_body_matches(body, "/parts/1/a~1b", "1"));
  CHECK(probe_body_matches(body, "/n", " null "));
  CHECK(probe_body_matches(body, "/parts", R"([{"ok":true},{"a/b":1}])"));
  CHECK(probe_body_matches(R"({"a":1,"b":2})", "", R"({"b":2,"a":1})"));
  CHECK_FALSE(probe_body_matches(R"({"a":1,"b":2})", "", R"({"a":1})"));
  CHECK_FALSE(probe_body_matches(body, "/parts/2", "null"));
  CHECK_FALSE(probe_body_matches(body, "/parts/01/a~1b", "1"));
  CHECK_FALSE(probe_body_matches(body, "/missing", "null"));
  CHECK_FALSE(probe_body_matches(body, "/status/deeper", "null"));
  CHECK_FALSE(probe_body_matches("<html>up</html>", "/status", "\"up\""));
  CHECK_FALSE(probe_body_matches(R"({"a":1,"a":1})", "/a", "1"));
}

}  // namespace
}  // namespace holdfast::codec
