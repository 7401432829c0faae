// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// UUIDs as RFC 9562 text: 8-4-4-4-12 lower-case hexadecimal digits.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

using UuidBytes = std::array<uint8_t, 16>;

bool is_uuid(std::string_view text);

bool uuid_parse(std::string_view text, UuidBytes& bytes);
std::string uuid_format(const UuidBytes& bytes);

// A version 4 UUID from 16 random bytes.
std::string uuid_from_random(UuidBytes bytes);

}  // namespace holdfast
