// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "codec/ipp/ipp.h"

using namespace holdfast;
using namespace holdfast::codec::ipp;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (int value : values) out.push_back(static_cast<char>(value));
  return out;
}

// version 2.0, status, request id 7
std::string head(int status = 0) { return bytes({2, 0, status >> 8, status & 0xff, 0, 0, 0, 7}); }

std::string field(int tag, const std::string& name, const std::string& value) {
  const int n = static_cast<int>(name.size());
  const int v = static_cast<int>(value.size());
  return bytes({tag, n >> 8, n & 0xff}) + name + bytes({v >> 8, v & 0xff}) + value;
}

std::vector<std::pair<std::string, std::string>> read_all(const std::string& message, bool& whole) {
  std::vector<std::pair<std::string, std::string>> out;
  Reader reader(message);
  Value value;
  while (reader.next(value)) out.emplace_back(std::string(value.name), std::string(value.text()));
  whole = !reader.failed();
  return out;
}

}  // namespace

TEST_CASE("a request is written as RFC 8010 says, byte for byte") {
  Caller caller;
  caller.printer_uri = "ipp://p/ipp";
  caller.request_id = 0x01020304;
  const std::string expected =
      bytes({2, 0, 0, 8, 1, 2, 3, 4, 1}) + field(0x47, "attributes-charset", "utf-8") +
      field(0x48, "attributes-natural-language", "en") + field(0x45, "printer-uri", "ipp://p/ipp") +
      field(0x21, "job-id", bytes({0, 0, 1, 2})) + bytes({3});
  CHECK(cancel_job(caller, 258) == expected);
}

TEST_CASE("further values have no name, and are read with the name of the first") {
  Caller caller;
  caller.printer_uri = "ipp://p/ipp";
  const std::string message = get_printer_attributes(caller, {"printer-uuid", "printer-up-time"});
  bool whole = false;
  const auto values = read_all(message, whole);
  CHECK(whole);
  REQUIRE(values.size() == 5);
  CHECK(values[3] ==
        std::make_pair(std::string("requested-attributes"), std::string("printer-uuid")));
  CHECK(values[4].first == "requested-attributes");
  CHECK(values[4].second == "printer-up-time");
}

TEST_CASE("the document follows the attributes of Send-Document") {
  Caller caller;
  caller.printer_uri = "ipp://p/ipp";
  const std::string message = send_document(caller, 1, "application/pdf") + "%PDF-1.4";
  Reader reader(message);
  Value value;
  bool last = false;
  while (reader.next(value)) {
    if (value.is("last-document")) last = value.boolean(false);
  }
  CHECK(last);
  CHECK_FALSE(reader.failed());
  CHECK(reader.rest() == "%PDF-1.4");
}

TEST_CASE("what is too long for IPP is cut between characters") {
  Caller caller;
  caller.printer_uri = "ipp://p/ipp";
  std::string name(254, 'a');
  name += "\xc3\xa4";  // would end at byte 256
  const std::string message = create_job(caller, name);
  Reader reader(message);
  Value value;
  while (reader.next(value)) {
    if (value.is("job-name")) CHECK(value.text() == std::string(254, 'a'));
  }
  CHECK_FALSE(reader.failed());
}

TEST_CASE("texts with a language give their text; other kinds give none") {
  const std::string with_language = bytes({0, 2}) + "de" + bytes({0, 3}) + "abc";
  bool whole = false;
  auto values =
      read_all(head() + bytes({2}) + field(0x36, "job-name", with_language) + bytes({3}), whole);
  CHECK(whole);
  REQUIRE(values.size() == 1);
  CHECK(values[0].second == "abc");

  for (const std::string& broken :
       {bytes({0, 9}) + "de", bytes({0, 2}) + "de" + bytes({0, 9}) + "abc", bytes({0})}) {
    values = read_all(head() + bytes({2}) + field(0x36, "job-name", broken) + bytes({3}), whole);
    REQUIRE(values.size() == 1);
    CHECK(values[0].second.empty());
  }
}

TEST_CASE("numbers of a wrong length are not read") {
  const std::string message = head() + bytes({2}) + field(0x21, "a", bytes({0, 0, 1})) +
                              field(0x21, "b", bytes({0xff, 0xff, 0xff, 0xfe})) +
                              field(0x22, "c", "") + field(0x41, "d", bytes({0, 0, 0, 1})) +
                              bytes({3});
  Reader reader(message);
  Value value;
  REQUIRE(reader.next(value));
  CHECK(value.number(-7) == -7);
  REQUIRE(reader.next(value));
  CHECK(value.number(0) == -2);
  REQUIRE(reader.next(value));
  CHECK(value.boolean(true));
  REQUIRE(reader.next(value));
  CHECK(value.number(5) == 5);
}

