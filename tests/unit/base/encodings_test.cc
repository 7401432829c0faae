// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "base/base64.h"
#include "base/hex.h"
#include "base/uuid.h"

namespace holdfast {
namespace {

const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string decoded(const std::string& text) {
  std::string bytes;
  return base64_decode(text, bytes) ? bytes : "(refused)";
}

TEST_CASE("hex: both ways, and only exact lengths") {
  const std::array<uint8_t, 4> data = {0x00, 0x7f, 0x80, 0xff};
  CHECK(hex_encode(data.data(), data.size()) == "007f80ff");
  CHECK(hex_encode(nullptr, 0).empty());

  std::array<uint8_t, 4> back = {};
  CHECK(hex_decode("007f80ff", back.data(), back.size()));
  CHECK(back == data);
  CHECK(hex_decode("007F80FF", back.data(), back.size()));
  CHECK_FALSE(hex_decode("007f80f", back.data(), back.size()));
  CHECK_FALSE(hex_decode("007f80ff0", back.data(), back.size()));
  CHECK_FALSE(hex_decode("007f80fg", back.data(), back.size()));

  CHECK(is_lower_hex("0af", 3));
  CHECK_FALSE(is_lower_hex("0aF", 3));
  CHECK_FALSE(is_lower_hex("0a", 3));
  CHECK_FALSE(is_lower_hex("0a ", 3));
}

TEST_CASE("base64: the test vectors of RFC 4648, section 10") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(base64_encode(bytes_of(plain), std::string(plain).size()) == encoded);
    CHECK(decoded(encoded) == plain);
  }
}

TEST_CASE("base64: every byte survives") {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (size_t size = 250; size <= 256; ++size) {
    const std::string part = all.substr(0, size);
    CHECK(decoded(base64_encode(bytes_of(part), size)) == part);
  }
}

TEST_CASE("base64: a second spelling of the same bytes is refused") {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "=Zg=", "Z===", "====",
                           "Zm9v\n", " Zm9v", "Zm9-", "Zm9_", "Zm 9", "Zg=\x3d="}) {
    CAPTURE(text);
    CHECK(decoded(text) == "(refused)");
  }
  CHECK(decoded(std::string("Zm9\0", 4)) == "(refused)");
  std::string bytes = "left over";
  CHECK_FALSE(base64_decode("Zm9vZh==", bytes));
  CHECK(bytes.empty());
}

TEST_CASE("uuid: text form and version 4 bits") {
  CHECK(is_uuid("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
  CHECK_FALSE(is_uuid("F47AC10B-58CC-4372-A567-0E02B2C3D479"));
  CHECK_FALSE(is_uuid("f47ac10b58cc4372a5670e02b2c3d479"));
  CHECK_FALSE(is_uuid("f47ac10b-58cc-4372-a567-0e02b2c3d47"));
  CHECK_FALSE(is_uuid("f47ac10b-58cc-4372-a567-0e02b2c3d4790"));
  CHECK_FALSE(is_uuid("f47ac10b-58cc-4372-a5670-e02b2c3d479"));
  CHECK_FALSE(is_uuid("../../../../etc/passwd-a567-0e02b2c3"));
  CHECK_FALSE(is_uuid(""));

  UuidBytes bytes = {};
  CHECK(uuid_parse("f47ac10b-58cc-4372-a567-0e02b2c3d479", bytes));
  CHECK(bytes[0] == 0xf4);
  CHECK(bytes[15] == 0x79);
  CHECK(uuid_format(bytes) == "f47ac10b-58cc-4372-a567-0e02b2c3d479");
  CHECK_FALSE(uuid_parse("f47ac10b-58cc-4372-a567-0e02b2c3d47", bytes));

  UuidBytes ones;
  ones.fill(0xff);
  CHECK(uuid_from_random(ones) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
  CHECK(uuid_from_random({}) == "00000000-0000-4000-8000-000000000000");
}

}  // namespace
}  // namespace holdfast
