// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Lower-case hexadecimal text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

std::string hex_encode(const uint8_t* data, size_t size);

// True when `text` is exactly `digits` lower-case hexadecimal digits.
bool is_lower_hex(std::string_view text, size_t digits);

// Decodes exactly 2 x `size` digits, of either case, into `data`. False, and nothing promised of
// `data`, when `text` is anything else.
bool hex_decode(std::string_view text, uint8_t* data, size_t size);

}  // namespace holdfast
