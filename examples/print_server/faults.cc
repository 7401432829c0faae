// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "faults.h"

#include <chrono>

namespace print_server {
namespace {

bool starts_with_any(const std::string& path, const std::vector<std::string>& prefixes) {
  for (const std::string& prefix : prefixes) {
    if (path.compare(0, prefix.size(), prefix) == 0) return true;
  }
  return false;
}

}  // namespace

void Faults::set(const Fault& fault) {
  const std::lock_guard<std::mutex> lock(mutex_);
  current_ = fault;
  ++generation_;
  changed_.notify_all();
}

void Faults::release_all() {
  const std::lock_guard<std::mutex> lock(mutex_);
  over_ = true;
  changed_.notify_all();
}

Fault Faults::take(const std::string& path) {
  std::unique_lock<std::mutex> lock(mutex_);
  const bool meant = current_.paths.empty() || starts_with_any(path, current_.paths);
  if (!meant || starts_with_any(path, current_.except_paths) || current_.remaining == 0) return {};
  if (current_.remaining > 0) --current_.remaining;
  const Fault fault = current_;
  const unsigned generation = generation_;
  const auto over = [&] { return over_ || generation_ != generation; };
  if (fault.delay_ms > 0) {
    changed_.wait_for(lock, std::chrono::milliseconds(fault.delay_ms), over);
  }
  // A request that hung goes on when the fault is lifted, like one to a process that was stopped.
  if (fault.mode == "hang") changed_.wait(lock, over);
  return fault;
}

}  // namespace print_server
