// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The IPP engine with a printer that answers: what is sent, and what is said of it.
#include <doctest/doctest.h>

#include "unit/ipp/fake_printer.h"

using namespace holdfast;
using namespace holdfast::test;

TEST_CASE("a document is printed and counted") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.impressions() == 3);
  CHECK(bench.printer.prints == 1);
  const FakeJob* job = bench.printer.job_named("attempt-1");
  REQUIRE(job != nullptr);
  CHECK(job->document == bench.document);

  using O = Operation;
  const std::vector<Operation> first = {O::get_printer_attributes, O::create_job, O::send_document,
                                        O::get_job_attributes};
  REQUIRE(bench.printer.log.size() > first.size());
  CHECK(std::equal(first.begin(), first.end(), bench.printer.log.begin()));
  // What must not be sent twice goes over a connection of its own.
  CHECK_FALSE(bench.transport->fresh[0]);
  CHECK(bench.transport->fresh[1]);
  CHECK(bench.transport->fresh[2]);
  CHECK(bench.transport->server.url == "http://printer.example:631");

  REQUIRE(bench.events.size() >= 3);
  CHECK(bench.events.front().phase == PrintPhase::accepted);
  CHECK(bench.events.front().engine_job == bench.printer.uuid + "/1/attempt-1/101");
  CHECK(bench.events[1].phase == PrintPhase::accepted);
  CHECK(bench.events[1].engine_job == bench.printer.uuid + "/1/attempt-1/101/sent");
  CHECK(bench.engine_job() == bench.events[1].engine_job);
  uint32_t last = 0;
  for (const PrintEvent& event : bench.events) {
    CHECK(event.attempt_id == "attempt-1");
    CHECK(event.impressions >= last);
    last = event.impressions;
  }
  // Exactly one final event, and then nothing more to do.
  const size_t events = bench.events.size();
  for (int i = 0; i < 500; ++i) bench.step();
  CHECK(bench.events.size() == events);
  CHECK(bench.engine->poll(bench.now) == Instant::never());
}

TEST_CASE("a printer that doesn't count: the pages of the attempt") {
  Bench bench;
  bench.printer.counts = false;
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.impressions() == 3);
}

TEST_CASE("a format that the printer doesn't take is never sent") {
  Bench bench;
  bench.printer.formats = {"image/pwg-raster", "application/octet-stream"};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.reason() == "document-format-not-supported");
  CHECK(bench.printer.count(Operation::create_job) == 0);
}

TEST_CASE("formats are compared without regard to case") {
  Bench bench;
  bench.printer.formats = {"image/urf", "Application/PDF"};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
}

TEST_CASE("a format refused with the document: taken back, not started") {
  Bench bench;
  bench.printer.refusals[Operation::send_document] = {codec::ipp::kFormatNotSupported};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.reason() == "document-format-not-supported");
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
  CHECK(bench.printer.prints == 0);
}

TEST_CASE("busy at Create-Job: asked again, ever more slowly, until it is free") {
  Bench bench;
  bench.printer.refusals[Operation::create_job] = {codec::ipp::kBusy, codec::ipp::kBusy,
                                                   codec::ipp::kNotAccepting};
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return bench.printer.count(Operation::create_job) == 4; });
  CHECK(bench.now.us >= 3500000);  // 0.5 + 1 + 2 s
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.printer.prints == 1);
}

TEST_CASE("busy for too long, or not accepting: not started") {
  IppEngineConfig config;
  config.busy_timeout_ms = 5000;
  Bench bench(config);
  bench.printer.refusals[Operation::create_job].assign(100, codec::ipp::kBusy);
  REQUIRE(bench.start().ok());
  bench.run(20000);
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.reason() == "printer is busy");

  Bench closed(config);
  closed.printer.accepting = false;
  REQUIRE(closed.start().ok());
  closed.run(20000);
  CHECK(closed.phase() == PrintPhase::not_started);
  CHECK(closed.reason() == "printer is not accepting jobs");
}

TEST_CASE("Create-Job refused for good: not started, with the status") {
  Bench bench;
  bench.printer.refusals[Operation::create_job] = {0x0501};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.reason() == "printer refused: IPP status 0x0501");
}

TEST_CASE("canceled in the middle: the count is what came out, after it came to rest") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return !bench.events.empty() && bench.events.back().impressions == 1; });
  bench.engine->cancel("attempt-1");
  bench.run();
  CHECK(bench.phase() == PrintPhase::canceled);
  CHECK(bench.impressions() == 3);  // this printer lets them all out
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
}

