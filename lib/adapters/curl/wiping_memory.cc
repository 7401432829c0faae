// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/wiping_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "holdfast/types.h"

namespace holdfast::curl {
namespace {

// Before each block stands its size.
constexpr size_t kHead = alignof(std::max_align_t);
static_assert(kHead >= sizeof(size_t));

void* start_of(void* block) { return static_cast<char*>(block) - kHead; }

size_t size_of(void* block) {
  size_t size = 0;
  std::memcpy(&size, start_of(block), sizeof size);
  return size;
}

void* allocate(size_t size) {
  if (size > SIZE_MAX - kHead) return nullptr;
  void* const start = std::malloc(kHead + size);
  if (start == nullptr) return nullptr;
  std::memcpy(start, &size, sizeof size);
  return static_cast<char*>(start) + kHead;
}

void release(void* block) {
  if (block == nullptr) return;
  wipe(block, size_of(block));
  std::free(start_of(block));
}

void* reallocate(void* block, size_t size) {
  void* const grown = allocate(size);
  if (grown == nullptr || block == nullptr) return grown;
  std::memcpy(grown, block, std::min(size, size_of(block)));
  release(block);
  return grown;
}

char* duplicate(const char* text) {
  const size_t size = std::strlen(text) + 1;
  void* const copy = allocate(size);
  if (copy != nullptr) std::memcpy(copy, text, size);
  return static_cast<char*>(copy);
}

void* allocate_zeroed(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void* const block = allocate(count * size);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

}  // namespace

CURLcode global_init_wiping() {
  return curl_global_init_mem(CURL_GLOBAL_DEFAULT, allocate, release, reallocate, duplicate,
                              allocate_zeroed);
}

}  // namespace holdfast::curl
