// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory of containers that is wiped before it goes back, also when a container outgrows it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "holdfast/types.h"

namespace holdfast {

template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}

  T* allocate(size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* block, size_t count) noexcept {
    wipe(block, count * sizeof(T));
    std::allocator<T>().deallocate(block, count);
  }
};

template <class T, class U>
bool operator==(const WipingAllocator<T>&, const WipingAllocator<U>&) noexcept {
  return true;
}
template <class T, class U>
bool operator!=(const WipingAllocator<T>&, const WipingAllocator<U>&) noexcept {
  return false;
}

// A text so short that it needs no block of its own isn't wiped.
using WipingString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace holdfast
