// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include "base/hex.h"

namespace holdfast {

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (const size_t dash : {8, 13, 18, 23}) {
    if (text[dash] != '-') return false;
  }
  return is_lower_hex(text.substr(0, 8), 8) && is_lower_hex(text.substr(9, 4), 4) &&
         is_lower_hex(text.substr(14, 4), 4) && is_lower_hex(text.substr(19, 4), 4) &&
         is_lower_hex(text.substr(24), 12);
}

std::string uuid_from_random(std::array<uint8_t, 16> bytes) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text = hex_encode(bytes.data(), bytes.size());
  for (const size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace holdfast
