// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

namespace print_server {
namespace {

constexpr char kPrefix[] = "holdfast_server_";

std::string name_of(const std::string& series) { return series.substr(0, series.find('{')); }

}  // namespace

void Metrics::count(const std::string& series) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++counters_[series];
}

std::string Metrics::text() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string out;
  std::string last;
  for (const auto& [series, value] : counters_) {
    const std::string name = name_of(series);
    if (name != last) out += std::string("# TYPE ") + kPrefix + name + " counter\n";
    last = name;
    out += kPrefix + series + " " + std::to_string(value) + "\n";
  }
  return out;
}

std::string Metrics::gauge(const std::string& series, int64_t value) {
  return std::string("# TYPE ") + kPrefix + name_of(series) + " gauge\n" + kPrefix + series + " " +
         std::to_string(value) + "\n";
}

}  // namespace print_server
