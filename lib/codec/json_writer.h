// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes compact JSON. The caller keeps to the grammar: a name before each member, every open
// closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::codec {

class JsonWriter {
 public:
  JsonWriter() = default;
  // Room for `bytes` from the start, so that a text with secrets leaves no outgrown copies behind.
  explicit JsonWriter(size_t bytes) { text_.reserve(bytes); }

  JsonWriter& open_object() { return open('{'); }
  JsonWriter& close_object() { return close('}'); }
  JsonWriter& open_array() { return open('['); }
  JsonWriter& close_array() { return close(']'); }
  JsonWriter& name(std::string_view name);

  // Bytes that aren't UTF-8 become U+FFFD: the text is JSON whatever comes in.
  JsonWriter& string(std::string_view value);
  JsonWriter& number(uint64_t value);
  JsonWriter& signed_number(int64_t value);
  JsonWriter& boolean(bool value);

  JsonWriter& member(std::string_view key, std::string_view value) {
    return name(key).string(value);
  }
  JsonWriter& member(std::string_view key, const char* value) { return name(key).string(value); }
  JsonWriter& member(std::string_view key, uint64_t value) { return name(key).number(value); }
  JsonWriter& member(std::string_view key, bool value) { return name(key).boolean(value); }

  // The longest that string(value) can become.
  static size_t longest(std::string_view value) { return value.size() * 6 + 3; }

  std::string take() { return std::move(text_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void quote(std::string_view value);

  std::string text_;
  bool comma_ = false;  // the next value or name follows another one
};

}  // namespace holdfast::codec
