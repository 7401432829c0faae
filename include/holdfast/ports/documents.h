// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: documents on the device while they are fetched and printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/ports/transport.h"
#include "holdfast/status.h"

namespace holdfast {

// Writes one document. Destroyed before commit(): nothing remains.
class DocumentWriter : public BodySink {
 public:
  // After ok the document can be opened, and is whole. May block.
  virtual Status commit() = 0;
};

class DocumentReader : public BodySource {
 public:
  virtual Status rewind() = 0;
};

class Documents {
 public:
  virtual ~Documents() = default;
  // `id`: [A-Za-z0-9-], 1..64. already_exists when committed under that id; no_space when the quota
  // is reached.
  virtual Result<std::unique_ptr<DocumentWriter>> create(const std::string& id) = 0;
  virtual Result<std::unique_ptr<DocumentReader>> open(const std::string& id) = 0;
  virtual Status remove(const std::string& id) = 0;  // ok also when there is none
  virtual Result<std::vector<std::string>> list() = 0;
};

}  // namespace holdfast
