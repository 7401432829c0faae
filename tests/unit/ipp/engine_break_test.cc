// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The IPP engine when something breaks. Two questions stand behind each case: can a job be printed
// twice, and is anything claimed that nobody knows?
#include <doctest/doctest.h>

#include "unit/ipp/fake_printer.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

bool printing(const Bench& bench, uint32_t impressions) {
  return !bench.events.empty() && bench.events.back().impressions >= impressions;
}

// After a break both lists are asked before anything else is begun or judged.
bool asked_both_lists(const FakePrinter& printer) {
  return printer.count(Operation::get_jobs) >= 2;
}

}  // namespace

TEST_CASE("a printer that never answers: not started after the time-out, no sooner") {
  Bench bench;
  bench.printer.silent = true;
  REQUIRE(bench.start().ok());
  bench.run(29000);
  CHECK(bench.final_event() == nullptr);
  bench.run(10000);
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.reason() == "printer closed the connection");
}

TEST_CASE("a printer that answers late: printed") {
  Bench bench;
  bench.printer.silent = true;
  REQUIRE(bench.start().ok());
  bench.run(15000);
  bench.printer.silent = false;
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
}

TEST_CASE("refused at the door (401): not started at once") {
  Bench bench;
  bench.printer.faults[Operation::get_printer_attributes] = {Fault::http_401};
  REQUIRE(bench.start().ok());
  bench.run(1000);
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.reason() == "printer refused: HTTP status 401");
}

TEST_CASE("a damaged answer is no answer") {
  Bench bench;
  bench.printer.faults[Operation::get_printer_attributes] = {Fault::garbage, Fault::http_500};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.printer.prints == 1);
}

TEST_CASE("Create-Job not sent: tried again") {
  Bench bench;
  bench.printer.faults[Operation::create_job] = {Fault::unsent};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.printer.count(Operation::create_job) == 1);
}

TEST_CASE("Create-Job's answer lost: found by its name, one job only") {
  for (Fault fault : {Fault::answer_lost, Fault::garbage, Fault::other_answer}) {
    Bench bench;
    bench.printer.faults[Operation::create_job] = {fault};
    REQUIRE(bench.start().ok());
    bench.run();
    CHECK(bench.phase() == PrintPhase::completed);
    CHECK(bench.printer.count(Operation::create_job) == 1);
    CHECK(bench.printer.count(Operation::get_jobs) == 1);
    CHECK(bench.printer.prints == 1);
    CHECK(bench.events.front().phase == PrintPhase::accepted);
  }
}

TEST_CASE("Create-Job never arrived: on neither list, not started") {
  Bench bench;
  bench.printer.faults[Operation::create_job] = {Fault::lost};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(asked_both_lists(bench.printer));
}

TEST_CASE("Create-Job unanswered and the printer restarted, or gone: unknown") {
  Bench bench;
  bench.printer.faults[Operation::create_job] = {Fault::answer_lost};
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return bench.printer.count(Operation::create_job) == 1; });
  bench.printer.restart();
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.reason() == "printer restarted");

  Bench gone;
  gone.printer.faults[Operation::create_job] = {Fault::answer_lost};
  REQUIRE(gone.start().ok());
  gone.run_until([&] { return gone.printer.count(Operation::create_job) == 1; });
  gone.printer.silent = true;
  gone.run();
  CHECK(gone.phase() == PrintPhase::unknown);
}

TEST_CASE("upload cut at half: stopped, and unknown although the printer calls it completed") {
  Bench bench;
  bench.printer.pages = 1;
  bench.printer.page_us = 1;
  bench.printer.faults[Operation::send_document] = {Fault::cut_upload};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.impressions() == 1);
  CHECK(asked_both_lists(bench.printer));
  CHECK(bench.printer.prints == 1);
}

TEST_CASE("upload cut at half of a slow print: canceled at the printer, and still unknown") {
  Bench bench;
  bench.printer.faults[Operation::send_document] = {Fault::cut_upload};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.impressions() == 3);
}

TEST_CASE("the upload never arrived: watched for a moment, taken back, not started") {
  Bench bench;
  bench.printer.faults[Operation::send_document] = {Fault::lost};
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return bench.printer.count(Operation::get_job_attributes) == 1; });
  CHECK(bench.printer.count(Operation::cancel_job) == 0);
  bench.run();
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.printer.prints == 0);
}

TEST_CASE("the upload arrives late, after the connection was given up: printed, told so") {
  Bench bench;
  bench.printer.faults[Operation::send_document] = {Fault::lost};
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return bench.printer.count(Operation::get_jobs) == 1; });
  FakeJob* job = bench.printer.job_named("attempt-1");
  job->state = PrinterJobState::processing;
  job->reason = "job-printing";
  job->processed = true;
  bench.run();
  CHECK(bench.printer.count(Operation::cancel_job) == 0);
  CHECK(bench.phase() == PrintPhase::completed);
}

TEST_CASE("not a byte of the upload was taken: sent again, printed once") {
  for (Fault fault : {Fault::unsent, Fault::cut_early}) {
    Bench bench;
    bench.printer.faults[Operation::send_document] = {fault};
    REQUIRE(bench.start().ok());
    bench.run();
    CHECK(bench.phase() == PrintPhase::completed);
    CHECK(bench.printer.prints == 1);
    CHECK(bench.printer.count(Operation::create_job) == 1);
    CHECK(bench.printer.job_named("attempt-1")->document == bench.document);
  }
}

