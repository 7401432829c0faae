// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <cstdint>
#include <string>

#include "options.h"

namespace mfp {

// The device's wall clock, and the moment before which it can't be: the later of the program's
// build time and the latest time that was believed and that a server's certificate bore out. That
// one is kept in the state folder, so a device that wakes up in 1970 still knows roughly when it
// is: its servers' certificates are valid, and expired ones stay expired.
class Clock {
 public:
  // Loads what was kept; the store is borrowed.
  Clock(const Options& options, holdfast::StateStore& state);

  holdfast::WallClock now() const;
  int64_t floor_unix_ms() const { return floor_unix_ms_; }

  // What certificates are verified by instead of the system's clock; null: the system's.
  static int64_t (*source())();

  // Keeps the time where it is believed, a server has just proved it, and a day has passed since
  // the last time. A clock that runs ahead finds every certificate expired, so it proves nothing.
  void keep(const holdfast::Config& config, const holdfast::Client& client,
            holdfast::Executor& executor);

 private:
  class Write;

  const holdfast::WallTrust trust_;
  holdfast::StateStore& state_;
  int64_t kept_unix_ms_ = 0;  // 0: none
  int64_t floor_unix_ms_ = 0;
  holdfast::Instant next_look_ = {INT64_MIN};
  bool writing_ = false;
};

}  // namespace mfp