TEST_CASE("collections are stepped over, to a depth") {
  auto nested = [](int depth) {
    std::string open = field(0x34, "media-col", "");
    std::string close;
    for (int i = 1; i < depth; ++i) {
      open += field(0x4a, "", "x") + field(0x34, "", "");
      close += field(0x37, "", "");
    }
    return head() + bytes({4}) + open + field(0x4a, "", "y") +
           field(0x21, "", bytes({0, 0, 0, 1})) + close + field(0x37, "", "") +
           field(0x44, "after", "seen") + bytes({3});
  };
  bool whole = false;
  for (int depth : {1, 2, 8}) {
    const auto values = read_all(nested(depth), whole);
    CHECK(whole);
    REQUIRE(values.size() == 1);
    CHECK(values[0].second == "seen");
  }
  CHECK_FALSE(is_whole(nested(9)));
}

TEST_CASE("malformed messages are refused") {
  const std::string value = field(0x44, "name", "value");
  CHECK(is_whole(head() + bytes({1}) + value + bytes({3})));
  CHECK_FALSE(is_whole(""));
  CHECK_FALSE(is_whole(head()));                                    // no end
  CHECK_FALSE(is_whole(head() + bytes({1}) + value));               // no end
  CHECK_FALSE(is_whole(head() + value + bytes({3})));               // no group
  CHECK_FALSE(is_whole(head() + bytes({0}) + value + bytes({3})));  // reserved delimiter
  CHECK_FALSE(is_whole(head() + bytes({1}) + field(0x44, "", "v") + bytes({3})));  // no name
  CHECK_FALSE(is_whole(head() + bytes({1}) + field(0x37, "n", "") + bytes({3})));  // end of nothing
  CHECK_FALSE(is_whole(head() + bytes({1, 0x44, 0x80, 0}) + bytes({3})));  // negative length
  CHECK_FALSE(is_whole(head() + bytes({1, 0x44, 0x7f, 0xff, 'a'})));       // length past the end
  CHECK_FALSE(is_whole(bytes({3, 0, 0, 0, 0, 0, 0, 7, 3})));               // version
  CHECK_FALSE(is_whole("<html><body>Welcome to our hotel's network</body></html>"));
}

TEST_CASE("a length is a signed number: 32768 bytes are too many even when they are there") {
  auto message = [](size_t size) {
    const int high = static_cast<int>(size >> 8);
    const int low = static_cast<int>(size & 0xff);
    return head() + bytes({1, 0x41, 0, 1, 'a', high, low}) + std::string(size, 'x') + bytes({3});
  };
  CHECK(is_whole(message(0x7fff)));
  CHECK_FALSE(is_whole(message(0x8000)));
}

TEST_CASE("numbers of groups and values are limited") {
  std::string groups = head();
  for (size_t i = 0; i < kMaxGroups; ++i) groups += bytes({2});
  CHECK(is_whole(groups + bytes({3})));
  CHECK_FALSE(is_whole(groups + bytes({2, 3})));

  std::string values = head() + bytes({2}) + field(0x21, "a", bytes({0, 0, 0, 1}));
  for (size_t i = 1; i < kMaxValues; ++i) values += field(0x21, "", bytes({0, 0, 0, 1}));
  CHECK(is_whole(values + bytes({3})));
  CHECK_FALSE(is_whole(values + field(0x21, "", bytes({0, 0, 0, 1})) + bytes({3})));
}

TEST_CASE("every truncation of an answer is noticed, no change of a byte goes out of bounds") {
  const std::string good = head() + bytes({1}) + field(0x47, "attributes-charset", "utf-8") +
                           bytes({4}) + field(0x34, "media-col", "") + field(0x4a, "", "x") +
                           field(0x21, "", bytes({0, 0, 0, 1})) + field(0x37, "", "") +
                           field(0x36, "n", bytes({0, 2}) + "en" + bytes({0, 1}) + "a") +
                           bytes({3});
  REQUIRE(is_whole(good));
  for (size_t size = 0; size < good.size(); ++size) {
    // A heap copy of the very size, so that a sanitizer sees a read past its end.
    const std::vector<char> cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(is_whole({cut.data(), cut.size()}));
  }
  uint64_t seed = 12345;
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> changed(good.begin(), good.end());
    for (int i = 0; i < 1 + round % 4; ++i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      changed[(seed >> 33) % changed.size()] = static_cast<char>(seed >> 24);
    }
    Reader reader({changed.data(), changed.size()});
    Value value;
    size_t steps = 0;
    while (reader.next(value)) {
      const char* end = value.bytes.data() + value.bytes.size();
      REQUIRE(end <= changed.data() + changed.size());
      (void)value.text();
      ++steps;
    }
    REQUIRE(steps <= changed.size());
  }
}

TEST_CASE("the probe is a question that a printer answers, and its answer is judged") {
  const std::string request = codec::ipp_probe_request("ipp://p/ipp/print");
  Reader reader(request);
  CHECK(reader.code() == 0x000b);
  CHECK(is_whole(request));
  CHECK(codec::ipp_answer_ok(head() + bytes({1, 3})));
  CHECK(codec::ipp_answer_ok(head(1) + bytes({1, 3})));  // ok, ignored attributes
  CHECK_FALSE(codec::ipp_answer_ok(head(0x0406) + bytes({1, 3})));
  CHECK_FALSE(codec::ipp_answer_ok(head() + bytes({1})));
  CHECK_FALSE(codec::ipp_answer_ok(""));
}
