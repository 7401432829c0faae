// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every PrintEngine must do, at an engine (real or simulated) that prints what it is given
// without a fault.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/ports/print_engine.h"

namespace holdfast::conformance {

class PrintEngineBench {
 public:
  virtual ~PrintEngineBench() = default;
  virtual PrintEngine& engine() = 0;
  // Opens a whole document that the engine can print; called once for each attempt.
  virtual std::unique_ptr<DocumentReader> document() = 0;
  virtual Instant now() = 0;
  // Lets time pass, at most until `until`.
  virtual void sleep(Instant until) = 0;
};

inline bool is_final(PrintPhase phase) {
  return phase != PrintPhase::accepted && phase != PrintPhase::printing;
}

inline PrintAttempt attempt(const std::string& id) {
  PrintAttempt result;
  result.attempt_id = id;
  result.job.uuid = "0d3f0a52-6a3e-4e4f-9d64-1f2a6c1b7e10";
  result.job.user_uid = "user-1";
  result.job_name = "conformance";
  result.user_name = "nobody";
  result.mime = "application/pdf";
  return result;
}

// All events of one attempt until its final one; a minute at most.
inline std::vector<PrintEvent> events_of(PrintEngineBench& bench, const std::string& id) {
  std::vector<PrintEvent> events;
  const Instant end = bench.now() + seconds(60);
  while (bench.now() < end) {
    const Instant again = bench.engine().poll(bench.now());
    PrintEvent event;
    while (bench.engine().take(event)) {
      CHECK(event.attempt_id == id);
      events.push_back(event);
      if (is_final(event.phase)) return events;
    }
    bench.sleep(earlier(again, bench.now() + milliseconds(50)));
  }
  FAIL_CHECK("no final event within a minute");
  return events;
}

inline void check_quiet(PrintEngineBench& bench) {
  const Instant end = bench.now() + milliseconds(500);
  PrintEvent event;
  while (bench.now() < end) {
    (void)bench.engine().poll(bench.now());
    CHECK_FALSE(bench.engine().take(event));
    bench.sleep(bench.now() + milliseconds(50));
  }
}

inline void print_engine(PrintEngineBench& bench) {
  CHECK(bench.engine().poll(bench.now()) == Instant::never());  // nothing is under way
  bench.engine().cancel("nobody-knows-it");

  const std::string id = "6f6d8f14-0001-4c1e-8a57-000000000001";
  REQUIRE(bench.engine().start(attempt(id), bench.document()).ok());
  const std::vector<PrintEvent> events = events_of(bench, id);
  REQUIRE(events.size() >= 2);
  CHECK(events.front().phase == PrintPhase::accepted);
  CHECK_FALSE(events.front().engine_job.empty());
  CHECK(events.back().phase == PrintPhase::completed);
  uint32_t impressions = 0;
  for (const PrintEvent& event : events) {
    CHECK(event.impressions >= impressions);  // pages never go back in
    impressions = event.impressions;
  }
  check_quiet(bench);  // one final event, not two
  CHECK(bench.engine().poll(bench.now()) == Instant::never());

  // Asked after a restart about what it has printed: the same answer, or that it can't say. Never a
  // second print.
  CHECK(bench.engine().reattach(attempt(id), events.front().engine_job).ok());
  const PrintPhase asked = events_of(bench, id).back().phase;
  CHECK((asked == PrintPhase::completed || asked == PrintPhase::unknown));

  const std::string second = "6f6d8f14-0001-4c1e-8a57-000000000002";
  REQUIRE(bench.engine().start(attempt(second), bench.document()).ok());
  bench.engine().cancel(second);
  const PrintPhase ended = events_of(bench, second).back().phase;
  // Who is fast may have printed it all.
  CHECK((ended == PrintPhase::canceled || ended == PrintPhase::not_started ||
         ended == PrintPhase::completed));
  check_quiet(bench);
}

}  // namespace holdfast::conformance
