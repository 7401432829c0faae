// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "adapters/ipp/job.h"
#include "adapters/ipp/printer_url.h"
#include "adapters/ipp/verdict.h"

using namespace holdfast;
using namespace holdfast::ipp;
using codec::ipp::PrinterJobState;

namespace {

JobFacts ended(PrinterJobState state, bool never_processed = false) {
  JobFacts facts;
  facts.has_state = true;
  facts.state = state;
  facts.never_processed = never_processed;
  return facts;
}

Evidence evidence(Sent sent, uint32_t impressions = 0, uint32_t pages = 3) {
  Evidence result;
  result.sent = sent;
  result.impressions = impressions;
  result.pages = pages;
  return result;
}

}  // namespace

TEST_CASE("completed counts only for a document that is known to be whole") {
  const JobFacts done = ended(PrinterJobState::completed);
  CHECK(judge_ended(evidence(Sent::confirmed, 3), done).phase == PrintPhase::completed);
  CHECK(judge_ended(evidence(Sent::confirmed, 0), done).impressions == 3);  // doesn't count
  CHECK(judge_ended(evidence(Sent::all, 3), done).phase == PrintPhase::completed);
  CHECK(judge_ended(evidence(Sent::all, 2), done).phase == PrintPhase::unknown);
  CHECK(judge_ended(evidence(Sent::all, 2, 0), done).phase == PrintPhase::unknown);
  CHECK(judge_ended(evidence(Sent::unheard, 3), done).phase == PrintPhase::completed);
  CHECK(judge_ended(evidence(Sent::unheard, 1), done).phase == PrintPhase::unknown);
  CHECK(judge_ended(evidence(Sent::partly, 3), done).phase == PrintPhase::unknown);
  CHECK(judge_ended(evidence(Sent::nothing), done).phase == PrintPhase::unknown);
  CHECK(judge_ended(evidence(Sent::nothing), ended(PrinterJobState::completed, true)).phase ==
        PrintPhase::not_started);
}

TEST_CASE("the printer's size of the document must agree where it gives one") {
  JobFacts done = ended(PrinterJobState::completed);
  Evidence known = evidence(Sent::all, 3);
  known.document_bytes = 2049;
  done.kilobytes = 3;
  CHECK(judge_ended(known, done).phase == PrintPhase::completed);
  done.kilobytes = 2;
  CHECK(judge_ended(known, done).phase == PrintPhase::unknown);
}

TEST_CASE("canceled and aborted are not 0 pages, and 0 pages alone prove nothing") {
  const JobFacts aborted = ended(PrinterJobState::aborted);
  CHECK(judge_ended(evidence(Sent::confirmed, 2), aborted).phase == PrintPhase::aborted);
  CHECK(judge_ended(evidence(Sent::confirmed, 2), aborted).impressions == 2);
  CHECK(judge_ended(evidence(Sent::confirmed), ended(PrinterJobState::canceled)).phase ==
        PrintPhase::canceled);
  CHECK(judge_ended(evidence(Sent::partly), aborted).phase == PrintPhase::unknown);
  CHECK(judge_ended(evidence(Sent::refused), aborted).phase == PrintPhase::unknown);
  for (Sent sent : {Sent::partly, Sent::refused, Sent::nothing, Sent::unheard, Sent::all}) {
    CHECK(judge_ended(evidence(sent), ended(PrinterJobState::canceled, true)).phase ==
          PrintPhase::not_started);
    CHECK(judge_ended(evidence(sent, 1), ended(PrinterJobState::canceled, true)).phase !=
          PrintPhase::not_started);
  }
}

