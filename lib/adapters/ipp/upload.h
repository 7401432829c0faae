// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "holdfast/ports/documents.h"

namespace holdfast::ipp {

// The body of a Send-Document: the request's head, then the document as it is read.
class Upload : public BodySource {
 public:
  Upload(std::string head, std::unique_ptr<DocumentReader> document);

  uint64_t size() const override { return size_; }
  Result<size_t> read(uint8_t* data, size_t capacity) override;

  // The transport has been given every byte. Says nothing of what arrived.
  bool all_given() const { return given_ == size_; }
  uint64_t given() const { return given_; }
  // Gives the document back; the upload is over.
  std::unique_ptr<DocumentReader> release() { return std::move(document_); }

 private:
  std::string head_;
  std::unique_ptr<DocumentReader> document_;
  uint64_t size_;
  uint64_t given_ = 0;
};

}  // namespace holdfast::ipp
