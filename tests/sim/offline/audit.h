// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What home has heard of a device's logins, and whether that is all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "holdfast/audit.h"
#include "sim/offline/trace.h"

namespace holdfast::sim::offline {

class HeardAudit {
 public:
  using Broken = std::function<void(const char* number, const std::string& detail)>;
  HeardAudit(Reached* reached, Broken broken) : reached_(reached), broken_(std::move(broken)) {}

  // Home's answer to a batch.
  std::string batch(const std::string& body);
  // What the host was told.
  void told(const AuditEvent& event);
  void started() { told_ = 0; }
  // An older copy of the store goes on with numbers that were used, or events went with the store.
  void forget_order() { ordered_ = false; }

  // A decision by the cache that a person saw.
  void decided(bool granted, const std::string& user_uid) {
    ++decided_[(granted ? "login_granted " : "login_refused ") + user_uid];
  }
  // Everything has been drained: each decision must have been among it.
  void judge();

 private:
  struct Epoch {
    uint64_t last = 0;
    std::map<uint64_t, std::string> events;
  };
  void take(Epoch& epoch, uint64_t sequence, const std::string& kind, const std::string& text);

  Reached* const reached_;
  const Broken broken_;
  std::map<std::string, Epoch> epochs_;
  std::map<std::string, uint64_t> decided_, heard_;
  uint64_t told_ = 0;
  uint64_t dropped_ = 0;
  bool ordered_ = true;
};

}  // namespace holdfast::sim::offline
