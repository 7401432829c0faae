// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/mutants.h"
#include "core/offline.h"

namespace holdfast::core {
namespace {

// The end of the year 9999: no clock goes further, and no sum of two times overflows.
constexpr int64_t kLatest_ms = 253402300799999;

int64_t possible(int64_t ms) { return std::clamp<int64_t>(ms, 0, kLatest_ms); }

int64_t elapsed_ms(Instant from, Instant to) {
  if (to <= from) return 0;
  return static_cast<int64_t>((static_cast<uint64_t>(to.us) - static_cast<uint64_t>(from.us)) /
                              1000);
}

}  // namespace

EffectiveClock::EffectiveClock(int64_t build_ms, const ClockMemory& memory, bool restarted,
                               Instant now, WallClock wall)
    : memory_{possible(memory.high_water_ms), possible(memory.contact_ms)},
      kept_(memory),
      mark_(now),
      build_ms_(possible(build_ms)),
      wall_ms_(possible(wall.unix_ms)) {
  const int64_t before = std::max(memory_.high_water_ms, memory_.contact_ms);
  const int64_t shown = wall.trusted ? wall_ms_ : 0;
  const bool measured = shown >= before;
  memory_.high_water_ms = std::max({before, build_ms_, shown});
  if (restarted && !measured && memory_.contact_ms > 0 && !mutant(Mutant::restart_free))
    memory_.contact_ms = std::max<int64_t>(memory_.contact_ms - kRestart_ms, 1);
  set_back_ = wall.trusted && shown < before - kTolerance_ms;
}

int64_t EffectiveClock::now_ms(Instant now, WallClock wall) {
  advance(now, wall);
  return memory_.high_water_ms;
}

void EffectiveClock::advance(Instant now, WallClock wall) {
  const int64_t elapsed = elapsed_ms(mark_, now);
  const int64_t shown = possible(wall.unix_ms);
  // A part of a millisecond stays for the next time.
  if (elapsed > 0)
    mark_.us = static_cast<int64_t>(static_cast<uint64_t>(mark_.us) +
                                    static_cast<uint64_t>(elapsed) * 1000);
  watch(elapsed, wall);
  memory_.high_water_ms = possible(memory_.high_water_ms + elapsed);
  if (wall.trusted && mutant(Mutant::clock_back_extends)) memory_.high_water_ms = shown;
  if (contradicted_ && shown <= memory_.high_water_ms + kTolerance_ms) contradicted_ = false;
  if (wall.trusted && !contradicted_)
    memory_.high_water_ms = std::max(memory_.high_water_ms, shown);
}

void EffectiveClock::watch(int64_t elapsed, WallClock wall) {
  const int64_t shown = possible(wall.unix_ms);
  if (shown < possible(wall_ms_ + elapsed) - kTolerance_ms) set_back_ = true;
  wall_ms_ = shown;
}

bool EffectiveClock::take_set_back() {
  const bool was = set_back_;
  set_back_ = false;
  return was;
}

bool EffectiveClock::contact(int64_t server_ms, Instant now, WallClock wall) {
  advance(now, wall);
  bool lowered = false;
  if (server_ms > 0) {
    const int64_t told = std::max(possible(server_ms), build_ms_);
    lowered = memory_.high_water_ms > told + kTolerance_ms;
    memory_.high_water_ms = lowered ? told : std::max(memory_.high_water_ms, told);
    contradicted_ = possible(wall.unix_ms) > told + kTolerance_ms;
  }
  memory_.contact_ms = std::max<int64_t>(memory_.high_water_ms, 1);
  return lowered;
}

bool EffectiveClock::worth_keeping() const {
  const auto differs = [](int64_t now, int64_t kept) {
    return now - possible(kept) >= kRestart_ms || possible(kept) - now >= kTolerance_ms;
  };
  return differs(memory_.high_water_ms, kept_.high_water_ms) ||
         differs(memory_.contact_ms, kept_.contact_ms);
}

}  // namespace holdfast::core
