// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/wiping_allocator.h"

namespace holdfast::codec {
namespace {

// The parser's unescaped token is wiped when it goes. It keeps the token as it was read besides, in
// a std::vector<char> that nobody else can reach.
using Json = nlohmann::basic_json<std::map, std::vector, WipingString>;

constexpr size_t kMaxDoubled = 16;
constexpr double kExactDoubles = 9007199254740992.0;  // 2^53

}  // namespace

// Takes the parser's events. Returning false ends the parse at once, so depth and size cost nothing
// beyond their limit.
class JsonBuilder {
 public:
  JsonBuilder(JsonDocument& document, const JsonLimits& limits)
      : document_(document), limits_(limits) {}

  bool null() { return add(JsonType::null) != nullptr; }
  bool boolean(bool value) {
    JsonDocument::Node* node = add(JsonType::boolean);
    if (node != nullptr) node->flag = value;
    return node != nullptr;
  }
  bool number_integer(int64_t value) { return add_number(value < 0, std::to_string(value)); }
  bool number_unsigned(uint64_t value) { return add_number(false, std::to_string(value)); }
  bool number_float(double value, std::string_view text);
  bool string(WipingString& value) {
    if (value.find('\0') != std::string::npos) return fail(JsonFault::nul);
    JsonDocument::Node* node = add(JsonType::string);
    if (node == nullptr) return false;
    keep(value, node->text_begin, node->text_size);
    return true;
  }
  bool binary(std::vector<uint8_t>&) { return fail(JsonFault::syntax); }
  bool start_object(size_t) { return open(JsonType::object); }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(JsonType::array); }
  bool end_array() { return close(); }
  bool key(WipingString& name);
  bool parse_error(size_t position, const std::string&, const std::exception&) {
    document_.fault_offset_ = position;
    return fail(JsonFault::syntax);
  }

 private:
  using Node = JsonDocument::Node;
  static constexpr uint32_t kNone = JsonDocument::kNone;

  bool fail(JsonFault fault) {
    if (document_.fault_ == JsonFault::none) document_.fault_ = fault;
    return false;
  }
  void keep(std::string_view text, uint32_t& begin, uint32_t& size) {
    begin = static_cast<uint32_t>(document_.text_.size());
    size = static_cast<uint32_t>(text.size());
    document_.text_ += text;
  }
  Node* add(JsonType type);
  bool add_number(bool negative, std::string_view text);
  bool open(JsonType type);
  bool close();

  struct Level {
    uint32_t node = kNone;
    uint32_t last_child = kNone;
  };

  JsonDocument& document_;
  const JsonLimits& limits_;
  std::vector<Level> levels_;
  uint32_t key_begin_ = 0, key_size_ = 0;
  bool key_doubled_ = false;
};

JsonDocument::Node* JsonBuilder::add(JsonType type) {
  std::vector<Node>& nodes = document_.nodes_;
  if (nodes.size() >= limits_.max_values) {
    fail(JsonFault::too_many);
    return nullptr;
  }
  const auto index = static_cast<uint32_t>(nodes.size());
  nodes.emplace_back();
  Node& node = nodes.back();
  node.type = type;
  node.key_begin = key_begin_;
  node.key_size = key_size_;
  key_size_ = 0;
  if (levels_.empty()) return &node;
  Level& level = levels_.back();
  node.parent = level.node;
  (level.last_child == kNone ? nodes[level.node].first : nodes[level.last_child].next) = index;
  level.last_child = index;
  ++nodes[level.node].count;
  if (key_doubled_) {
    key_doubled_ = false;
    if (document_.doubled_.size() < kMaxDoubled) {
      document_.doubled_.push_back(document_.pointer_to(index));
    }
  }
  return &node;
}

bool JsonBuilder::add_number(bool negative, std::string_view text) {
  Node* node = add(JsonType::number);
  if (node == nullptr) return false;
  node->flag = negative;
  keep(text, node->text_begin, node->text_size);
  return true;
}

// 10.0 and 1e1 are the integer 10, where a double is exact: kept as "10". strtod() would ask the
// process's locale what a decimal point is.
bool JsonBuilder::number_float(double value, std::string_view text) {
  if (value < -kExactDoubles || value > kExactDoubles) return add_number(value < 0, text);
  const auto whole = static_cast<int64_t>(value);
  const bool exact = static_cast<double>(whole) == value;
  return exact ? add_number(value < 0, std::to_string(whole)) : add_number(value < 0, text);
}

bool JsonBuilder::open(JsonType type) {
  if (levels_.size() >= limits_.max_depth) return fail(JsonFault::too_deep);
  if (add(type) == nullptr) return false;
  levels_.push_back({static_cast<uint32_t>(document_.nodes_.size() - 1), kNone});
  return true;
}

bool JsonBuilder::close() {
  levels_.pop_back();
  return true;
}

