// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstring>
#include <set>
#include <string>

#include "holdfast/listener.h"
#include "holdfast/ports/print_engine.h"
#include "holdfast/ports/transport.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast {
namespace {

TEST_CASE("every code has a message of its own that fits a line") {
  std::set<std::string> messages;
  std::set<std::string> names;
  for (uint16_t i = 0; i <= static_cast<uint16_t>(Code::already_exists); ++i) {
    const auto code = static_cast<Code>(i);
    const std::string message = Status(code).message();
    CHECK(message.size() <= 120);
    CHECK(message.find('\n') == std::string::npos);
    messages.insert(message);
    names.insert(to_string(code));
  }
  CHECK(messages.size() == static_cast<size_t>(Code::already_exists) + 1);
  CHECK(names.size() == messages.size());
  CHECK(names.count("?") == 0);
  CHECK(Status(static_cast<Code>(999)).message() != nullptr);
}

TEST_CASE("names are the enumerators' own") {
  CHECK(std::string(to_string(ServerState::quarantined)) == "quarantined");
  CHECK(std::string(to_string(LocalHealth::local_stall)) == "local_stall");
  CHECK(std::string(to_string(RouteKind::direct)) == "direct");
  CHECK(std::string(to_string(SwitchReason::return_failed)) == "return_failed");
  CHECK(std::string(to_string(CredentialKind::pin)) == "pin");
  CHECK(std::string(to_string(Verdict::denied)) == "denied");
  CHECK(std::string(to_string(AnswerSource::fallback)) == "fallback");
  CHECK(std::string(to_string(JobState::processing_stopped)) == "processing_stopped");
  CHECK(std::string(to_string(PrintPhase::not_started)) == "not_started");
  CHECK(std::string(to_string(TransferOutcome::own_certificate)) == "own_certificate");
  CHECK(std::string(to_string(ReleaseStep::fetching)) == "fetching");
  CHECK(std::string(to_string(SessionEnd::denied_by_home)) == "denied_by_home");
  CHECK(std::string(to_string(Alarm::server_list_refused)) == "server_list_refused");
  CHECK(std::string(to_string(Code::io_error)) == "io_error");
}

TEST_CASE("a value outside its enumeration has no name") {
  CHECK(std::string(to_string(static_cast<ServerState>(200))) == "?");
  CHECK(std::string(to_string(static_cast<Alarm>(200))) == "?");
}

}  // namespace
}  // namespace holdfast
