// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A case, as read from its file: a configuration, what happens when, and what is expected.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/words.h"
#include "holdfast/config.h"

namespace holdfast::cases {

// The virtual clock starts here, so that no instant of a case is mistaken for "unset".
constexpr Instant kOrigin = Instant{} + seconds(1000);

struct Window {
  Instant from = kOrigin;
  Instant to = Instant::never();
  bool holds(Instant t) const { return from <= t && t <= to; }
};

// How a server answers.
struct Manner {
  enum class Kind : uint8_t {
    good,
    silent,   // what arrives is lost
    stunned,  // what arrives is answered when the server wakes up
    passive,  // good answers that say so; requests are turned away
    fails,    // with `outcome`
  };
  Kind kind = Kind::good;
  core::Outcome outcome = core::Outcome::good;
  bool sent = true;  // of a failure: the request may have got there
  std::string word = "good";
};

// What the device's credentials are worth after a refresh.
enum class Refresh : uint8_t { unchanged, changed, accepted, never };

// Each field that is set takes effect.
struct ServerChange {
  std::optional<Manner> probes, requests;
  std::optional<Duration> probe_latency, request_latency;
  std::optional<uint32_t> retry_after_s, spread_s, probe_s, fail_one_in;
  std::optional<uint64_t> instance, epoch;
  std::optional<Verdict> verdict;
  std::optional<Refresh> refresh;
};

struct CacheChange {
  std::optional<Verdict> verdict;  // none: it never answers
  Duration latency = milliseconds(1);
};

struct ClockChange {
  int64_t unix_ms = 0;
  bool trusted = true;
  bool announced = false;  // the host calls clock_stepped() as well
};

struct Expectation {
  std::vector<std::pair<std::string, std::string>> states, causes;
  std::optional<std::string> route, local;
  std::optional<std::pair<int64_t, int64_t>> deadline_in_ms, planned_return_in_s;
  bool no_planned_return = false;
  std::optional<int64_t> hold_down_s, switches_last_hour, requests_under_way;
};

struct RequestStep {
  std::string id;
  core::RequestSpec spec;
  std::string only, prefer;  // server names
};

enum class StepKind : uint8_t {
  server,
  request,
  cancel,
  user_present,
  link,
  stall,
  clock,
  cache,
  fail_back,
  restart,
  reconfigure,
  expect,
};

struct Step {
  StepKind kind = StepKind::expect;
  Instant at = kOrigin;
  Duration every{};  // 0: once
  Instant until = Instant::never();
  std::string where;  // JSON pointer, for messages

  std::string server;
  ServerChange change;
  RequestStep request;
  std::string cancel;
  bool flag = false;  // user_present
  LinkState link;
  Duration length{};  // stall, restart
  ClockChange clock;
  CacheChange cache;
  std::string status;          // what fail_back() must return
  std::vector<Config> config;  // reconfigure: one
  Expectation expect;
};

// Holds at some moment of the window, or at every one.
struct Watch {
  Window window;
  bool always = false;
  Expectation expect;
  std::string where;
};

// Describes actions; each field named has to be equal.
struct Match {
  std::vector<std::pair<std::string, std::string>> fields;
  Window window;
  std::string where;
  std::string text() const;
};

struct Count {
  Match match;
  int64_t at_least = 0, at_most = 0;
};

struct End {
  std::string request;  // a trailing * stands for any ending
  std::vector<std::string> ends;
  std::optional<std::string> by;
  Window window;
  std::optional<Duration> within;  // of its start
  std::string where;
};

struct Case {
  std::string name;
  Config config;
  uint64_t seed = 1;
  ClockChange clock;
  CacheChange cache;
  std::vector<std::pair<std::string, ServerChange>> servers;
  std::vector<Step> steps;  // in order of time
  std::vector<Watch> watches;
  std::vector<Match> actions, never;
  std::vector<Count> counts;
  std::vector<End> ends;
  Instant run_until{};
};

// Appends what is wrong with the text, one line each; the cases are usable only without any.
std::vector<Case> parse_cases(const std::string& text, std::vector<std::string>* errors);

}  // namespace holdfast::cases
