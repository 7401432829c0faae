// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "options.h"
#include "store.h"

namespace print_server {

enum class Role { active, passive, draining };
const char* role_name(Role role);

// Decides who is active. With a fixed role the data is this node's alone; with `auto` the holder of
// the data lock is active, and the other tries to take it five times a second.
class Roles {
 public:
  // `on_open` runs after the data was opened and before the first answer from it.
  Roles(Store& store, const Options& options, std::function<void()> on_open);
  ~Roles();

  void start();  // throws UsageError when a fixed role finds the data in use
  void stop();
  // "active", "passive", "draining" or "auto"; throws Problem when it can't be had.
  void set(const std::string& wanted, int retry_after_s);

  Role role() const { return role_.load(); }
  int retry_after_s() const { return retry_after_s_.load(); }  // of a draining node

 private:
  void watch();
  bool take_over();  // with mutex_ held
  void hand_over();
  void become(Role role);

  Store& store_;
  const Options& options_;
  std::function<void()> on_open_;
  DataLock lock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false;
  bool automatic_ = false;
  bool stopping_ = false;
  std::atomic<Role> role_{Role::passive};
  std::atomic<int> retry_after_s_{30};
  std::thread thread_;
};

}  // namespace print_server
