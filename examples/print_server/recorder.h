// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http.h"

namespace print_server {

struct RecordedRequest {
  std::string operation;
  std::string method;
  std::string path;
  std::string target;  // with the query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int64_t body_bytes = 0;
};

// Appends one line of JSON for each request and its answer, so that a client can be checked against
// the OpenAPI document. Tokens, receipts and secrets are masked.
class Recorder {
 public:
  explicit Recorder(const std::string& path);  // empty: records nothing; throws UsageError
  ~Recorder();
  bool on() const { return descriptor_ >= 0; }
  void record(const RecordedRequest& request, const Answer& answer);

 private:
  int descriptor_ = -1;
  std::mutex mutex_;
};

}  // namespace print_server
