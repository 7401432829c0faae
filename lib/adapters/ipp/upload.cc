// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/ipp/upload.h"

#include <algorithm>
#include <cstring>

namespace holdfast::ipp {

Upload::Upload(std::string head, std::unique_ptr<DocumentReader> document)
    : head_(std::move(head)),
      document_(std::move(document)),
      size_(head_.size() + document_->size()) {}

Result<size_t> Upload::read(uint8_t* data, size_t capacity) {
  if (given_ < head_.size()) {
    const size_t at = static_cast<size_t>(given_);
    const size_t size = std::min(capacity, head_.size() - at);
    std::memcpy(data, head_.data() + at, size);
    given_ += size;
    return size;
  }
  Result<size_t> size = document_->read(data, capacity);
  if (size) given_ += *size;
  return size;
}

}  // namespace holdfast::ipp
