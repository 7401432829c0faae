// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "holdfast/types.h"

namespace holdfast {

void wipe(void* data, size_t size) noexcept {
  // Volatile stores may not be left out, whatever becomes of the memory afterwards.
  volatile auto* bytes = static_cast<volatile unsigned char*>(data);
  for (size_t i = 0; i < size; ++i) bytes[i] = 0;
}

void wipe(std::string& text) noexcept {
  // Bytes between size() and capacity() may be left from a longer text. Growing to the capacity
  // makes them ours to write; it neither allocates nor throws.
  text.resize(text.capacity());
  wipe(&text[0], text.size());
  text.clear();
}

// A string of any length moves into a place that is wiped later: a short one is copied, so its
// source is wiped here; a long one hands over its heap block, and what is left behind is wiped just
// the same.
Secret::Secret(std::string&& text) : text_(std::move(text)) { wipe(text); }

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(text_);
  // swap, not move assignment: that might keep our old block in `other`'s hands or copy within it.
  text_.swap(other.text_);
  wipe(other.text_);
  return *this;
}

Secret::~Secret() { wipe(text_); }

}  // namespace holdfast
