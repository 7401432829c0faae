// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Numbers and short strings as little-endian bytes, and the CRC that guards them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::codec {

// CRC-32 of IEEE 802.3. Notices each change of up to 32 neighbouring bits.
uint32_t crc32(std::string_view bytes);

class ByteWriter {
 public:
  // The low `size` bytes of `value`.
  void number(uint64_t value, size_t size);
  void signed_number(int64_t value) { number(static_cast<uint64_t>(value), 8); }
  // Length in two bytes, then the text: at most 65535.
  void text(std::string_view value);
  void raw(std::string_view value) { bytes_ += value; }

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Every read beyond the end, or over a limit, gives 0 or "" and makes ok() false for good.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  void require(bool condition) { ok_ = ok_ && condition; }

  uint64_t number(size_t size);
  uint32_t number32() { return static_cast<uint32_t>(number(4)); }
  int64_t signed_number() { return static_cast<int64_t>(number(8)); }
  // A number of `size` bytes that may not be above `max`.
  size_t count(size_t size, size_t max);
  std::string text(size_t max_bytes);
  std::string_view raw(size_t size);

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace holdfast::codec
