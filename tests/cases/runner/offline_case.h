// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A case of logins without a server: a policy, what happens when, and what each login must come to.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "case.h"
#include "core/offline.h"

namespace holdfast::cases {

// Times are real ones, in ms since the case began. The device sees them only through its clocks.
enum class OfflineStepKind : uint8_t {
  learn,        // home granted a login
  contact,      // home answered something else
  change,       // home says of a user: revoked, disabled, ambiguous
  attempt,      // a login without a server
  break_glass,  // likewise, with the code on the paper
  clock,        // the wall clock is set
  restart,      // off, and on again
  scope,        // what the policy and the tier come to
  pin_alone,    // may so many PINs be looked up alone?
  expect,       // what the clock says
};

struct OfflineStep {
  OfflineStepKind kind = OfflineStepKind::expect;
  int64_t at_ms = 0;
  int64_t every_ms = 0;  // 0: once
  int64_t until_ms = 0;
  std::string where;  // JSON pointer, for messages

  std::string user;
  CredentialKind credential = CredentialKind::card;
  bool right = true;                 // the secret, the code
  std::string change;                // "revoked", "disabled", "ambiguous"
  bool flag = true;                  // of a change; of pin_alone: allowed
  std::optional<ClockChange> clock;  // contact: home's; clock: the device's
  int64_t off_ms = 0;                // restart
  std::string gives;                 // "granted" or a refusal
  std::optional<std::string> verdict;
  std::optional<int64_t> wait_s, cached, digits, age_s;
  std::optional<std::string> utc;
  std::optional<bool> set_back, lowered;
  std::optional<std::vector<std::string>> rights;
  std::vector<std::pair<std::string, int64_t>> numbers;  // scope
};

struct OfflineCase {
  std::string name;
  OfflinePolicy policy;
  uint8_t tier = 1;
  bool client_certificate = false;
  bool whole_list = false;
  ClockChange clock;
  int64_t build_ms = 0;
  std::vector<std::string> rights;  // of each user
  std::vector<OfflineStep> steps;   // in order of time
};

// Does the file hold cases of this kind?
bool is_offline_file(const std::string& text);
std::vector<OfflineCase> parse_offline_cases(const std::string& text,
                                             std::vector<std::string>* errors);
// offline_runner.cc: the first difference.
struct Difference;
Difference run_offline(const OfflineCase& c);

}  // namespace holdfast::cases
