// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace print_server {

// An error the operator can mend: wrong option, unusable folder, bad file. Ends the program with 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

int64_t now_ms();
int64_t now_s();
std::string rfc3339(int64_t unix_s);
bool is_rfc3339_utc(std::string_view text);

bool is_opaque_id(std::string_view text);  // 1..64 of [A-Za-z0-9._:-]
bool is_uuid(std::string_view text);       // lower-case 8-4-4-4-12
bool is_hex(std::string_view text, size_t digits);
bool is_media_type(std::string_view text);  // type/subtype, without parameters
bool is_utf8(std::string_view text);
bool has_control(std::string_view text);

// False when an escape is malformed.
bool percent_decode(std::string_view text, std::string* out);

// What a reader adds to a card number (case, separators) must not decide who the user is.
std::string normalised_card(std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);
std::string trimmed(std::string_view text);

}  // namespace print_server
