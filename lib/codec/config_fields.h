// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The one list of the configuration's fields, with names, ranges and forms. The JSON reader,
// validate() and the test of docs/config.schema.json all walk it, so they can't disagree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config.h"

namespace holdfast::codec {

// min..max. Where another field takes part in the lower bound, `min` is what it comes to now, and
// `least` what it could come to at least.
struct Range {
  int64_t min = 0;
  int64_t max = 0;
  const char* field = nullptr;  // the other field's name
  bool above = false;           // above that field's value, not equal to it
  int64_t least = 0;

  bool contains(int64_t value) const { return value >= min && value <= max; }
  // "5..900", "hedge_min_ms (30)..60000", "above suspect_silence_ms (1000), up to 60000"
  std::string text() const;
};

struct TextRule {
  bool (*good)(std::string_view);
  const char* allowed;    // for people
  bool required = false;  // may not be empty, nor missing in JSON
  bool secret = false;    // never shown
};

// A list, of objects or of texts.
struct ListRule {
  size_t max;
  const char* of;         // "servers"
  bool required = false;  // may not be missing in JSON

  std::string text() const;  // "an array of at most 16 servers"
};

struct Choices {
  const char* const* names;  // in the order of the enumerators
  size_t count;

  std::string text() const;  // "automatic, manual or window"
};

// Sees each field in the order of config.h. Values are references into the visited configuration.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;

  // A nested object; false: its fields are skipped, and leave() isn't called.
  virtual bool enter(const char* name) = 0;
  virtual void leave() = 0;
  // A list of objects, `size` of them: how many shall be visited. Each is then entered.
  virtual size_t list(const char* name, size_t size, const ListRule& rule) = 0;
  virtual bool enter_item(size_t index) = 0;
  virtual void leave_list() {}

  virtual void number(const char* name, uint32_t& value, const Range& range) = 0;
  virtual void number(const char* name, int32_t& value, const Range& range) = 0;
  virtual void number(const char* name, uint64_t& value, const Range& range) = 0;
  virtual void flag(const char* name, bool& value) = 0;
  virtual void choice(const char* name, uint8_t& value, const Choices& choices) = 0;
  virtual void text(const char* name, std::string& value, const TextRule& rule) = 0;
  virtual void texts(const char* name, std::vector<std::string>& values, const TextRule& each,
                     const ListRule& rule) = 0;
};

void visit_fields(Config& config, FieldVisitor& visitor);
// Do both say the same, field by field?
bool same(const OfflinePolicy& a, const OfflinePolicy& b);

// As a ConfigError shows it: printable, at most 64 bytes, "" visible.
std::string shown_value(std::string_view value);

// Forms that server lists from the wire share with the configuration.
bool is_server_name(std::string_view text);
bool is_server_url(std::string_view text);

}  // namespace holdfast::codec
