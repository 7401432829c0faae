// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store.h"

namespace print_server {

struct AuditEvent {
  int64_t sequence = 0;
  std::string kind;
  std::string at;
  std::string user_uid;    // empty: nobody known
  std::string credential;  // empty: none
  std::string what;
};

struct AuditRecord : AuditEvent {
  std::string device, epoch;
};

// What devices noted while they decided logins themselves. A set, like the ledger: the id is
// (device, epoch, sequence), and the first word about one stays.
class AuditTrail {
 public:
  explicit AuditTrail(Store& store) : store_(store) {}

  void add(const std::string& device, const std::string& epoch,
           const std::vector<AuditEvent>& events);
  std::vector<AuditRecord> latest(size_t limit);

 private:
  Store& store_;
};

}  // namespace print_server
