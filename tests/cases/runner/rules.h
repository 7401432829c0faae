// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What holds in every case, whatever it expects.
#pragma once

#include <map>
#include <set>
#include <string>

#include "journal.h"

namespace holdfast::cases {

class Rules {
 public:
  void configured(const Config& config) { capacity_ = 320 + 8 * size_t{config.limit.max_requests}; }
  // The core begins anew: what it did before binds it no more.
  void restarted();
  void forgotten(const std::string& server);

  // Each action in order; `listed`: its server is one of the configuration.
  Difference action(const Record& record, bool listed);
  void answered(uint32_t attempt) { answered_.insert(attempt); }
  // The core has been emptied: `actions` came out of it.
  Difference emptied(size_t actions, Instant deadline, Instant now);
  // `free_since`: the host's loop runs undisturbed since then.
  Difference requests(const Journal& journal, Instant free_since, Instant now);

 private:
  Difference sends(const Record& record, bool listed);
  Difference changes(const Record& record);

  size_t capacity_ = 0;
  std::map<std::string, Instant> probed_;
  std::map<std::string, ServerState> states_;
  std::string route_ = "none";
  LocalHealth local_ = LocalHealth::ok;
  std::set<uint32_t> answered_;
  size_t settled_ = 0;  // requests before this one have ended
};

}  // namespace holdfast::cases
