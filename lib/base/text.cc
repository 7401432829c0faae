// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

namespace holdfast {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool consists_of(std::string_view text, std::string_view marks) {
  if (text.empty() || text.size() > kMaxIdBytes) return false;
  for (const char c : text) {
    if (!is_alphanumeric(c) && marks.find(c) == std::string_view::npos) return false;
  }
  return true;
}

uint8_t byte_at(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

bool is_control(std::string_view character) {
  const uint8_t first = byte_at(character, 0);
  if (first < 0x20 || first == 0x7f) return true;
  if (first == 0xc2) return byte_at(character, 1) < 0xa0;
  return character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9";
}

}  // namespace

bool is_id(std::string_view text) { return consists_of(text, "._:-"); }

bool is_name(std::string_view text) { return consists_of(text, "._-"); }

bool is_visible_ascii(std::string_view text) {
  for (const char c : text) {
    if (c < 0x21 || c > 0x7e) return false;
  }
  return true;
}

size_t utf8_length(std::string_view text, size_t at) {
  const uint8_t first = byte_at(text, at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() - at < length) return 0;
  const uint8_t second = byte_at(text, at + 1);
  const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((byte_at(text, at + i) & 0xc0) != 0x80) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (byte_at(text, end) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string printable(std::string_view text, size_t max_bytes) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t length = utf8_length(text, i);
    std::string_view character = text.substr(i, length == 0 ? 1 : length);
    i += character.size();
    if (length == 0) {
      character = "?";
    } else if (is_control(character)) {
      character = " ";
    }
    if (out.size() + character.size() > max_bytes) break;
    out += character;
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
        keep.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

bool parse_decimal(std::string_view text, uint64_t max, uint64_t& value) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  uint64_t sum = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (digit > max || sum > (max - digit) / 10) return false;
    sum = sum * 10 + digit;
  }
  value = sum;
  return true;
}

}  // namespace holdfast
