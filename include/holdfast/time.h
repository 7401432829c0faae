// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Time as the library sees it. The library never reads a clock: the host hands both clocks to every
// call.
#pragma once

#include <cstdint>

namespace holdfast {

// A length of time in whole microseconds. May be negative only as the difference of two instants.
struct Duration {
  int64_t us = 0;

  constexpr int64_t ms() const { return us / 1000; }
};

constexpr Duration microseconds(int64_t n) { return {n}; }
constexpr Duration milliseconds(int64_t n) { return {n * 1000}; }
constexpr Duration seconds(int64_t n) { return {n * 1000000}; }

// A point on a monotonic clock that does not stop while the device sleeps (CLOCK_BOOTTIME on
// Linux), in microseconds from an origin of the host's choice. Must never go back; intervals and
// time-outs use nothing else.
struct Instant {
  int64_t us = 0;

  // Later than every instant a clock can show: "no deadline".
  static constexpr Instant never() { return {INT64_MAX}; }
};

// Wall time. `trusted` is the host's word that the clock was set from a source it believes (NTP, a
// battery-backed clock, the authenticated time of a server). Nothing that protects a user depends
// on an untrusted clock.
struct WallClock {
  int64_t unix_ms = 0;
  bool trusted = false;
};

constexpr bool operator==(Duration a, Duration b) { return a.us == b.us; }
constexpr bool operator!=(Duration a, Duration b) { return a.us != b.us; }
constexpr bool operator<(Duration a, Duration b) { return a.us < b.us; }
constexpr bool operator<=(Duration a, Duration b) { return a.us <= b.us; }
constexpr bool operator>(Duration a, Duration b) { return a.us > b.us; }
constexpr bool operator>=(Duration a, Duration b) { return a.us >= b.us; }
constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.us - b.us}; }
constexpr Duration operator*(Duration a, int64_t n) { return {a.us * n}; }
constexpr Duration operator/(Duration a, int64_t n) { return {a.us / n}; }

constexpr bool operator==(Instant a, Instant b) { return a.us == b.us; }
constexpr bool operator!=(Instant a, Instant b) { return a.us != b.us; }
constexpr bool operator<(Instant a, Instant b) { return a.us < b.us; }
constexpr bool operator<=(Instant a, Instant b) { return a.us <= b.us; }
constexpr bool operator>(Instant a, Instant b) { return a.us > b.us; }
constexpr bool operator>=(Instant a, Instant b) { return a.us >= b.us; }
constexpr Duration operator-(Instant a, Instant b) { return {a.us - b.us}; }

// Saturates at never(), so that "never + anything" stays never.
constexpr Instant operator+(Instant a, Duration d) {
  return (d.us > 0 && a.us > INT64_MAX - d.us) ? Instant::never() : Instant{a.us + d.us};
}
constexpr Instant operator-(Instant a, Duration d) { return {a.us - d.us}; }

constexpr Instant earlier(Instant a, Instant b) { return a < b ? a : b; }
constexpr Instant later(Instant a, Instant b) { return a < b ? b : a; }
constexpr Duration shorter(Duration a, Duration b) { return a < b ? a : b; }
constexpr Duration longer(Duration a, Duration b) { return a < b ? b : a; }

}  // namespace holdfast
