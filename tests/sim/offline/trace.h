// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

#include "holdfast/time.h"

namespace holdfast::sim::offline {

// What happened, hashed always, written when asked for, and its tail kept for a failure.
class Journal {
 public:
  explicit Journal(bool print) : print_(print) {}

  __attribute__((format(printf, 3, 4))) void add(Instant at, const char* pattern, ...) {
    char line[320];
    int used = std::snprintf(line, sizeof line, "%12.6f ", static_cast<double>(at.us) / 1e6);
    va_list arguments;
    va_start(arguments, pattern);
    used +=
        std::vsnprintf(line + used, sizeof line - static_cast<size_t>(used), pattern, arguments);
    va_end(arguments);
    for (const char* c = line; *c != '\0'; ++c)
      hash_ = (hash_ ^ static_cast<unsigned char>(*c)) * 0x100000001b3ull;
    if (print_) std::printf("%s\n", line);
    kept_.emplace_back(line);
    if (kept_.size() > kKept) kept_.pop_front();
  }
  uint64_t hash() const { return hash_; }
  std::string tail() const {
    std::string text;
    for (const std::string& line : kept_) text += line + "\n";
    return text;
  }

 private:
  static constexpr size_t kKept = 60;
  bool print_;
  uint64_t hash_ = 0xcbf29ce484222325ull;
  std::deque<std::string> kept_;
};

// What a batch of seeds must have met at least once, or it has shown nothing.
enum class Sometimes : uint8_t {
  granted_by_cache,
  granted_by_home,
  granted_elsewhere,
  denied_by_home,
  refused_wrong_secret,
  refused_not_cached,
  refused_unknown,
  refused_revoked,
  refused_disabled,
  refused_too_old,
  refused_expired,
  refused_not_writable,
  device_locked,
  locked_after_kill,
  user_paused,
  online_only,
  break_glass,
  killed_in_login,
  killed_between_count_and_verdict,
  killed_after_commit_before_count,
  list_taken,
  list_taken_in_login,
  list_given_up,
  list_refused,
  incarnation_changed,
  revocation_before_activation,
  revoked_in_session,
  ended_by_home,
  older_store_refused,
  older_store_unnoticed,
  rows_put_back_noticed,
  damage_noticed,
  restarted_untrusted,
  clock_set_back,
  clock_lowered,
  login_at_deadline,
  audit_dropped,
  audit_heard_twice,
  wiped,
  rotated,
  cap_reached,
  count,
};
constexpr size_t kSometimes = static_cast<size_t>(Sometimes::count);
const char* to_string(Sometimes what);

struct Reached {
  uint64_t times[kSometimes] = {};
  void hit(Sometimes what) { ++times[static_cast<size_t>(what)]; }
};

struct Violation {
  bool found = false;
  std::string number;
  std::string detail;
  Instant at{};
};
const char* invariant_name(const std::string& number);

}  // namespace holdfast::sim::offline
