// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace print_server {

// Counters by name and labels, as Prometheus text.
class Metrics {
 public:
  void count(const std::string& series);  // name{labels}, without the holdfast_server_ prefix
  std::string text() const;
  static std::string gauge(const std::string& series, int64_t value);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int64_t> counters_;
};

}  // namespace print_server
