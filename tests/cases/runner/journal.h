// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the core did, in order: for expectations, for traces and for the rules that hold always.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "case.h"

namespace holdfast::cases {

struct Record {
  Instant at{};
  core::Action action;
  std::string request;  // its name in the case
  std::string server, from, to;
};

// The value of a field as words; empty when the action has none.
std::string field(const Record& record, const std::string& name);
std::string describe(const Record& record);
// "12.345 s", since the case began.
std::string shown(Instant at);
std::string shown(const Window& window);

struct RequestLife {
  std::string id;
  Instant began{}, deadline{};
  Instant ended = Instant::never();
  std::string end;  // empty: not yet
  std::string by;   // server name or "nobody"
  std::string dropped_by_restart;
};

struct Difference {
  std::string what;  // empty: none
  std::string expected, got;
  Instant at = Instant::never();
  std::string where;
  bool found() const { return !what.empty(); }
};

struct Journal {
  std::vector<Record> records;
  std::vector<RequestLife> requests;
};

// check.cc
bool matches(const Match& match, const Record& record);
Difference check_actions(const Case& c, const Journal& journal);

}  // namespace holdfast::cases
