// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/client/world.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

// Logged in, with the list on the panel.
SessionId at_the_panel(World& world) {
  world.start();
  world.run(seconds(12));
  const LoginResult login = world.login();
  const JobsResult list = world.jobs(login.session);
  REQUIRE(list.jobs.size() == 1);
  return login.session;
}

}  // namespace

TEST_CASE("a release prints the bytes once and tells every server") {
  World world;
  const SessionId session = at_the_panel(world);
  const ReleaseUpdate done = world.release(session, world.a.job_uuid);
  CHECK(done.step == ReleaseStep::done);
  CHECK(done.state == JobState::completed);
  CHECK(done.impressions == 2);
  CHECK(done.server == "a");
  REQUIRE(world.engine.printed.size() == 1);
  CHECK(world.engine.printed[0] == world.a.document);
  world.run(seconds(2));
  CHECK(world.a.printed.count(world.a.job_uuid) == 1);
  CHECK(world.b.printed.count(world.b.job_uuid) == 1);
  CHECK(world.client->snapshot().reports_waiting == 0);
  CHECK(world.documents.list()->empty());
  CHECK(world.client->release(session, world.a.job_uuid, world.now).error().code() ==
        Code::already_exists);
}

TEST_CASE(
    "what was printed isn't offered again, also by a server that doesn't know, also after a "
    "restart") {
  World world;
  const SessionId session = at_the_panel(world);
  world.b.status = 500;  // doesn't hear of it
  CHECK(world.release(session, world.a.job_uuid).step == ReleaseStep::done);
  world.run(seconds(2));
  world.stop();
  world.start();
  world.a.refuses = true;
  world.b.status = 0;
  const LoginResult login = world.login();
  const JobsResult list = world.jobs(login.session);
  CHECK(list.server == "b");
  CHECK(list.jobs.empty());
  // The report went first.
  const auto& log = world.b.log;
  const auto report = std::find(log.begin(), log.end(), "POST /holdfast/v1/job-status");
  const auto listed = std::find(log.rbegin(), log.rend(), "GET /holdfast/v1/jobs");
  REQUIRE(report != log.end());
  REQUIRE(listed != log.rend());
  CHECK(report < listed.base());
  CHECK(world.b.report_ids.size() == 1);
}

TEST_CASE("the intent is durable before the engine hears of the job") {
  World world;
  const SessionId session = at_the_panel(world);
  world.executor_runs = false;
  CHECK(world.client->release(session, world.a.job_uuid, world.now).has_value());
  world.until([&] { return world.executor.queued() > 0; });
  CHECK(world.executor.run_one());  // the document is whole
  world.run(seconds(1));
  CHECK(world.engine.started.empty());
  CHECK(world.executor.queued() > 0);  // the intent waits to be written
  world.executor_runs = true;
  world.until([&] { return !world.engine.started.empty(); });
  CHECK(world.engine.started.size() == 1);
}

TEST_CASE(
    "the intent can't be written: nothing is printed, the claim is given back, the job stays") {
  World world;
  const SessionId session = at_the_panel(world);
  world.state.store_fails = Code::no_space;
  const ReleaseUpdate update = world.release(session, world.a.job_uuid);
  CHECK(update.step == ReleaseStep::failed);
  CHECK(update.status.code() == Code::no_space);
  CHECK(world.engine.started.empty());
  world.run(seconds(1));
  CHECK(world.a.claims_given_back == 1);
  CHECK(world.told.alarmed(Alarm::state_not_saved));
  world.state.store_fails = {};
  CHECK(world.jobs(session).jobs.size() == 1);
}

TEST_CASE("a document with other bytes than named is never printed") {
  World world;
  const SessionId session = at_the_panel(world);
  world.a.served_document = "another text";
  REQUIRE(world.a.served_document.size() == world.a.document.size());
  const ReleaseUpdate update = world.release(session, world.a.job_uuid);
  CHECK(update.step == ReleaseStep::failed);
  CHECK(update.status.code() == Code::corrupt);
  CHECK(world.engine.started.empty());
}

TEST_CASE("claims that are refused say why") {
  const struct {
    const char* problem;
    int status;
    Code code;
  } rows[] = {{"job-claimed", 409, Code::refused},
              {"job-ended", 410, Code::not_found},
              {"job-unknown", 404, Code::not_found},
              {"user-not-asserted", 403, Code::refused}};
  for (const auto& row : rows) {
    CAPTURE(row.problem);
    World world;
    const SessionId session = at_the_panel(world);
    world.a.claim_problem = row.problem;
    world.a.claim_status = row.status;
    const ReleaseUpdate update = world.release(session, world.a.job_uuid);
    CHECK(update.step == ReleaseStep::failed);
    CHECK(update.status.code() == row.code);
    CHECK(world.engine.started.empty());
  }
}

TEST_CASE("the server dies between list and release: the other one's copy is printed, once") {
  World world;
  const SessionId session = at_the_panel(world);
  world.a.refuses = true;
  const Instant begin = world.now;
  const ReleaseUpdate update = world.release(session, world.a.job_uuid);
  CHECK(update.step == ReleaseStep::done);
  CHECK(update.server == "b");
  CHECK(world.now - begin < seconds(10));
  CHECK(world.engine.printed.size() == 1);
}

TEST_CASE("a server that goes silent is left in the middle of a release") {
  World world;
  const SessionId session = at_the_panel(world);
  world.a.silent = true;
  const Instant begin = world.now;
  const ReleaseUpdate update = world.release(session, world.a.job_uuid);
  CHECK(update.step == ReleaseStep::done);
  CHECK(update.server == "b");
  CHECK(world.now - begin < seconds(10));
}

