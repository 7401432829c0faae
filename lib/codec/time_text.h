// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// RFC 3339 in UTC, as the device protocol writes times: "2026-03-01T08:00:00.250Z".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::codec {

std::string format_time(int64_t unix_ms);

// Years 1970..9999, "T" and "Z" in capitals, any fraction (cut to milliseconds), a leap second as
// the second before it.
bool parse_time(std::string_view text, int64_t& unix_ms);

}  // namespace holdfast::codec
