// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Strict reading of JSON objects: every member must be asked for, everything wrong is noted with
// its place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "holdfast/time.h"

namespace holdfast::cases {

using Errors = std::vector<std::string>;

class ObjectReader {
 public:
  ObjectReader(codec::JsonValue object, Errors* errors);
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;
  // Complains of members that nobody asked for.
  ~ObjectReader();

  bool has(const char* name);
  codec::JsonValue take(const char* name);

  std::optional<std::string> text(const char* name);
  std::optional<std::string> word(const char* name, const std::vector<std::string>& allowed);
  std::optional<bool> flag(const char* name);
  std::optional<int64_t> number(const char* name, int64_t min, int64_t max);
  // "<name>_ms" or "<name>_s".
  std::optional<Duration> time(const std::string& name);
  // Two of those: "<name>_ms": [1, 2].
  std::optional<std::pair<Duration, Duration>> times(const std::string& name);
  // [least, most], or one number for both.
  std::optional<std::pair<int64_t, int64_t>> range(const char* name);

  void complain(std::string_view what);
  void complain(codec::JsonValue value, std::string_view allowed);
  std::string where() const { return object_.pointer(); }

 private:
  codec::JsonValue object_;
  Errors* errors_;
  std::vector<std::string> known_;
};

std::string joined(const std::vector<std::string>& words);

}  // namespace holdfast::cases