TEST_CASE("a busy printer is asked again") {
  World world;
  const SessionId session = at_the_panel(world);
  world.engine.busy = true;
  CHECK(world.client->release(session, world.a.job_uuid, world.now).has_value());
  world.run(seconds(5));
  CHECK(world.engine.started.empty());
  world.engine.busy = false;
  world.run(seconds(2));
  CHECK(world.engine.started.size() == 1);
}

TEST_CASE("a job that certainly didn't start is offered again") {
  World world;
  const SessionId session = at_the_panel(world);
  world.engine.outcome = PrintPhase::not_started;
  CHECK(world.release(session, world.a.job_uuid).step == ReleaseStep::failed);
  world.engine.outcome = PrintPhase::completed;
  CHECK(world.jobs(session).jobs.size() == 1);
  CHECK(world.release(session, world.a.job_uuid).step == ReleaseStep::done);
}

TEST_CASE("an unknown outcome is held for a person, and each answer is carried out") {
  const struct {
    Resolution resolution;
    size_t offered;
    size_t reported;
  } rows[] = {{Resolution::print_again, 1, 0},
              {Resolution::discard, 0, 1},
              {Resolution::was_printed, 0, 1}};
  for (const auto& row : rows) {
    World world;
    const SessionId session = at_the_panel(world);
    world.engine.outcome = PrintPhase::unknown;
    const ReleaseUpdate update = world.release(session, world.a.job_uuid);
    CHECK(update.step == ReleaseStep::done);
    CHECK(update.state == JobState::unknown);
    CHECK(world.told.alarmed(Alarm::job_unknown));
    CHECK(world.jobs(session).jobs.empty());
    world.run(seconds(2));
    CHECK(world.a.report_ids.empty());
    CHECK(world.client->resolve(update.job, row.resolution).ok());
    CHECK(world.client->resolve(update.job, row.resolution).code() == Code::not_found);
    world.run(seconds(2));
    CHECK(world.a.report_ids.size() == row.reported);
    world.a.printed.clear();
    CHECK(world.jobs(session).jobs.size() == row.offered);
  }
}

TEST_CASE("power cut while printing: the engine is asked, and without its answer a person is") {
  for (const bool engine_knows : {true, false}) {
    CAPTURE(engine_knows);
    World world;
    const SessionId session = at_the_panel(world);
    world.engine.hold = true;
    CHECK(world.client->release(session, world.a.job_uuid, world.now).has_value());
    world.until([&] { return !world.engine.started.empty(); });
    world.run(seconds(1));
    world.stop();
    world.executor.forget();
    if (engine_knows)
      world.engine.outcome_after_restart[world.engine.started[0].attempt_id] =
          PrintPhase::completed;
    world.start();
    world.run(seconds(15));
    CHECK(world.told.alarmed(Alarm::job_unknown) != engine_knows);
    CHECK(world.a.printed.count(world.a.job_uuid) == (engine_knows ? 1 : 0));
    const LoginResult login = world.login();
    world.a.printed.clear();
    CHECK(world.jobs(login.session).jobs.empty());
    CHECK(world.engine.printed.size() == 1);
  }
}

TEST_CASE("cancelling before and while printing") {
  World world;
  const SessionId session = at_the_panel(world);
  world.engine.busy = true;
  auto ticket = world.client->release(session, world.a.job_uuid, world.now);
  world.run(milliseconds(500));
  CHECK(world.client->cancel(*ticket, world.now).ok());
  world.run(seconds(3));
  CHECK(world.told.releases.back().step == ReleaseStep::failed);
  CHECK(world.a.claims_given_back == 1);

  world.engine.busy = false;
  world.engine.hold = true;
  ticket = world.client->release(session, world.a.job_uuid, world.now);
  world.until([&] { return !world.engine.started.empty(); });
  CHECK(world.client->cancel(*ticket, world.now).ok());
  world.run(seconds(1));
  CHECK(world.told.releases.back().step == ReleaseStep::done);
  CHECK(world.told.releases.back().state == JobState::canceled);
  CHECK(world.told.releases.back().impressions == 1);
  CHECK(world.client->cancel(*ticket, world.now).code() == Code::not_found);
}

TEST_CASE("damaged records are told and don't keep the device from working") {
  World world;
  world.state.records["jobs"] = "not a record";
  world.state.load_fails.emplace("failover", Code::corrupt);
  world.start();
  REQUIRE(world.client != nullptr);
  CHECK(world.login().verdict == Verdict::granted);
  CHECK(world.told.alarmed(Alarm::state_damaged));
}

TEST_CASE("a state store that can't be read stops the start") {
  World world;
  world.state.load_fails.emplace("jobs", Code::io_error);
  world.start();
  CHECK(world.client == nullptr);
}

TEST_CASE("after a restart a person can still decide about an unknown job") {
  World world;
  const SessionId session = at_the_panel(world);
  world.engine.hold = true;
  CHECK(world.client->release(session, world.a.job_uuid, world.now).has_value());
  world.until([&] { return !world.engine.started.empty(); });
  world.run(seconds(1));
  world.stop();
  world.executor.forget();
  world.told.releases.clear();
  world.start();
  world.run(seconds(1));
  REQUIRE(world.told.releases.size() == 1);
  CHECK(world.told.releases[0].ticket == TicketId::none);
  CHECK(world.told.releases[0].state == JobState::unknown);
  world.stop();
  world.start();
  world.run(seconds(1));
  const std::vector<JobKey> undecided = world.client->snapshot().undecided;
  REQUIRE(undecided.size() == 1);
  CHECK(undecided[0].uuid == world.a.job_uuid);
  CHECK(world.client->resolve(undecided[0], Resolution::was_printed).ok());
  CHECK(world.client->snapshot().undecided.empty());
}
