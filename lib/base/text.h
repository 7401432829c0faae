// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Questions about text that comes from outside, and the ways to make it harmless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

constexpr size_t kMaxIdBytes = 64;

// 1..64 of [A-Za-z0-9._:-]: device, cluster, user and lease ids. Safe in headers, paths' segments
// and logs.
bool is_id(std::string_view text);
// 1..64 of [A-Za-z0-9._-]: the names of servers.
bool is_name(std::string_view text);
// Printable ASCII without space: what may stand in a header's value as it is.
bool is_visible_ascii(std::string_view text);
// Well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(std::string_view text);
// The length of the well-formed character that begins at `at` (Unicode, table 3-7); 0 when there is
// none.
size_t utf8_length(std::string_view text, size_t at);

// The first bytes of `text`, at most `max_bytes`, cut between characters. `text` must be UTF-8.
std::string_view utf8_prefix(std::string_view text, size_t max_bytes);

// For panels and logs: control characters (C0, DEL, C1) and the line separators U+2028 and U+2029
// become spaces, bytes that aren't UTF-8 become '?', and what is over `max_bytes` is left off.
std::string printable(std::string_view text, size_t max_bytes);

// RFC 3986: everything but unreserved characters and those of `keep` becomes %XX.
std::string percent_encode(std::string_view text, std::string_view keep = {});

// Decimal digits only, no sign, no leading zeros but "0" itself, not above `max`.
bool parse_decimal(std::string_view text, uint64_t max, uint64_t& value);

}  // namespace holdfast
