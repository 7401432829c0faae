// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include <algorithm>

namespace holdfast::cases {
namespace {

constexpr int64_t kLongest = 400LL * 24 * 3600 * 1000;  // ms; no case runs for longer than this

bool number_in(codec::JsonValue value, int64_t min, int64_t max, int64_t* number) {
  return value.get_signed(min, max, *number);
}

}  // namespace

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

ObjectReader::ObjectReader(codec::JsonValue object, Errors* errors)
    : object_(object), errors_(errors) {
  if (object.type() != codec::JsonType::object) complain(object, "an object");
}

ObjectReader::~ObjectReader() {
  if (object_.type() != codec::JsonType::object) return;
  for (codec::JsonValue m = object_.first(); m.present(); m = m.next()) {
    if (std::find(known_.begin(), known_.end(), m.key()) != known_.end()) continue;
    std::vector<std::string> names = known_;
    names.erase(std::unique(names.begin(), names.end()), names.end());
    complain(std::string("unknown field \"").append(m.key()) + "\"; known here: " + joined(names));
  }
}

void ObjectReader::complain(std::string_view what) {
  errors_->push_back(where() + ": " + std::string(what));
}

void ObjectReader::complain(codec::JsonValue value, std::string_view allowed) {
  errors_->push_back(value.pointer() + ": " + value.shown() + " is not " + std::string(allowed));
}

codec::JsonValue ObjectReader::take(const char* name) {
  if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
  return object_.find(name);
}

bool ObjectReader::has(const char* name) { return take(name).present(); }

std::optional<std::string> ObjectReader::text(const char* name) {
  const codec::JsonValue value = take(name);
  if (!value.present()) return {};
  std::string_view found;
  if (value.get(found)) return std::string(found);
  complain(value, "a string");
  return {};
}

std::optional<std::string> ObjectReader::word(const char* name,
                                              const std::vector<std::string>& allowed) {
  const codec::JsonValue value = take(name);
  if (!value.present()) return {};
  // Statuses may be written as numbers: 503 is "503".
  std::string_view found;
  int64_t number = 0;
  std::string word;
  if (value.get(found)) word = found;
  if (number_in(value, 100, 999, &number)) word = std::to_string(number);
  if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return word;
  complain(value, "one of " + joined(allowed));
  return {};
}

std::optional<bool> ObjectReader::flag(const char* name) {
  const codec::JsonValue value = take(name);
  bool found = false;
  if (!value.present()) return {};
  if (value.get(found)) return found;
  complain(value, "true or false");
  return {};
}

std::optional<int64_t> ObjectReader::number(const char* name, int64_t min, int64_t max) {
  const codec::JsonValue value = take(name);
  int64_t found = 0;
  if (!value.present()) return {};
  if (number_in(value, min, max, &found)) return found;
  complain(value, "a whole number in " + std::to_string(min) + ".." + std::to_string(max));
  return {};
}

std::optional<Duration> ObjectReader::time(const std::string& name) {
  const auto ms = number((name + "_ms").c_str(), 0, kLongest);
  const auto s = number((name + "_s").c_str(), 0, kLongest / 1000);
  if (ms && s) complain(name + "_ms and " + name + "_s: give one of them");
  if (ms) return milliseconds(*ms);
  if (s) return seconds(*s);
  return {};
}

std::optional<std::pair<Duration, Duration>> ObjectReader::times(const std::string& name) {
  for (const auto& [unit, factor] : {std::pair{"_ms", 1}, std::pair{"_s", 1000}}) {
    const std::string full = name + unit;
    const codec::JsonValue value = take(full.c_str());
    if (!value.present()) continue;
    const auto found = range(full.c_str());
    if (!found) return {};
    return std::pair{milliseconds(found->first * factor), milliseconds(found->second * factor)};
  }
  return {};
}

std::optional<std::pair<int64_t, int64_t>> ObjectReader::range(const char* name) {
  const codec::JsonValue value = take(name);
  if (!value.present()) return {};
  int64_t least = 0, most = 0;
  if (number_in(value, -kLongest, kLongest, &least)) return std::pair{least, least};
  const bool pair = value.type() == codec::JsonType::array && value.size() == 2 &&
                    number_in(value.first(), -kLongest, kLongest, &least) &&
                    number_in(value.first().next(), -kLongest, kLongest, &most);
  if (pair && least <= most) return std::pair{least, most};
  complain(value, "a whole number or [least, most]");
  return {};
}

}  // namespace holdfast::cases
