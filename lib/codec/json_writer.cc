// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/json_writer.h"

#include "base/text.h"

namespace holdfast::codec {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace

void JsonWriter::separate() {
  if (comma_) text_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_.push_back(bracket);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_.push_back(bracket);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) {
  separate();
  quote(name);
  text_.push_back(':');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  quote(value);
  return *this;
}

JsonWriter& JsonWriter::number(uint64_t value) {
  separate();
  text_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::signed_number(int64_t value) {
  separate();
  text_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  text_ += value ? "true" : "false";
  return *this;
}

void JsonWriter::quote(std::string_view value) {
  text_.push_back('"');
  for (size_t i = 0; i < value.size();) {
    const size_t length = utf8_length(value, i);
    const char c = value[i];
    if (length == 0) {
      text_ += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      text_.push_back('\\');
      text_.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      text_ += "\\u00";
      text_.push_back(kHexDigits[c >> 4 & 15]);
      text_.push_back(kHexDigits[c & 15]);
    } else {
      text_ += value.substr(i, length);
    }
    i += length == 0 ? 1 : length;
  }
  text_.push_back('"');
}

}  // namespace holdfast::codec
