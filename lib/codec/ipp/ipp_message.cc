// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/ipp/ipp.h"

namespace holdfast::codec::ipp {
namespace {

// RFC 8010, 3.5.2: 0x10..0xff are value tags, 0x00..0x0f delimit groups.
constexpr uint8_t kFirstValueTag = 0x10;
constexpr uint32_t kMaxFieldBytes = 0x7fff;  // lengths are signed 16-bit numbers

uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (char byte : bytes) value = (value << 8) | static_cast<uint8_t>(byte);
  return value;
}

bool is_text(Tag tag) {
  // 0x40..0x5f: every kind of character string.
  return (static_cast<uint8_t>(tag) & 0xe0) == 0x40;
}

}  // namespace

int32_t Value::number(int32_t fallback) const {
  if ((tag != Tag::integer && tag != Tag::enumeration) || bytes.size() != 4) return fallback;
  return static_cast<int32_t>(big_endian(bytes));
}

bool Value::boolean(bool fallback) const {
  return tag == Tag::boolean && bytes.size() == 1 ? bytes[0] != 0 : fallback;
}

std::string_view Value::text() const {
  if (is_text(tag)) return bytes;
  if (tag != Tag::text_with_language && tag != Tag::name_with_language) return {};
  // length, language, length, text
  if (bytes.size() < 2) return {};
  const size_t language = big_endian(bytes.substr(0, 2));
  if (bytes.size() < 2 + language + 2) return {};
  const size_t size = big_endian(bytes.substr(2 + language, 2));
  std::string_view text = bytes.substr(2 + language + 2);
  return text.size() == size ? text : std::string_view();
}

Reader::Reader(std::string_view bytes) : rest_(bytes) {
  uint32_t version = 0;
  uint32_t code = 0;
  if (!number(2, version) || !number(2, code) || !number(4, request_id_)) return;
  version_ = static_cast<uint16_t>(version);
  code_ = static_cast<uint16_t>(code);
  if (version_ < 0x0100 || version_ > 0x02ff) fail();
}

bool Reader::fail() {
  failed_ = true;
  return false;
}

bool Reader::number(size_t size, uint32_t& value) {
  if (rest_.size() < size) return fail();
  value = big_endian(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return true;
}

bool Reader::field(std::string_view& field) {
  uint32_t size = 0;
  if (!number(2, size)) return false;
  if (size > kMaxFieldBytes || size > rest_.size()) return fail();
  field = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool Reader::open_group(uint8_t tag) {
  if (tag == 0 || ++groups_ > kMaxGroups) return fail();
  group_ = static_cast<Tag>(tag);
  group_index_ = static_cast<uint16_t>(groups_ - 1);
  name_ = {};
  return true;
}

// Behind the begin tag. Everything in a collection is a value with an empty name.
bool Reader::skip_collection() {
  size_t depth = 1;
  while (depth > 0) {
    uint32_t tag = 0;
    std::string_view name;
    std::string_view bytes;
    if (!number(1, tag) || tag < kFirstValueTag || !field(name) || !field(bytes)) return fail();
    if (!name.empty() || ++values_ > kMaxValues) return fail();
    if (static_cast<Tag>(tag) == Tag::begin_collection && ++depth > kMaxDepth) return fail();
    if (static_cast<Tag>(tag) == Tag::end_collection) --depth;
  }
  return true;
}

bool Reader::next(Value& value) {
  while (!failed_ && !ended_) {
    uint32_t tag = 0;
    if (!number(1, tag)) return false;
    if (static_cast<Tag>(tag) == Tag::end) {
      ended_ = true;
      return false;
    }
    if (tag < kFirstValueTag) {
      if (!open_group(static_cast<uint8_t>(tag))) return false;
      continue;
    }
    std::string_view name;
    std::string_view bytes;
    if (!field(name) || !field(bytes)) return false;
    if (!name.empty()) name_ = name;
    const Tag kind = static_cast<Tag>(tag);
    if (group_ == Tag::end || name_.empty() || ++values_ > kMaxValues) return fail();
    if (kind == Tag::end_collection || kind == Tag::member_name) return fail();
    if (kind == Tag::begin_collection) {
      if (!skip_collection()) return false;
      continue;
    }
    value = {group_, group_index_, kind, name_, bytes};
    return true;
  }
  return false;
}

bool is_whole(std::string_view bytes) {
  Reader reader(bytes);
  Value value;
  while (reader.next(value)) {
  }
  return !reader.failed();
}

}  // namespace holdfast::codec::ipp

namespace holdfast::codec {

bool ipp_answer_ok(const std::string& body) {
  return ipp::is_whole(body) && ipp::is_success(ipp::Reader(body).code());
}

}  // namespace holdfast::codec
