// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "codec/config_fields.h"
#include "codec/json.h"

namespace holdfast {
namespace codec {
namespace {

constexpr size_t kMaxConfigBytes = 4u << 20;  // room for a CA in PEM at each of 16 servers

// Fills a configuration from JSON and notes what doesn't fit. A field that isn't there, or is
// wrong, keeps its default. Ranges are validate()'s business; here a number only has to fit its
// type.
class Reader final : public FieldVisitor {
 public:
  Reader(JsonValue root, std::vector<ConfigError>& errors) : errors_(errors) { open(root); }
  ~Reader() override = default;

  bool enter(const char* name) override {
    const JsonValue value = look_up(name);
    return value.present() && open(value);
  }
  void leave() override {
    complain_of_unknown(levels_.back());
    levels_.pop_back();
  }
  size_t list(const char* name, size_t size, const ListRule& rule) override;
  bool enter_item(size_t index) override {
    (void)index;
    const JsonValue value = next_item_;
    next_item_ = next_item_.next();
    return open(value);
  }

  void number(const char* name, uint32_t& value, const Range& range) override {
    int64_t found = value;
    read_number(name, range, 0, UINT32_MAX, found);
    value = static_cast<uint32_t>(found);
  }
  void number(const char* name, int32_t& value, const Range& range) override {
    int64_t found = value;
    read_number(name, range, INT32_MIN, INT32_MAX, found);
    value = static_cast<int32_t>(found);
  }
  void number(const char* name, uint64_t& value, const Range& range) override {
    auto found = static_cast<int64_t>(value);
    read_number(name, range, 0, INT64_MAX, found);
    value = static_cast<uint64_t>(found);
  }
  void flag(const char* name, bool& value) override {
    const JsonValue json = look_up(name);
    if (json.present() && !json.get(value)) complain(json, "true or false");
  }
  void choice(const char* name, uint8_t& value, const Choices& choices) override;
  void text(const char* name, std::string& value, const TextRule& rule) override;
  void texts(const char* name, std::vector<std::string>& values, const TextRule& each,
             const ListRule& rule) override;

 private:
  struct Level {
    JsonValue object;
    std::vector<const char*> known;  // the fields asked for
  };

  JsonValue look_up(const char* name) {
    levels_.back().known.push_back(name);
    return levels_.back().object.find(name);
  }
  bool open(JsonValue value) {
    if (value.type() != JsonType::object) {
      complain(value, "an object");
      return false;
    }
    levels_.push_back({value, {}});
    return true;
  }
  void complain(JsonValue value, std::string allowed) {
    errors_.push_back({value.pointer(), shown_value(value.shown()), std::move(allowed)});
  }
  void complain_missing(const char* name, std::string allowed) {
    errors_.push_back(
        {levels_.back().object.pointer() + "/" + name, "(missing)", std::move(allowed)});
  }
  void complain_of_unknown(const Level& level);
  void read_number(const char* name, const Range& range, int64_t min, int64_t max, int64_t& value);

