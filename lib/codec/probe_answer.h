// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What an http probe asks of the body: ProbeConfig::json_pointer and json_value.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::codec {

// True when `body` is JSON in which the value at `pointer` (RFC 6901) equals the JSON text
// `expected`. Members may stand in any order; numbers that aren't whole are compared as they are
// written.
bool probe_body_matches(const std::string& body, std::string_view pointer,
                        const std::string& expected);

}  // namespace holdfast::codec
