// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: a sink for one-line messages. Optional. Never receives a secret, a document or a token.
#pragma once

#include <cstdint>

namespace holdfast {

enum class LogLevel : uint8_t { error, warning, info, debug };

class Log {
 public:
  virtual ~Log() = default;
  // `text` is valid during the call only; printable UTF-8 without line breaks. Owner's thread.
  virtual void write(LogLevel level, const char* text) noexcept = 0;
};

}  // namespace holdfast
