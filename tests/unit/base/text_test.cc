// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "base/text.h"

namespace holdfast {
namespace {

TEST_CASE("ids and names") {
  CHECK(is_id("mfp-3.east:1_b"));
  CHECK(is_name("print-1.example"));
  CHECK_FALSE(is_name("print:1"));
  for (const char* text : {"", "a b", "a/b", "a\nb", "\xc3\xa4", "a%41"}) {
    CHECK_FALSE(is_id(text));
    CHECK_FALSE(is_name(text));
  }
  CHECK(is_id(std::string(64, 'a')));
  CHECK_FALSE(is_id(std::string(65, 'a')));
  CHECK_FALSE(is_id(std::string("a\0b", 3)));
}

TEST_CASE("header values") {
  CHECK(is_visible_ascii("Abc.~!"));
  CHECK(is_visible_ascii(""));
  for (const char* text : {"a b", "a\r\nX: y", "\x7f", "\xc3\xa4", "\t"})
    CHECK_FALSE(is_visible_ascii(text));
}

TEST_CASE("UTF-8: well-formed only") {
  for (const char* text : {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x96\xa8",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    CHECK(is_utf8(text));
  }
  for (const char* text :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xff", "\xe2\x82", "\xe2\x28\xa1", "\xf0\x9f\x96"}) {
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("cutting keeps characters whole") {
  CHECK(utf8_prefix("\xc3\xa4\xc3\xb6", 4) == "\xc3\xa4\xc3\xb6");
  CHECK(utf8_prefix("\xc3\xa4\xc3\xb6", 3) == "\xc3\xa4");
  CHECK(utf8_prefix("\xc3\xa4\xc3\xb6", 1).empty());
  CHECK(printable("ab\xf0\x9f\x96\xa8", 5) == "ab");
}

TEST_CASE("printable text can't break a line or a terminal") {
  CHECK(printable("a\r\nb\x1b[31m\x7f", 100) == "a  b [31m ");
  CHECK(printable("a\xc2\x85"
                  "b\xe2\x80\xa8"
                  "c\xe2\x80\xa9",
                  100) == "a b c ");
  CHECK(printable("a\xff\xc3", 100) == "a??");
  CHECK(printable("\xc3\xa4\xc2\xa0", 100) == "\xc3\xa4\xc2\xa0");
  CHECK(printable(std::string("a\0b", 3), 100) == "a b");
}

TEST_CASE("percent-encoding: nothing but unreserved characters passes") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a/b?c#d%e") == "a%2Fb%3Fc%23d%25e");
  CHECK(percent_encode("\xc3\xa4\r\n") == "%C3%A4%0D%0A");
  CHECK(percent_encode("a:b/", ":") == "a:b%2F");
}

TEST_CASE("decimal numbers: strict, and never beyond the limit") {
  uint64_t value = 7;
  CHECK((parse_decimal("0", 10, value) && value == 0));
  CHECK((parse_decimal("65535", 65535, value) && value == 65535));
  CHECK_FALSE(parse_decimal("65536", 65535, value));
  CHECK((parse_decimal("18446744073709551615", UINT64_MAX, value) && value == UINT64_MAX));
  CHECK_FALSE(parse_decimal("18446744073709551616", UINT64_MAX, value));
  CHECK_FALSE(parse_decimal("99999999999999999999999", UINT64_MAX, value));
  CHECK_FALSE(parse_decimal("9", 5, value));
  for (const char* text : {"", "00", "01", "+1", "-1", " 1", "1 ", "1e3", "0x1"}) {
    CHECK_FALSE(parse_decimal(text, 1000, value));
  }
}

}  // namespace
}  // namespace holdfast
