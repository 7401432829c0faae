// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "case.h"
#include "reader.h"

namespace holdfast::cases {

// parse_config.cc
bool read_config(codec::JsonValue value, Config* config, Errors* errors);

// parse_steps.cc. `servers`: the names that may be used.
using Names = std::vector<std::string>;
Manner read_manner(ObjectReader* reader, const char* name);
ServerChange read_server_change(ObjectReader* reader);
CacheChange read_cache(codec::JsonValue value, Errors* errors);
ClockChange read_clock(codec::JsonValue value, Errors* errors);
void read_step(codec::JsonValue value, const Names& servers, Case* into, Errors* errors);

// parse_expect.cc
Expectation read_expectation(codec::JsonValue value, const Names& servers, Errors* errors);
Window read_window(ObjectReader* reader);
Match read_match(codec::JsonValue value, const Names& servers, Errors* errors);
Count read_count(codec::JsonValue value, const Names& servers, Errors* errors);
End read_end(codec::JsonValue value, const Names& servers, Errors* errors);

}  // namespace holdfast::cases
