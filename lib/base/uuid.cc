// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include "base/hex.h"

namespace holdfast {
namespace {

constexpr size_t kTextBytes = 36;

constexpr bool is_dash_place(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != kTextBytes) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool good = is_dash_place(i) ? text[i] == '-' : is_lower_hex(text.substr(i, 1), 1);
    if (!good) return false;
  }
  return true;
}

bool uuid_parse(std::string_view text, UuidBytes& bytes) {
  if (!is_uuid(text)) return false;
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits.push_back(c);
  }
  return hex_decode(digits, bytes.data(), bytes.size());
}

std::string uuid_format(const UuidBytes& bytes) {
  std::string text;
  text.reserve(kTextBytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (is_dash_place(text.size())) text.push_back('-');
    text += hex_encode(&bytes[i], 1);
  }
  return text;
}

std::string uuid_from_random(UuidBytes bytes) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return uuid_format(bytes);
}

}  // namespace holdfast
