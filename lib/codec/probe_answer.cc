// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/probe_answer.h"

#include "base/text.h"
#include "codec/json.h"

namespace holdfast::codec {
namespace {

std::string unescaped(std::string_view token) {
  std::string name;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size();
    if (escaped) ++i;
    name.push_back(!escaped ? token[i] : token[i] == '1' ? '/' : '~');
  }
  return name;
}

JsonValue element(JsonValue array, std::string_view token) {
  uint64_t index = 0;
  if (!parse_decimal(token, UINT32_MAX, index) || index >= array.size()) return {};
  JsonValue value = array.first();
  for (; index > 0; --index) value = value.next();
  return value;
}

JsonValue value_at(JsonValue value, std::string_view pointer) {
  while (!pointer.empty() && value.present()) {
    pointer.remove_prefix(1);
    const size_t end = pointer.find('/');
    const std::string_view token = pointer.substr(0, end);
    pointer = end == std::string_view::npos ? std::string_view() : pointer.substr(end);
    value = value.type() == JsonType::array ? element(value, token) : value.find(unescaped(token));
  }
  return value;
}

// Goes as deep as a document may, which is 32.
bool equal(JsonValue a, JsonValue b) {
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.type() != JsonType::array && a.type() != JsonType::object) return a.shown() == b.shown();
  JsonValue other = b.first();
  for (JsonValue child = a.first(); child.present(); child = child.next()) {
    const JsonValue twin = a.type() == JsonType::object ? b.find(child.key()) : other;
    if (!equal(child, twin)) return false;
    other = other.next();
  }
  return true;
}

}  // namespace

bool probe_body_matches(const std::string& body, std::string_view pointer,
                        const std::string& expected) {
  if (!is_json_pointer(pointer)) return false;
  const JsonDocument found = JsonDocument::parse(body);
  const JsonDocument wanted = JsonDocument::parse(expected);
  if (!found.ok() || !wanted.ok()) return false;
  const JsonValue value = value_at(found.root(), pointer);
  return value.present() && equal(value, wanted.root());
}

}  // namespace holdfast::codec