  std::vector<ConfigError>& errors_;
  std::vector<Level> levels_;
  JsonValue next_item_;  // lists of objects don't lie in each other
};

size_t Reader::list(const char* name, size_t size, const ListRule& rule) {
  (void)size;
  const JsonValue value = look_up(name);
  if (!value.present()) {
    if (rule.required) complain_missing(name, rule.text());
    return 0;
  }
  if (value.type() != JsonType::array) {
    complain(value, rule.text());
    return 0;
  }
  if (value.size() > rule.max) {
    errors_.push_back({value.pointer(), std::to_string(value.size()) + " " + rule.of, rule.text()});
  }
  next_item_ = value.first();
  return std::min(value.size(), rule.max);
}

// How many and of what form is validate()'s business.
void Reader::texts(const char* name, std::vector<std::string>& values, const TextRule& each,
                   const ListRule& rule) {
  const JsonValue json = look_up(name);
  if (!json.present()) return;
  if (json.type() != JsonType::array) return complain(json, rule.text());
  values.clear();
  for (JsonValue item = json.first(); item.present(); item = item.next()) {
    std::string_view found;
    if (item.get(found)) {
      values.emplace_back(found);
    } else {
      complain(item, std::string("a string: ") + each.allowed);
      values.emplace_back();  // those after it keep their place
    }
  }
}

void Reader::read_number(const char* name, const Range& range, int64_t min, int64_t max,
                         int64_t& value) {
  const JsonValue json = look_up(name);
  if (!json.present() || json.get_signed(min, max, value)) return;
  complain(json, json.is_integer() ? range.text() : "a whole number in " + range.text());
}

void Reader::choice(const char* name, uint8_t& value, const Choices& choices) {
  const JsonValue json = look_up(name);
  if (!json.present()) return;
  std::string_view found;
  if (json.get(found)) {
    for (size_t i = 0; i < choices.count; ++i) {
      if (found == choices.names[i]) {
        value = static_cast<uint8_t>(i);
        return;
      }
    }
  }
  complain(json, choices.text());
}

void Reader::text(const char* name, std::string& value, const TextRule& rule) {
  const JsonValue json = look_up(name);
  if (!json.present()) {
    if (rule.required && value.empty()) complain_missing(name, rule.allowed);
    return;
  }
  std::string_view found;
  if (json.get(found)) {
    value = found;
  } else {
    complain(json, std::string("a string: ") + rule.allowed);
    if (rule.secret) errors_.back().value = "(hidden)";
  }
}

// The value isn't shown: it may be a token under a misspelt name.
void Reader::complain_of_unknown(const Level& level) {
  std::string allowed;
  for (const char* name : level.known) allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  for (JsonValue member = level.object.first(); member.present(); member = member.next()) {
    const bool known = std::any_of(level.known.begin(), level.known.end(),
                                   [&](const char* name) { return member.key() == name; });
    if (!known) errors_.push_back({printable(member.pointer(), 256), "(unknown field)", allowed});
  }
}

std::string line_and_column(const std::string& text, size_t offset) {
  const size_t end = std::min(offset, text.size());
  const auto from = text.begin();
  const auto to = from + static_cast<std::ptrdiff_t>(end > 0 ? end - 1 : 0);
  const auto line = std::count(from, to, '\n') + 1;
  const size_t line_start = end > 1 ? text.rfind('\n', end - 2) : std::string::npos;
  const size_t column = line_start == std::string::npos ? end : end - line_start - 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

ConfigError describe_fault(const std::string& json, const JsonDocument& document) {
  switch (document.fault()) {
    case JsonFault::too_large:
      return {"", std::to_string(json.size()) + " bytes",
              "at most " + std::to_string(kMaxConfigBytes) + " bytes"};
    case JsonFault::too_deep:
      return {"", "(nested too deeply)", "at most 32 levels"};
    case JsonFault::too_many:
      return {"", "(too many values)", "an object of at most 128 fields"};
    case JsonFault::nul:
      return {"", "(a string with U+0000)", "strings without U+0000"};
    case JsonFault::none:
    case JsonFault::syntax:
      break;
  }
  return {"", "(no JSON from " + line_and_column(json, document.fault_offset()) + ")",
          "one JSON object in UTF-8 (RFC 8259)"};
}

// Is `field` the place of a known error, or within it? What validate() says of the default that
// stands in for it would only confuse.
bool already_named(const std::vector<ConfigError>& errors, const std::string& field) {
  return std::any_of(errors.begin(), errors.end(), [&](const ConfigError& error) {
    return field == error.field || field.compare(0, error.field.size() + 1, error.field + "/") == 0;
  });
}

}  // namespace
}  // namespace codec

tl::expected<Config, std::vector<ConfigError>> parse_config(const std::string& json) {
  using namespace codec;
  JsonLimits limits;
  limits.max_bytes = kMaxConfigBytes;
  const JsonDocument document = JsonDocument::parse(json, limits);
  std::vector<ConfigError> errors;
  if (!document.root().present()) {
    errors.push_back(describe_fault(json, document));
    return tl::unexpected(std::move(errors));
  }
  if (document.root().type() != JsonType::object) {
    errors.push_back({"", shown_value(document.root().shown()), "one JSON object"});
    return tl::unexpected(std::move(errors));
  }
  for (const std::string& field : document.doubled()) {
    errors.push_back({printable(field, 256), "(there twice)", "each field at most once"});
  }
  Config config;
  Reader reader(document.root(), errors);
  visit_fields(config, reader);
  reader.leave();
  const std::vector<ConfigError> read_errors = errors;
  for (ConfigError& error : validate(config)) {
    if (!already_named(read_errors, error.field)) errors.push_back(std::move(error));
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return config;
}

std::string ConfigError::text() const {
  return (field.empty() ? "configuration" : field) + ": " + value + " is not allowed; use " +
         allowed;
}

}  // namespace holdfast
