// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// RFC 4648, section 4: the standard alphabet, with padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

std::string base64_encode(const uint8_t* data, size_t size);

// Strict: each value has exactly one accepted text. No white space, no missing padding, no stray
// bits in the last digit. On false `bytes` is empty.
bool base64_decode(std::string_view text, std::string& bytes);

}  // namespace holdfast
