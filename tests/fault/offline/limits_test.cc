// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Guessing, clocks, ages and a medium that doesn't write, through the whole client.
#include <set>

#include "fault/offline/offline_world.h"

namespace holdfast::test {
namespace {

struct LimitsWorld : OfflineWorld {
  void learn() {
    begin();
    REQUIRE(enter(CredentialKind::card, "1234").source == AnswerSource::home);
    run(seconds(700));  // the clock is kept
    lose_servers();
  }
  std::string refusal(const std::string& card) { return enter(CredentialKind::card, card).denial; }
};

std::string break_glass_verifier(Crypto& crypto, const std::string& code) {
  const auto derived = crypto.pbkdf2_sha256(code, "saltsalt", 100000);
  return hex_encode(derived->data(), derived->size());
}

}  // namespace

TEST_CASE("32 guesses at once are 32 guesses") {
  LimitsWorld world;
  world.config.session.max_sessions = 64;
  world.config.limit.max_requests = 64;
  world.learn();
  const size_t before = world.told.logins.size();
  for (int i = 0; i < 32; ++i)
    REQUIRE(world.client->login(world.card("77" + std::to_string(10 + i)), world.now).has_value());
  world.until([&] { return world.told.logins.size() == before + 32; }, seconds(60));
  CHECK(world.told.logins.size() == before + 32);
  const LoginResult locked = world.enter(CredentialKind::card, "1234");
  CHECK(locked.verdict == Verdict::unknown);
  CHECK(locked.denial == "locked");
  CHECK(locked.retry_after_s > 0);
}

TEST_CASE("32 right cards and a wrong one at once: the wrong one stays counted") {
  LimitsWorld world;
  world.config.session.max_sessions = 64;
  world.config.limit.max_requests = 64;
  world.config.offline.device_failures = 4;
  world.learn();
  for (int round = 0; round < 4; ++round) {
    const size_t before = world.told.logins.size();
    REQUIRE(world.client->login(world.card("1234"), world.now).has_value());
    REQUIRE(world.client->login(world.card("9999"), world.now).has_value());
    REQUIRE(world.client->login(world.card("1234"), world.now).has_value());
    world.until([&] { return world.told.logins.size() == before + 3; }, seconds(60));
  }
  CHECK(world.refusal("1234") == "locked");
}

TEST_CASE("a lock outlives restarts, and time that nobody measured") {
  LimitsWorld world;
  world.config.offline.device_failures = 4;
  world.learn();
  for (int i = 0; i < 4; ++i) CHECK(world.refusal("777" + std::to_string(i)) == "not-cached");
  CHECK(world.refusal("1234") == "locked");
  for (int i = 0; i < 3; ++i) {
    world.wall.trusted = false;
    world.wall.unix_ms = i == 1 ? 0 : 4102444800000;  // 1970, 2100: nobody believes either
    world.restart();
    CHECK(world.refusal("1234") == "locked");
  }
  world.run(seconds(610));
  CHECK(world.enters("1234"));
}

TEST_CASE("a megabyte of password is refused before anything") {
  LimitsWorld world;
  world.learn();
  Credential credential;
  credential.kind = CredentialKind::password;
  credential.user = "ann";
  credential.secret = Secret(std::string(1 << 20, 'x'));
  const size_t operations = world.database->operations();
  CHECK(world.client->login(std::move(credential), world.now).error().code() ==
        Code::invalid_argument);
  CHECK(world.database->operations() == operations);
}

TEST_CASE("the outage's age to the second") {
  LimitsWorld world;
  world.begin();
  REQUIRE(world.enter(CredentialKind::card, "1234").source == AnswerSource::home);
  world.a.refuses = world.b.refuses = true;
  const Instant contact = world.now;  // or a little before
  world.lose_servers();
  const Duration age = seconds(72 * 3600);
  world.run(contact + age - world.now - seconds(30));
  CHECK(world.enters("1234"));
  world.now = contact + age - seconds(2);
  CHECK(world.enters("1234"));
  world.now = contact + age + seconds(1);
  CHECK(world.refusal("1234") == "too-old");
}

TEST_CASE("clocks: 1970 and back, before and after a restart") {
  LimitsWorld world;
  world.learn();
  world.wall = {0, false};
  world.run(seconds(60));
  CHECK(world.enters("1234"));
  world.restart();
  CHECK(world.enters("1234"));
  // Set back by ten days while it runs, and believed: the outage ages all the same.
  world.wall = {1767225600000 - 10 * 86400000ll, true};
  world.run(seconds(60));
  CHECK(world.enters("1234"));
  CHECK(world.audited(AuditKind::clock_set_back) > 0);
  world.now = world.now + seconds(72 * 3600);
  CHECK(world.refusal("1234") == "too-old");
  // And set back once more: what was too old stays it.
  world.wall = {1767225600000 - 20 * 86400000ll, true};
  world.restart();
  CHECK(world.refusal("1234") == "too-old");
}

TEST_CASE("one reading of 2099 isn't for ever: home corrects it") {
  LimitsWorld world;
  world.learn();
  world.wall = {4102444800000, true};
  CHECK(world.refusal("1234") == "expired");
  // The clock is set right; that alone would help nobody.
  world.wall = {1767225600000 + 3600000, true};
  CHECK(world.refusal("1234") == "expired");
  world.find_servers();
  world.run(seconds(30));
  CHECK(world.audited(AuditKind::clock_lowered) == 1);
  REQUIRE(world.enter(CredentialKind::card, "1234").source == AnswerSource::home);
  world.run(seconds(1));
  world.lose_servers();
  CHECK(world.enters("1234"));
  world.restart();
  CHECK(world.enters("1234"));
}

TEST_CASE("pulling the plug keeps no outage young") {
  LimitsWorld world;
  world.config.offline.max_age_h = 2;
  world.learn();
  world.wall.trusted = false;
  const auto pull = [&](int times) {
    for (int i = 0; i < times; ++i) {
      world.restart();
      world.run(milliseconds(10));
    }
  };
  pull(10);
  CHECK(world.enters("1234"));
  pull(3);
  CHECK(world.refusal("1234") == "too-old");
}

TEST_CASE("a counter that can't be written: nobody gets in, whatever the reason") {
  for (const Code code : {Code::no_space, Code::read_only, Code::io_error, Code::busy}) {
    for (size_t at = 1; at <= 7; ++at) {  // of the two commits
      CAPTURE(static_cast<int>(code));
      CAPTURE(at);
      LimitsWorld world;
      world.learn();
      const size_t granted = world.audited(AuditKind::login_granted);
      world.database->fail_write_at(at, code, true);
      const LoginResult result = world.enter(CredentialKind::card, "1234");
      CHECK(result.verdict != Verdict::granted);
      world.database->fail_no_more();
      CHECK(world.audited(AuditKind::login_granted) == granted);
      world.restart();
      CHECK(world.enters("1234"));
    }
  }
}

TEST_CASE("power cut between count and verdict: the guess stays counted, at each operation") {
  size_t survived = 0;
  for (size_t n = 1; n < 60; ++n) {
    CAPTURE(n);
    LimitsWorld world;
    world.config.offline.device_failures = 4;
    world.learn();
    for (int i = 0; i < 3; ++i) CHECK_FALSE(world.enters("777" + std::to_string(i)));
    world.database->cut_power_at(n);
    const size_t logins = world.told.logins.size();
    (void)world.enter(CredentialKind::card, "8888");
    const bool answered = world.told.logins.size() > logins;
    const bool powered = world.database->powered();
    world.restart();
    // Whoever could see that the guess was tried has paid for it.
    const bool locked = world.refusal("1234") == "locked";
    if (powered) CHECK((answered && locked));
    survived += locked ? 1u : 0u;
    if (powered) break;
  }
  CHECK(survived > 2);
}

TEST_CASE("break-glass: four a day, by its code alone, and each is told") {
  LimitsWorld world;
  BreakGlass& glass = world.config.offline.break_glass;
  glass.salt = "73616c7473616c74";  // "saltsalt"
  glass.iterations = 100000;
  glass.verifier = break_glass_verifier(*world.crypto, "sealed paper 7Q");
  world.begin();
  REQUIRE(world.enter(CredentialKind::card, "1234").source == AnswerSource::home);
  world.lose_servers();
  const auto try_code = [&](const std::string& code) {
    return world.enter(CredentialKind::password, code, "break-glass");
  };
  // A new cache begins with the guesses for the code used up.
  CHECK(try_code("sealed paper 7Q").verdict != Verdict::granted);
  world.run(seconds(33 * 600));
  CHECK(try_code("sealed paper 7R").verdict != Verdict::granted);
  for (int i = 0; i < 4; ++i) {
    const LoginResult result = try_code("sealed paper 7Q");
    CHECK(result.verdict == Verdict::granted);
    CHECK(result.break_glass);
    CHECK(result.user.rights == std::vector<std::string>{"print"});
  }
  CHECK(try_code("sealed paper 7Q").verdict != Verdict::granted);
  world.restart();
  CHECK(try_code("sealed paper 7Q").verdict != Verdict::granted);
  std::set<uint64_t> uses;  // a restarted client tells its host again
  for (const AuditEvent& event : world.told.audit)
    if (event.kind == AuditKind::break_glass) uses.insert(event.sequence);
  CHECK(uses.size() == 4);
  world.run(seconds(86400));
  CHECK(try_code("sealed paper 7Q").verdict == Verdict::granted);
}

TEST_CASE("a server's user of the reserved name isn't learnt") {
  LimitsWorld world;
  world.a.card_verdicts["4321"] = "break-glass";
  world.begin();
  (void)world.enter(CredentialKind::card, "4321");
  world.run(seconds(1));
  CHECK(world.client->snapshot().offline.users == 0);
}

}  // namespace holdfast::test
