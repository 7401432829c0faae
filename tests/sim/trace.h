// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What happened, hashed always, written when asked for, and its tail kept for a failure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/words.h"
#include "sim/script.h"

namespace holdfast::sim {

struct Note {
  enum class Kind : uint8_t {
    action,
    probe_result,
    attempt_result,
    request,
    step,
    host,
    fault_over
  };
  Kind kind = Kind::host;
  Instant at{};
  core::Action action;      // of an action
  core::Evidence evidence;  // of a result
  core::RequestSpec spec;   // of a request
  Step step;
  uint32_t id = 0;
  uint8_t server = kNoServer;
  const char* text = "";  // static
};
std::string to_string(const Note& note);

class Trace {
 public:
  explicit Trace(bool print) : print_(print) {}
  void add(const Note& note);
  uint64_t hash() const { return hash_; }
  // The last notes, oldest first.
  std::string tail(size_t lines) const;

 private:
  void mix(uint64_t value) {
    for (int i = 0; i < 8; ++i) hash_ = (hash_ ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3ull;
  }

  static constexpr size_t kKept = 256;
  bool print_;
  uint64_t hash_ = 0xcbf29ce484222325ull;
  std::vector<Note> kept_;
  size_t next_ = 0;
};

// What a batch of seeds must have met at least once, or it has shown nothing.
enum class Sometimes : uint8_t {
  switched_failed,
  switched_draining,
  switched_quarantined,
  returned,
  returned_by_hand,
  returned_in_grace,
  return_failed,  // the canary
  recovered,
  route_none,
  route_direct,
  race,
  hedge,
  retry,
  held_answer,
  suspect_cleared,
  gray,
  quarantined,
  split_brain,
  network_down,
  local_stall,
  clock_untrusted,
  device_refused,
  credentials_refreshed,
  hour_limit,
  hold_down_doubled,
  short_stun,
  provisional,
  contradicted,
  outcome_unknown,
  too_busy,
  timed_out,
  unreachable,
  cancelled,
  granted_by_cache,
  denied_by_cache,
  denied_by_home,
  denied_elsewhere,
  answered_with_error,
  session_kept,
  last_good_address,
  stale_result,
  late_after_cancel,
  answer_while_unplugged,
  restored,
  table_full,
  count,
};
constexpr size_t kSometimes = static_cast<size_t>(Sometimes::count);
const char* to_string(Sometimes what);

struct Reached {
  uint64_t times[kSometimes] = {};
  void hit(Sometimes what) { ++times[static_cast<size_t>(what)]; }
};

}  // namespace holdfast::sim
