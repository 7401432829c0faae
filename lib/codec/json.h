// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// JSON text from outside, read into one flat table: bounded in bytes, depth and number of values;
// UTF-8 is checked, NUL and doubled members are found. No exception, no recursion. Texts are wiped
// when the document goes: an answer to a login holds a receipt. Only json.cc knows which parser
// does the work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/wiping_allocator.h"

namespace holdfast::codec {

enum class JsonType : uint8_t { absent, null, boolean, number, string, array, object };

enum class JsonFault : uint8_t {
  none,
  syntax,     // isn't JSON; also bad UTF-8, a lone surrogate, a number that no double can hold
  too_large,  // more bytes than allowed
  too_deep,
  too_many,  // values in all, or members of one object
  nul,       // a string with U+0000, which would end it early elsewhere
};

struct JsonLimits {
  size_t max_bytes = 1 << 20;
  size_t max_depth = 32;
  size_t max_values = 65536;
  size_t max_members = 128;  // of one object; also what keeps the search for doubled ones cheap
};

class JsonDocument;

// One value of a document, which must outlive it. Cheap to copy. Every question may be asked of
// every value: one of another type gives false, nothing or `absent`.
class JsonValue {
 public:
  JsonValue() = default;

  JsonType type() const;
  bool present() const { return document_ != nullptr; }
  // The member's name; empty for elements and the root.
  std::string_view key() const;
  // Members of an object or elements of an array.
  size_t size() const;

  JsonValue find(std::string_view name) const;
  JsonValue first() const;  // absent at the end
  JsonValue next() const;

  bool get(bool& value) const;
  bool get(std::string_view& value) const;
  // Integers: 10, and also 1e1 and 10.0, which JSON doesn't tell apart; those up to 2^53.
  bool get_unsigned(uint64_t max, uint64_t& value) const;
  bool get_signed(int64_t min, int64_t max, int64_t& value) const;
  // Any whole number, also one beyond 64 bits.
  bool is_integer() const;

  // RFC 6901.
  std::string pointer() const;
  // The value as it may be shown to a person: text bare, numbers as written; "[...]" and "{...}"
  // for the rest.
  std::string shown() const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument* document, uint32_t index) : document_(document), index_(index) {}

  const JsonDocument* document_ = nullptr;
  uint32_t index_ = 0;
};

class JsonDocument {
 public:
  static JsonDocument parse(std::string_view text, const JsonLimits& limits = {});

  // Nothing is wrong, doubled members included.
  bool ok() const { return fault_ == JsonFault::none && doubled_.empty(); }
  JsonFault fault() const { return fault_; }
  size_t fault_offset() const { return fault_offset_; }  // bytes from the beginning, where known
  // JSON pointers of members that stand there for a second time; at most 16 are kept.
  const std::vector<std::string>& doubled() const { return doubled_; }
  JsonValue root() const;  // absent after a fault

 private:
  friend class JsonValue;
  friend class JsonBuilder;

  static constexpr uint32_t kNone = UINT32_MAX;

  // Children are chained; texts and names stand one after the other in text_. A number keeps its
  // text as well.
  struct Node {
    JsonType type = JsonType::null;
    bool flag = false;  // boolean: the value; number: it is negative
    uint32_t parent = kNone;
    uint32_t next = kNone;
    uint32_t first = kNone;
    uint32_t count = 0;
    uint32_t key_begin = 0, key_size = 0;
    uint32_t text_begin = 0, text_size = 0;
  };

  std::string_view key_of(const Node& node) const {
    return std::string_view(text_).substr(node.key_begin, node.key_size);
  }
  std::string_view text_of(const Node& node) const {
    return std::string_view(text_).substr(node.text_begin, node.text_size);
  }
  std::string pointer_to(uint32_t index) const;

  std::vector<Node> nodes_;
  WipingString text_;
  std::vector<std::string> doubled_;
  JsonFault fault_ = JsonFault::none;
  size_t fault_offset_ = 0;
};

// "name" as a token of a JSON pointer: "~" and "/" escaped.
std::string pointer_token(std::string_view name);
// Is `text` a JSON pointer (RFC 6901)?
bool is_json_pointer(std::string_view text);

}  // namespace holdfast::codec
