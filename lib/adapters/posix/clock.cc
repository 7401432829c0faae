// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <sys/random.h>
#include <sys/timex.h>

#include <cerrno>
#include <ctime>

#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

bool is_synchronised() {
  timex state = {};  // modes 0: only asks
  const int said = ::adjtimex(&state);
  return said >= 0 && said != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

class SystemRandom final : public Random {
 public:
  Status fill(uint8_t* data, size_t size) override {
    while (size > 0) {
      const ssize_t given = ::getrandom(data, size, 0);
      if (given < 0 && errno == EINTR) continue;
      if (given <= 0) return Status(Code::io_error, errno);
      data += given;
      size -= static_cast<size_t>(given);
    }
    return {};
  }
};

}  // namespace

Instant monotonic_now() {
  timespec now = {};
  (void)::clock_gettime(CLOCK_BOOTTIME, &now);
  return {static_cast<int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000};
}

WallClock wall_now(WallTrust trust, int64_t floor_unix_ms) {
  timespec now = {};
  (void)::clock_gettime(CLOCK_REALTIME, &now);
  WallClock wall;
  wall.unix_ms = static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
  if (wall.unix_ms < floor_unix_ms) return wall;
  wall.trusted =
      trust == WallTrust::always || (trust == WallTrust::synchronised && is_synchronised());
  return wall;
}

std::unique_ptr<Random> system_random() { return std::make_unique<SystemRandom>(); }

}  // namespace holdfast