TEST_CASE("a person's cancel is told as one") {
  Evidence wanted = evidence(Sent::partly, 1);
  wanted.cancel_wanted = true;
  CHECK(judge_ended(wanted, ended(PrinterJobState::aborted)).phase == PrintPhase::canceled);
  CHECK(judge_ended(wanted, ended(PrinterJobState::completed)).phase == PrintPhase::canceled);
  CHECK(judge_ended(wanted, ended(PrinterJobState::canceled)).impressions == 1);
  wanted.sent = Sent::confirmed;
  CHECK(judge_ended(wanted, ended(PrinterJobState::completed)).phase == PrintPhase::completed);
}

TEST_CASE("after a restart nothing is believed") {
  Evidence restarted = evidence(Sent::confirmed, 2);
  restarted.restarted = true;
  CHECK(judge_ended(restarted, ended(PrinterJobState::completed)).phase == PrintPhase::unknown);
  CHECK(judge_ended(restarted, ended(PrinterJobState::completed)).impressions == 2);
  CHECK(judge_gone(restarted).phase == PrintPhase::unknown);
  restarted.sent = Sent::nothing;
  CHECK(judge_gone(restarted).phase == PrintPhase::unknown);
}

TEST_CASE("a job that is gone was not started only if nothing of it was sent") {
  CHECK(judge_gone(evidence(Sent::nothing)).phase == PrintPhase::not_started);
  CHECK(judge_gone(evidence(Sent::unheard)).phase == PrintPhase::unknown);
  CHECK(judge_gone(evidence(Sent::confirmed, 2)).phase == PrintPhase::unknown);
  CHECK(judge_gone(evidence(Sent::confirmed, 2)).impressions == 2);
  CHECK(judge_gone(evidence(Sent::partly)).phase == PrintPhase::unknown);
}

TEST_CASE("a restart shows even when the new up-time has grown past the old one") {
  UpTime up;
  auto at = [](int64_t s) { return Instant{s * 1000000}; };
  CHECK_FALSE(up.went_back(5, at(100), at(100)));
  CHECK_FALSE(up.went_back(6, at(101), at(101)));
  CHECK_FALSE(up.went_back(-1, at(102), at(102)));
  CHECK_FALSE(up.went_back(15, at(110), at(110)));
  CHECK(up.went_back(3, at(111), at(111)));
  CHECK_FALSE(up.went_back(4, at(112), at(112)));
  CHECK(up.went_back(10, at(140), at(140)));  // 28 s passed, the clock moved by 6
  // A late answer doesn't look like a restart: the time before the question counts.
  CHECK_FALSE(up.went_back(11, at(141), at(151)));
  CHECK_FALSE(up.went_back(22, at(152), at(152)));

  UpTime remembered;
  remembered.remember(100);
  CHECK(remembered.went_back(99, at(5), at(5)));
}

TEST_CASE("printer URLs") {
  auto parsed = parse_printer_url("ipp://printer.example");
  REQUIRE(parsed);
  CHECK(parsed->origin == "http://printer.example:631");
  CHECK(parsed->path == "/ipp/print");
  CHECK(parsed->uri == "ipp://printer.example:631/ipp/print");
  parsed = parse_printer_url("ipps://[2001:db8::1]:8631/printers/a");
  REQUIRE(parsed);
  CHECK(parsed->origin == "https://[2001:db8::1]:8631");
  CHECK(parsed->uri == "ipps://[2001:db8::1]:8631/printers/a");
  parsed = parse_printer_url("http://localhost:8080/ipp/print");
  REQUIRE(parsed);
  CHECK(parsed->uri == "ipp://localhost:8080/ipp/print");
  parsed = parse_printer_url("https://h");
  REQUIRE(parsed);
  CHECK(parsed->origin == "https://h:443");
  for (const char* wrong : {"", "ipp://", "ftp://h/", "ipp://:631/", "ipp://h:0/", "ipp://h:65536/",
                            "ipp://h:/", "ipp://u@h/", "ipp://h/?q", "ipp://h/#f", "ipp://[::1/",
                            "ipp://[::1]x/", "ipp://h /", "ipp://h/\r\nX: y", "printer.example"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_printer_url(wrong));
  }
}
