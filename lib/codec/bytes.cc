// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/bytes.h"

namespace holdfast::codec {

uint32_t crc32(std::string_view bytes) {
  // Half a byte at a time: a table of 64 bytes instead of 1 KiB.
  static constexpr uint32_t kTable[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                          0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                          0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                          0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    crc = crc >> 4 ^ kTable[crc & 15];
    crc = crc >> 4 ^ kTable[crc & 15];
  }
  return ~crc;
}

void ByteWriter::number(uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

void ByteWriter::text(std::string_view value) {
  number(value.size(), 2);
  bytes_ += value;
}

uint64_t ByteReader::number(size_t size) {
  uint64_t value = 0;
  const std::string_view bytes = raw(size);
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

size_t ByteReader::count(size_t size, size_t max) {
  const uint64_t value = number(size);
  require(value <= max);
  return ok_ ? static_cast<size_t>(value) : 0;
}

std::string ByteReader::text(size_t max_bytes) { return std::string(raw(count(2, max_bytes))); }

std::string_view ByteReader::raw(size_t size) {
  require(size <= rest_.size());
  if (!ok_) return {};
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

}  // namespace holdfast::codec
