// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "jobs.h"
#include "roles.h"
#include "store.h"

namespace print_server {

// Files put into DIR/drop/<user name>/ become jobs of that user. A file is taken once it has rested
// for one round, and removed only after its job is durable.
class DropFolder {
 public:
  DropFolder(Store& store, Jobs& jobs, const Roles& roles);
  ~DropFolder() { stop(); }
  void start();
  void stop();
  void make_folders();  // one for each user whose name can be a folder's

 private:
  struct Seen {
    int64_t bytes;
    int64_t changed_ns;
  };
  void scan();
  bool known_empty(const std::string& folder);
  void scan_user(const std::string& folder, const std::string& user_uid);
  void take(const std::string& path, const std::string& name, const std::string& user_uid,
            const std::string& file_mark);

  Store& store_;
  Jobs& jobs_;
  const Roles& roles_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, int64_t> empty_;  // folder -> time of its last change
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace print_server