TEST_CASE("a canceled job whose pages go on coming: the last count is told") {
  Bench bench;
  bench.printer.page_us = 100000000;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return bench.printer.count(Operation::get_job_attributes) == 2; });
  FakeJob* job = bench.printer.job_named("attempt-1");
  REQUIRE(job != nullptr);
  job->state = PrinterJobState::canceled;
  job->impressions = 1;
  bench.run_until([&] { return bench.printer.count(Operation::get_job_attributes) == 3; });
  job->impressions = 2;
  bench.run();
  CHECK(bench.phase() == PrintPhase::canceled);
  CHECK(bench.impressions() == 2);
}

TEST_CASE("aborted by the printer: its count") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return !bench.events.empty() && bench.events.back().impressions == 1; });
  bench.printer.job_named("attempt-1")->state = PrinterJobState::aborted;
  bench.run();
  CHECK(bench.phase() == PrintPhase::aborted);
  CHECK(bench.impressions() == 1);
}

TEST_CASE("canceled before anything was begun") {
  Bench bench;
  bench.printer.faults[Operation::get_printer_attributes] = {Fault::stalled};
  REQUIRE(bench.start().ok());
  bench.step();
  bench.engine->cancel("attempt-1");
  bench.step();
  CHECK(bench.phase() == PrintPhase::canceled);
  CHECK(bench.impressions() == 0);
  CHECK(bench.transport->under_way.empty());
  CHECK(bench.printer.log.empty());
}

TEST_CASE("canceled while waiting for a busy printer") {
  Bench bench;
  bench.printer.refusals[Operation::create_job].assign(100, codec::ipp::kBusy);
  REQUIRE(bench.start().ok());
  bench.run(2000);
  bench.engine->cancel("attempt-1");
  bench.step();
  CHECK(bench.phase() == PrintPhase::canceled);
  CHECK(bench.impressions() == 0);
}

TEST_CASE("canceled while the document is on its way: found, stopped, told as canceled") {
  Bench bench;
  bench.printer.faults[Operation::send_document] = {Fault::stalled};
  REQUIRE(bench.start().ok());
  bench.run(3000);
  REQUIRE(bench.transport->under_way.size() == 1);
  bench.engine->cancel("attempt-1");
  bench.run();
  CHECK(bench.phase() == PrintPhase::canceled);
  CHECK(bench.impressions() == 0);
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
  CHECK(bench.printer.prints == 0);
}

TEST_CASE("a standstill is told with the printer's reason, and its end too") {
  Bench bench;
  bench.printer.page_us = 4000000;
  REQUIRE(bench.start().ok());
  bench.run(1500);
  bench.printer.state_reason = "media-jam-error";
  bench.run_until([&] { return bench.events.back().reason == "media-jam"; }, 5000);
  CHECK(bench.events.back().reason == "media-jam");
  CHECK(bench.events.back().phase == PrintPhase::printing);
  bench.printer.state_reason = "none";
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
}

TEST_CASE("bad calls and limits") {
  IppEngineConfig config;
  config.max_jobs = 1;
  Bench bench(config);
  CHECK(bench.start("").code() == Code::invalid_argument);
  CHECK(bench.start("a/b").code() == Code::invalid_argument);
  CHECK(bench.start(std::string(65, 'a')).code() == Code::invalid_argument);
  CHECK(bench.engine->start(bench.attempt(), nullptr).code() == Code::invalid_argument);
  REQUIRE(bench.start("one").ok());
  CHECK(bench.start("one").code() == Code::already_exists);
  CHECK(bench.start("two").code() == Code::busy);
  bench.engine->cancel("nobody");
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.start("two").ok());
}

TEST_CASE("a configuration out of its range is refused") {
  FakePrinter printer;
  auto make = [&](IppEngineConfig config) {
    return ipp_engine(std::make_unique<FakeTransport>(printer), config,
                      std::make_unique<FakeResolver>())
        .has_value();
  };
  IppEngineConfig good;
  good.printer_url = "ipp://p";
  CHECK(make(good));
  IppEngineConfig bad = good;
  bad.poll_interval_ms = 10;
  CHECK_FALSE(make(bad));
  bad = good;
  bad.max_jobs = 0;
  CHECK_FALSE(make(bad));
  bad = good;
  bad.upload_timeout_ms = 1000;
  CHECK_FALSE(make(bad));
  bad = good;
  bad.printer_url = "printer";
  CHECK_FALSE(make(bad));
  CHECK_FALSE(ipp_engine(nullptr, good).has_value());
}
