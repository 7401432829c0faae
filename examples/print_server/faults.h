// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace print_server {

// How the server misbehaves, for tests of devices.
struct Fault {
  std::string mode = "none";  // none | hang | status | html | truncate
  int status = 503;
  int retry_after_s = -1;
  int delay_ms = 0;                // before any answer, with each mode
  std::vector<std::string> paths;  // only paths that start so; empty: all
  std::vector<std::string> except_paths;
  int remaining = -1;  // requests still to be hit; -1: no end
};

class Faults {
 public:
  void set(const Fault& fault);
  void release_all();  // at the end of the program

  // What happens to this request. Waits for the delay, and as long as it is to hang.
  Fault take(const std::string& path);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Fault current_;
  unsigned generation_ = 0;
  bool over_ = false;
};

}  // namespace print_server
