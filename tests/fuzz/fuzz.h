// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share: the function that each defines, and its way to object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "holdfast/ports/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace holdfast::fuzz {

inline void objection(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
  std::abort();
}

// Also in builds with NDEBUG.
#define HOLDFAST_MUST(condition) \
  ((condition) ? (void)0 : holdfast::fuzz::objection(#condition, __FILE__, __LINE__))

inline std::string_view bytes_of(const uint8_t* data, size_t size) {
  return std::string_view(reinterpret_cast<const char*>(data), size);
}

// Takes the first byte; 0 when there is none.
inline char take_byte(std::string_view& rest) {
  if (rest.empty()) return 0;
  const char byte = rest.front();
  rest.remove_prefix(1);
  return byte;
}

// Takes what stands before the next `end`; everything when there is none.
inline std::string take_until(std::string_view& rest, char end) {
  const size_t at = rest.find(end);
  const std::string part(rest.substr(0, at));
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

// Nothing in it could begin another header or request.
inline void must_be_one_request(const WireRequest& request) {
  HOLDFAST_MUST(!request.method.empty() && is_visible_ascii(request.method));
  HOLDFAST_MUST(!request.target.empty() && request.target[0] == '/');
  HOLDFAST_MUST(is_visible_ascii(request.target));
  for (const auto& [name, value] : request.headers) {
    HOLDFAST_MUST(!name.empty() && is_visible_ascii(name));
    for (const char c : value) HOLDFAST_MUST(c >= 0x20 && c < 0x7f);
  }
}

}  // namespace holdfast::fuzz
