// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Any text as JSON: within its limits, and the same document when written out again.
#include "codec/json.h"
#include "codec/json_writer.h"
#include "fuzz.h"

using namespace holdfast;
using codec::JsonDocument;
using codec::JsonType;
using codec::JsonValue;

namespace {

// Text, number and name asked in every way there is.
void check_value(JsonValue value) {
  HOLDFAST_MUST(is_utf8(value.key()) && value.key().find('\0') == std::string_view::npos);
  HOLDFAST_MUST(codec::is_json_pointer(value.pointer()));
  bool flag = false;
  std::string_view text;
  uint64_t number = 0;
  int64_t below = 0;
  HOLDFAST_MUST(value.get(flag) == (value.type() == JsonType::boolean));
  HOLDFAST_MUST(value.get(text) == (value.type() == JsonType::string));
  HOLDFAST_MUST(is_utf8(text) && text.find('\0') == std::string_view::npos);
  const bool counted = value.get_unsigned(UINT64_MAX, number);
  const bool whole = value.get_signed(INT64_MIN, INT64_MAX, below);
  HOLDFAST_MUST(!counted || (value.is_integer() && value.shown() == std::to_string(number)));
  HOLDFAST_MUST(!whole || (value.is_integer() && value.shown() == std::to_string(below)));
  HOLDFAST_MUST(!counted || number > INT64_MAX || whole);
}

void write(JsonValue value, size_t depth, std::string& out) {
  HOLDFAST_MUST(depth <= codec::JsonLimits().max_depth);
  check_value(value);
  const bool object = value.type() == JsonType::object;
  if (!object && value.type() != JsonType::array) {
    const bool quoted = value.type() == JsonType::string;
    out += quoted ? codec::JsonWriter().string(value.shown()).take() : value.shown();
    return;
  }
  out.push_back(object ? '{' : '[');
  size_t children = 0;
  for (JsonValue child = value.first(); child.present(); child = child.next()) {
    if (children++ > 0) out.push_back(',');
    if (object) out += codec::JsonWriter().string(child.key()).take() + ":";
    write(child, depth + 1, out);
  }
  HOLDFAST_MUST(children == value.size());
  out.push_back(object ? '}' : ']');
}

std::string written(const JsonDocument& document) {
  std::string text;
  write(document.root(), 0, text);
  return text;
}

void check_narrow(std::string_view text, bool parses) {
  codec::JsonLimits narrow;
  narrow.max_bytes = 256;
  narrow.max_depth = 3;
  narrow.max_values = 16;
  narrow.max_members = 4;
  const JsonDocument document = JsonDocument::parse(text, narrow);
  const JsonValue root = document.root();
  if (!root.present()) return;
  HOLDFAST_MUST(parses && text.size() <= narrow.max_bytes && root.size() < narrow.max_values);
  HOLDFAST_MUST(root.type() != JsonType::object || root.size() <= narrow.max_members);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::bytes_of(data, size);
  const JsonDocument document = JsonDocument::parse(text);
  check_narrow(text, document.root().present());
  if (!document.root().present()) {
    HOLDFAST_MUST(document.fault() != codec::JsonFault::none && !document.ok());
    return 0;
  }
  HOLDFAST_MUST(is_utf8(text));
  const std::string once = written(document);
  const JsonDocument again = JsonDocument::parse(once);
  HOLDFAST_MUST(again.root().present() && again.doubled() == document.doubled());
  HOLDFAST_MUST(written(again) == once);
  return 0;
}