bool JsonBuilder::key(WipingString& name) {
  if (name.find('\0') != std::string::npos) return fail(JsonFault::nul);
  const Node& object = document_.nodes_[levels_.back().node];
  if (object.count >= limits_.max_members) return fail(JsonFault::too_many);
  for (uint32_t i = object.first; i != kNone; i = document_.nodes_[i].next) {
    if (document_.key_of(document_.nodes_[i]) == name) key_doubled_ = true;
  }
  keep(name, key_begin_, key_size_);
  return true;
}

JsonDocument JsonDocument::parse(std::string_view text, const JsonLimits& limits) {
  JsonDocument document;
  if (text.size() > limits.max_bytes || text.size() >= kNone / 2) {
    document.fault_ = JsonFault::too_large;
    return document;
  }
  // The parser would take a NUL for the end and leave what follows unseen.
  if (text.find('\0') != std::string_view::npos) {
    document.fault_ = JsonFault::nul;
    return document;
  }
  JsonBuilder builder(document, limits);
  const bool whole = Json::sax_parse(text.begin(), text.end(), &builder);
  if (!whole && document.fault_ == JsonFault::none) document.fault_ = JsonFault::syntax;
  return document;
}

JsonValue JsonDocument::root() const {
  return fault_ == JsonFault::none && !nodes_.empty() ? JsonValue(this, 0) : JsonValue();
}

std::string JsonDocument::pointer_to(uint32_t index) const {
  std::string pointer;
  while (nodes_[index].parent != kNone) {
    const Node& parent = nodes_[nodes_[index].parent];
    std::string token;
    if (parent.type == JsonType::object) {
      token = pointer_token(key_of(nodes_[index]));
    } else {
      uint32_t place = 0;
      for (uint32_t i = parent.first; i != index; i = nodes_[i].next) ++place;
      token = std::to_string(place);
    }
    pointer.insert(0, "/" + token);
    index = nodes_[index].parent;
  }
  return pointer;
}

JsonType JsonValue::type() const {
  return present() ? document_->nodes_[index_].type : JsonType::absent;
}

std::string_view JsonValue::key() const {
  return present() ? document_->key_of(document_->nodes_[index_]) : std::string_view();
}

size_t JsonValue::size() const { return present() ? document_->nodes_[index_].count : 0; }

JsonValue JsonValue::find(std::string_view name) const {
  if (type() != JsonType::object) return {};
  for (JsonValue value = first(); value.present(); value = value.next()) {
    if (value.key() == name) return value;
  }
  return {};
}

JsonValue JsonValue::first() const {
  if (!present()) return {};
  const uint32_t index = document_->nodes_[index_].first;
  return index == JsonDocument::kNone ? JsonValue() : JsonValue(document_, index);
}

JsonValue JsonValue::next() const {
  if (!present()) return {};
  const uint32_t index = document_->nodes_[index_].next;
  return index == JsonDocument::kNone ? JsonValue() : JsonValue(document_, index);
}

bool JsonValue::get(bool& value) const {
  if (type() != JsonType::boolean) return false;
  value = document_->nodes_[index_].flag;
  return true;
}

bool JsonValue::get(std::string_view& value) const {
  if (type() != JsonType::string) return false;
  value = document_->text_of(document_->nodes_[index_]);
  return true;
}

bool JsonValue::get_unsigned(uint64_t max, uint64_t& value) const {
  if (type() != JsonType::number) return false;
  return parse_decimal(document_->text_of(document_->nodes_[index_]), max, value);
}

bool JsonValue::get_signed(int64_t min, int64_t max, int64_t& value) const {
  if (type() != JsonType::number) return false;
  std::string_view text = document_->text_of(document_->nodes_[index_]);
  const bool negative = document_->nodes_[index_].flag;
  if (negative) text.remove_prefix(1);
  uint64_t magnitude = 0;
  if (!parse_decimal(text, INT64_MAX, magnitude)) return false;
  const auto whole = static_cast<int64_t>(magnitude);
  const int64_t found = negative ? -whole : whole;
  if (found < min || found > max) return false;
  value = found;
  return true;
}

bool JsonValue::is_integer() const {
  if (type() != JsonType::number) return false;
  const std::string_view text = document_->text_of(document_->nodes_[index_]);
  return text.find_first_not_of("-0123456789") == std::string_view::npos;
}

std::string JsonValue::pointer() const { return present() ? document_->pointer_to(index_) : ""; }

std::string JsonValue::shown() const {
  switch (type()) {
    case JsonType::absent:
      return "(missing)";
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return document_->nodes_[index_].flag ? "true" : "false";
    case JsonType::number:
    case JsonType::string:
      return std::string(document_->text_of(document_->nodes_[index_]));
    case JsonType::array:
      return "[...]";
    case JsonType::object:
      return "{...}";
  }
  return "";
}

std::string pointer_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token.push_back(c);
    }
  }
  return token;
}

bool is_json_pointer(std::string_view text) {
  if (text.empty()) return true;
  if (text[0] != '/' || !is_utf8(text)) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '~') continue;
    if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
  }
  return true;
}

}  // namespace holdfast::codec
