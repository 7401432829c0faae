// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "problem.h"
#include "text.h"

namespace print_server {

// Reads members of a request's JSON; each failure names the member. Unknown members are ignored.
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string where)
      : object_(object), where_(std::move(where)) {
    if (!object.is_object()) fail("must be an object");
  }

  std::string text(const char* key, size_t most_bytes = 255) const {
    const auto it = object_.find(key);
    if (it == object_.end() || !it->is_string()) fail(std::string(key) + " must be text");
    const std::string& value = it->get_ref<const std::string&>();
    if (value.empty() || value.size() > most_bytes) {
      fail(std::string(key) + " must have 1 to " + std::to_string(most_bytes) + " bytes");
    }
    return value;
  }
  std::string id(const char* key) const { return checked(key, is_opaque_id, "an id"); }
  std::string uuid(const char* key) const { return checked(key, is_uuid, "a lower-case UUID"); }
  std::string hash(const char* key) const {
    return checked(
        key, [](std::string_view v) { return is_hex(v, 64); }, "64 hex digits");
  }
  std::string epoch(const char* key) const {
    return checked(
        key, [](std::string_view v) { return is_hex(v, 32); }, "32 hex digits");
  }
  std::string time(const char* key) const {
    return checked(key, is_rfc3339_utc, "an RFC 3339 time in UTC");
  }
  std::string one_of(const char* key, std::initializer_list<const char*> allowed) const {
    const std::string value = text(key);
    for (const char* word : allowed) {
      if (value == word) return value;
    }
    fail(std::string(key) + " has the unknown value '" + value + "'");
  }
  int64_t integer(const char* key, int64_t least, int64_t most) const {
    const auto it = object_.find(key);
    const bool fits = it != object_.end() && it->is_number_integer() &&
                      !(it->is_number_unsigned() && it->get<uint64_t>() > INT64_MAX) &&
                      it->get<int64_t>() >= least && it->get<int64_t>() <= most;
    if (!fits) {
      fail(std::string(key) + " must be an integer from " + std::to_string(least) + " to " +
           std::to_string(most));
    }
    return it->get<int64_t>();
  }
  bool has(const char* key) const {
    const auto it = object_.find(key);
    return it != object_.end() && !it->is_null();
  }

 private:
  template <typename Check>
  std::string checked(const char* key, Check check, const char* what) const {
    const std::string value = text(key);
    if (!check(value)) fail(std::string(key) + " must be " + what);
    return value;
  }
  [[noreturn]] void fail(const std::string& what) const { throw invalid_request(where_ + what); }

  const nlohmann::json& object_;
  std::string where_;
};

inline nlohmann::json parse_body(const std::string& body) {
  nlohmann::json value = nlohmann::json::parse(body, nullptr, false);
  if (value.is_discarded()) throw invalid_request("the body is not JSON");
  return value;
}

// Names from outside may hold bytes that are not UTF-8; an answer must still be made.
inline std::string dumped(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace print_server