TEST_CASE("the upload's answer is lost: found by name, completed when all pages were counted") {
  Bench bench;
  bench.printer.faults[Operation::send_document] = {Fault::answer_lost};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.impressions() == 3);
  CHECK(bench.printer.prints == 1);
  CHECK(bench.printer.count(Operation::cancel_job) == 0);
}

TEST_CASE("the upload's answer is lost, and the count falls short: unknown") {
  Bench bench;
  bench.printer.pages = 2;  // of the 3 that it should have
  bench.printer.faults[Operation::send_document] = {Fault::answer_lost};
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.impressions() == 2);
}

TEST_CASE("the printer vanishes in mid print: unknown with the last count, never success") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 2); });
  bench.printer.silent = true;
  bench.run(50000);
  CHECK(bench.final_event() == nullptr);
  bench.run(20000);
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.impressions() == 2);
}

TEST_CASE("the printer restarts in mid print and counts from 1 again: unknown") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 1); });
  bench.printer.restart();
  // Another's job has our number now, and completes.
  FakeJob other;
  other.id = 1;
  other.name = "attempt-of-another";
  other.state = PrinterJobState::completed;
  other.impressions = 3;
  bench.printer.jobs[1] = other;
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.impressions() == 1);
  CHECK(asked_both_lists(bench.printer));
  CHECK(bench.printer.count(Operation::cancel_job) == 0);  // not the other's
}

TEST_CASE("a printer that keeps its jobs over a restart: stopped before it prints again, unknown") {
  Bench bench;
  bench.printer.keeps_jobs = true;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 1); });
  bench.printer.restart();
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
}

TEST_CASE("another printer has the address: unknown") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 1); });
  bench.printer.uuid = "urn:uuid:99999999-2222-3333-4444-555555555555";
  bench.printer.faults[Operation::get_job_attributes] = {Fault::unsent};
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.reason() == "another printer answers");
}

TEST_CASE("a short break in mid print is passed over") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 1); });
  bench.printer.silent = true;
  bench.run(8000);  // all pages come out meanwhile
  bench.printer.silent = false;
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.impressions() == 3);
  CHECK(bench.printer.prints == 1);
}

TEST_CASE("the printer forgot the ended job: unknown, never success") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 2); });
  bench.printer.jobs.clear();
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);
  CHECK(bench.impressions() == 2);
  CHECK(bench.reason() == "printer does not know the job any more");
}

TEST_CASE("reattach: a job that was sent whole is followed to its end") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 1); });
  const std::string engine_job = bench.engine_job();
  bench.events.clear();
  bench.build({});
  REQUIRE(bench.engine->reattach(bench.attempt(), engine_job).ok());
  CHECK(bench.engine->reattach(bench.attempt(), engine_job).code() == Code::already_exists);
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.impressions() == 3);
  CHECK(bench.printer.prints == 1);
}

TEST_CASE("reattach: completed meanwhile, also when the pages aren't known") {
  Bench bench;
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return printing(bench, 1); });
  const std::string engine_job = bench.engine_job();
  bench.events.clear();
  bench.engine.reset();
  bench.now = bench.now + seconds(10);
  bench.printer.advance(bench.now);
  for (int i = 0; i < 400; ++i) bench.printer.advance(bench.now = bench.now + milliseconds(10));
  bench.build({});
  PrintAttempt attempt = bench.attempt();
  attempt.pages = 0;
  REQUIRE(bench.engine->reattach(attempt, engine_job).ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
}

TEST_CASE("reattach by the attempt's id alone: as certain as the count allows") {
  for (int32_t pages : {3, 2}) {
    Bench bench;
    bench.printer.pages = pages;
    REQUIRE(bench.start().ok());
    bench.run_until([&] { return printing(bench, 1); });
    bench.events.clear();
    bench.build({});
    REQUIRE(bench.engine->reattach(bench.attempt(), "").ok());
    bench.run();
    CHECK(bench.phase() == (pages == 3 ? PrintPhase::completed : PrintPhase::unknown));
    CHECK(bench.printer.prints == 1);
  }
}

TEST_CASE("reattach: the document never came: taken back, not started") {
  Bench bench;
  bench.printer.faults[Operation::send_document] = {Fault::stalled};
  REQUIRE(bench.start().ok());
  bench.run(2000);
  const std::string engine_job = bench.engine_job();
  bench.printer.faults.clear();
  bench.events.clear();
  bench.build({});
  REQUIRE(bench.engine->reattach(bench.attempt(), engine_job).ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::not_started);
  CHECK(bench.printer.count(Operation::cancel_job) == 1);
  CHECK(bench.printer.prints == 0);
}

TEST_CASE("reattach: gone, restarted or another printer: unknown") {
  Bench bench;
  REQUIRE(bench.engine->reattach(bench.attempt(), "").ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::unknown);

  Bench restarted;
  restarted.printer.booted = {0};
  REQUIRE(restarted.engine
              ->reattach(restarted.attempt(), restarted.printer.uuid + "/1/attempt-1/5000/sent")
              .ok());
  restarted.run();
  CHECK(restarted.reason() == "printer restarted");

  Bench other;
  REQUIRE(other.engine->reattach(other.attempt(), "urn:uuid:0/1/attempt-1/10/sent").ok());
  other.run();
  CHECK(other.reason() == "another printer answers");
}
