// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "unit/client/world.h"

using namespace holdfast;
using namespace holdfast::test;

TEST_CASE("a login at power-on goes to the first server and opens a session") {
  World world;
  world.start();
  const LoginResult result = world.login();
  CHECK(result.verdict == Verdict::granted);
  CHECK(result.server == "a");
  CHECK(result.source == AnswerSource::home);
  CHECK_FALSE(result.provisional);
  CHECK(result.user.user_uid == "u1");
  CHECK(world.client->snapshot().sessions == 1);
  CHECK(world.client->logout(result.session, world.now).ok());
  CHECK(world.client->snapshot().sessions == 0);
  world.run(seconds(1));
  CHECK(world.a.log.back() == "POST /holdfast/v1/logout");
}

TEST_CASE("a card that nobody knows is denied, and the word is the server's") {
  World world;
  world.start();
  const LoginResult result = world.login("9999");
  CHECK(result.verdict == Verdict::denied);
  CHECK(result.denial == "unknown-credential");
  CHECK(world.client->snapshot().sessions == 0);
}

TEST_CASE(
    "the primary refuses connections: the fallback logs the user in, provisionally, at once") {
  World world;
  world.start();
  world.run(seconds(30));
  world.a.refuses = true;
  const Instant begin = world.now;
  const LoginResult result = world.login();
  CHECK(result.verdict == Verdict::granted);
  CHECK(result.server == "b");
  CHECK(result.source == AnswerSource::fallback);
  CHECK(result.provisional);
  CHECK(world.now - begin < milliseconds(1000));
  world.run(seconds(2));
  REQUIRE_FALSE(world.told.switches.empty());
  CHECK(world.told.switches.back().from == "a");
  CHECK(world.told.switches.back().to == "b");
}

TEST_CASE("the primary is silent: the hedge answers") {
  World world;
  world.start();
  world.run(seconds(30));
  world.a.silent = true;
  const Instant begin = world.now;
  const LoginResult result = world.login();
  CHECK(result.server == "b");
  CHECK(world.now - begin < milliseconds(600));
}

TEST_CASE("only the same cluster may grant by default") {
  World world;
  world.config.login.accept_login_from = AcceptLogin::same_cluster;
  world.start();
  world.run(seconds(30));
  world.a.refuses = true;
  world.run(seconds(60));
  const LoginResult result = world.login();
  CHECK(result.verdict == Verdict::unknown);
  CHECK(result.status.code() == Code::unavailable);
  CHECK(world.b.last_login_body.empty());
}

TEST_CASE("home's late denial ends the session that a fallback had opened") {
  World world;
  world.start();
  world.run(seconds(30));
  world.a.card_verdicts["1234"] = "";
  world.a.login_takes = seconds(2);
  const LoginResult result = world.login();
  REQUIRE(result.verdict == Verdict::granted);
  CHECK(result.provisional);
  world.run(seconds(4));
  REQUIRE(world.told.ended.size() == 1);
  CHECK(world.told.ended[0].first == result.session);
  CHECK(world.told.ended[0].second == SessionEnd::denied_by_home);
  CHECK(world.client->jobs(result.session, world.now).error().code() == Code::not_found);
}

TEST_CASE("no server: the answer comes by the deadline and says whether it is us") {
  World world;
  world.a.refuses = world.b.refuses = true;
  world.start();
  CHECK(world.client->login(world.card("1234"), world.now, milliseconds(4000)).has_value());
  const Duration waited = world.until([&] { return !world.told.logins.empty(); });
  CHECK(waited <= milliseconds(4050));
  CHECK(world.told.logins[0].verdict == Verdict::unknown);
  CHECK_FALSE(world.told.logins[0].status.ok());
}

TEST_CASE("wrong calls are refused with a reason") {
  World world;
  world.start();
  CHECK(world.client->login(world.card(""), world.now).error().code() == Code::invalid_argument);
  Credential password = world.card("secret");
  password.kind = CredentialKind::password;
  CHECK(world.client->login(std::move(password), world.now).error().code() ==
        Code::invalid_argument);
  CHECK(world.client->jobs(SessionId::none, world.now).error().code() == Code::not_found);
  CHECK(world.client->logout(static_cast<SessionId>(99), world.now).code() == Code::not_found);
  CHECK(world.client->set_token("nobody", "x", world.now).code() == Code::not_found);
  CHECK(world.client->fail_back(world.now).code() == Code::not_found);
}

TEST_CASE(
    "a receipt that its own cluster refuses ends the session; another cluster's refusal doesn't") {
  World world;
  world.start();
  const LoginResult login = world.login();
  world.a.receipts_invalid = true;
  CHECK_FALSE(world.jobs(login.session).status.ok());
  REQUIRE(world.told.ended.size() == 1);
  CHECK(world.told.ended[0].second == SessionEnd::expired);

  World other;
  other.b.accepts_asserted = false;
  other.start();
  const LoginResult session = other.login();
  other.run(seconds(5));
  other.a.refuses = true;
  other.run(seconds(5));
  CHECK_FALSE(other.jobs(session.session).status.ok());
  CHECK(other.told.ended.empty());
}

TEST_CASE("a session of a failed server goes on at the next one") {
  World world;
  world.start();
  const LoginResult login = world.login();
  world.run(seconds(5));
  world.a.refuses = true;
  const JobsResult list = world.jobs(login.session);
  CHECK(list.status.ok());
  CHECK(list.server == "b");
  CHECK(list.jobs.size() == 1);
}
