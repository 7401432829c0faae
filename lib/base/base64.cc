// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

namespace holdfast {
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int digit_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// Decodes one group of four characters of which the last `padding` are '='.
bool decode_group(std::string_view group, size_t padding, std::string& bytes) {
  uint32_t bits = 0;
  for (size_t i = 0; i < 4; ++i) {
    const int value = i < 4 - padding ? digit_value(group[i]) : 0;
    if (value < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(value);
  }
  const uint32_t unused = padding == 0 ? 0 : (1u << (8 * padding)) - 1;
  if ((bits & unused) != 0) return false;
  for (size_t i = 0; i < 3 - padding; ++i) {
    bytes.push_back(static_cast<char>(bits >> (16 - 8 * i) & 0xff));
  }
  return true;
}

}  // namespace

std::string base64_encode(const uint8_t* data, size_t size) {
  std::string text;
  text.reserve((size + 2) / 3 * 4);
  for (size_t i = 0; i < size; i += 3) {
    const size_t count = size - i < 3 ? size - i : 3;
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < count ? data[i + k] : 0u);
    for (size_t k = 0; k < 4; ++k) {
      text.push_back(k <= count ? kDigits[bits >> (18 - 6 * k) & 63] : '=');
    }
  }
  return text;
}

bool base64_decode(std::string_view text, std::string& bytes) {
  bytes.clear();
  if (text.size() % 4 != 0) return false;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const std::string_view group = text.substr(i, 4);
    size_t padding = 0;
    if (i + 4 == text.size() && group[3] == '=') padding = group[2] == '=' ? 2 : 1;
    if (!decode_group(group, padding, bytes)) {
      bytes.clear();
      return false;
    }
  }
  return true;
}

}  // namespace holdfast
