// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The credential cache behind an executor that has too much to do.
#include <doctest/doctest.h>

#include "support/fake_database.h"
#include "support/fake_device_key.h"
#include "unit/client/world.h"

namespace holdfast::test {

TEST_CASE("an executor that is behind makes no host spin") {
  struct Nothing final : Task {
    void run() noexcept override {}
    void finish() noexcept override {}
  };
  World world;
  FakeDatabase database;
  FakeDeviceKey key{1, KeyTier::secure_element};
  world.device_key = &key;
  world.credentials = &database;
  world.config.offline.cache = CacheMode::automatic;
  world.config.offline.kdf_iterations = 10000;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.a.refuses = world.b.refuses = true;
  world.until([&] { return world.client->snapshot().route.kind == RouteKind::none; });
  REQUIRE(world.login("9999").verdict != Verdict::granted);
  world.executor_runs = false;
  SUBCASE("full, with audit events to be told") {
    world.a.refuses = false;
    world.until(
        [&] {
          while (world.executor.submit(std::make_unique<Nothing>()).ok()) {
          }
          return world.client->snapshot().route.kind == RouteKind::server;
        },
        seconds(300));
    REQUIRE(world.client->snapshot().route.kind == RouteKind::server);
  }
  SUBCASE("not done with tidying when that is due again") {
    for (int i = 0; i < 130; ++i) {
      (void)world.client->poll(world.now, world.wall);
      world.now = world.now + seconds(1);
    }
  }
  size_t at_once = 0;
  for (int i = 0; i < 100; ++i) {
    const Instant again = world.client->poll(world.now, world.wall).call_again;
    at_once += again <= world.now ? 1 : 0;
    world.now = world.now + milliseconds(1);
  }
  CHECK(at_once < 10);
}

TEST_CASE("the emergency code has a deadline, and is never answered from inside login()") {
  World world;
  FakeDatabase database;
  FakeDeviceKey key{1, KeyTier::secure_element};
  world.device_key = &key;
  world.credentials = &database;
  world.config.offline.cache = CacheMode::automatic;
  world.config.offline.kdf_iterations = 10000;
  BreakGlass& glass = world.config.offline.break_glass;
  glass.salt = std::string(32, 'a');
  glass.iterations = 100000;
  glass.verifier = std::string(64, 'b');
  world.start();
  world.run(seconds(1));
  world.executor_runs = false;
  bool late = false;
  SUBCASE("an executor that stands still") { late = true; }
  SUBCASE("one that is full") {
    struct Nothing final : Task {
      void run() noexcept override {}
      void finish() noexcept override {}
    };
    while (world.executor.submit(std::make_unique<Nothing>()).ok()) {
    }
  }
  Credential code;
  code.kind = CredentialKind::password;
  code.user = "break-glass";
  code.secret = Secret(std::string("code"));
  const Instant asked = world.now;
  REQUIRE(world.client->login(std::move(code), world.now, seconds(5)));
  CHECK(world.told.logins.empty());
  world.until([&] { return !world.told.logins.empty(); }, seconds(20));
  REQUIRE(world.told.logins.size() == 1);
  CHECK(world.told.logins[0].verdict == Verdict::unknown);
  if (late) CHECK(world.told.logins[0].status.code() == Code::timed_out);
  CHECK(world.now - asked <= seconds(5) + milliseconds(50));
  world.executor_runs = true;
  world.run(seconds(10));
  CHECK(world.told.logins.size() == 1);
}

}  // namespace holdfast::test
