// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages asked for before they are copied or printed without a server, through the whole client.
#include <doctest/doctest.h>

#include "support/fake_database.h"
#include "support/fake_device_key.h"
#include "unit/client/world.h"

namespace holdfast::test {
namespace {

// Home is "a", and lets ann spend 10 pages; both servers can go.
struct PagesWorld : World {
  FakeDatabase database;
  FakeDeviceKey key{1, KeyTier::secure_element};

  PagesWorld() {
    device_key = &key;
    credentials = &database;
    config.offline.cache = CacheMode::automatic;
    config.offline.kdf_iterations = 10000;
    a.offline_pages = 10;
  }
  void lose_servers() {
    a.refuses = b.refuses = true;
    until([&] { return client->snapshot().route.kind == RouteKind::none; });
  }
  SessionId offline_session() {
    lose_servers();
    const LoginResult result = login();
    REQUIRE(result.verdict == Verdict::granted);
    REQUIRE(result.source == AnswerSource::cache);
    return result.session;
  }
  PagesResult answer() {
    const size_t before = told.pages.size();
    until([&] { return told.pages.size() > before; });
    REQUIRE(told.pages.size() == before + 1);
    return told.pages.back();
  }
  PagesResult reserve(SessionId session, uint32_t pages) {
    const auto ticket = client->reserve_pages(session, pages, now);
    REQUIRE(ticket.has_value());
    const PagesResult result = answer();
    CHECK(result.ticket == *ticket);
    CHECK(result.session == session);
    CHECK_FALSE(result.settled);
    return result;
  }
  PagesResult settle(TicketId ticket, uint32_t used) {
    REQUIRE(client->settle_pages(ticket, used, now).ok());
    const PagesResult result = answer();
    CHECK(result.ticket == ticket);
    CHECK(result.settled);
    return result;
  }
};

}  // namespace

TEST_CASE("while home is in charge it counts itself") {
  PagesWorld world;
  world.start();
  const LoginResult login = world.login();
  CHECK(login.user.offline_pages == 10);
  const PagesResult result = world.reserve(login.session, 500);
  CHECK(result.status.ok());
  CHECK(result.left == -1);
  CHECK(world.settle(result.ticket, 500).status.ok());
  CHECK(world.client->settle_pages(result.ticket, 500, world.now).code() == Code::not_found);
  CHECK(world.client->logout(login.session, world.now).ok());
  const SessionId session = world.offline_session();
  CHECK(world.reserve(session, 10).status.ok());  // nothing was taken off the lease
}

TEST_CASE("without home pages come off the lease, durably, and what wasn't used goes back") {
  PagesWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  const SessionId session = world.offline_session();
  const PagesResult first = world.reserve(session, 7);
  CHECK(first.status.ok());
  CHECK(first.left == 3);
  const PagesResult refused = world.reserve(session, 4);
  CHECK(refused.status.code() == Code::refused);
  CHECK(refused.left == 3);
  CHECK(world.client->settle_pages(refused.ticket, 0, world.now).code() == Code::not_found);
  CHECK(world.settle(first.ticket, 2).left == 8);

  // Off without settling: what was reserved stays spent.
  CHECK(world.reserve(session, 5).left == 3);
  world.stop();
  world.executor.forget();
  world.start();
  world.lose_servers();
  const LoginResult again = world.login();
  CHECK(again.source == AnswerSource::cache);
  CHECK(again.user.offline_pages == 3);
  CHECK(world.reserve(again.session, 4).status.code() == Code::refused);

  // Home's next grant renews it.
  world.a.refuses = false;
  world.until([&] { return world.client->snapshot().route.kind == RouteKind::server; },
              seconds(600));
  REQUIRE(world.login().source == AnswerSource::home);
  CHECK(world.reserve(world.offline_session(), 10).left == 0);
}

TEST_CASE("a session that home granted goes on by its lease when home goes") {
  PagesWorld world;
  world.start();
  const SessionId session = world.login().session;
  world.lose_servers();
  CHECK(world.reserve(session, 11).status.code() == Code::refused);
  const PagesResult result = world.reserve(session, 10);
  CHECK(result.left == 0);
  CHECK(world.client->logout(session, world.now).ok());
  CHECK(world.settle(result.ticket, 9).left == 1);  // the copier may be slower than the user
}

TEST_CASE("who was let in by a fallback spends what home lets him, or what can be counted") {
  PagesWorld world;
  world.start();
  SUBCASE("home's lease, of one whom the cache knows") {
    REQUIRE(world.login().verdict == Verdict::granted);
    world.b.offline_pages = 1000;
    world.a.refuses = true;
    world.until([&] { return world.client->snapshot().route.server != 0; });
    const LoginResult login = world.login();
    REQUIRE(login.source == AnswerSource::fallback);
    CHECK(world.reserve(login.session, 11).status.code() == Code::refused);
    CHECK(world.reserve(login.session, 10).status.ok());
  }
  SUBCASE("no lease that nobody could count") {
    world.a.refuses = true;
    world.until([&] { return world.client->snapshot().route.server != 0; });
    for (const int64_t pages : {int64_t{5}, int64_t{-1}}) {
      world.b.offline_pages = pages;
      const LoginResult login = world.login();
      REQUIRE(login.source == AnswerSource::fallback);
      const PagesResult result = world.reserve(login.session, 1);
      CHECK(result.status.ok() == (pages < 0));
      CHECK(result.left == (pages < 0 ? -1 : 0));
    }
  }
}

TEST_CASE("without a cache only who has no limit goes on") {
  PagesWorld world;
  world.device_key = nullptr;
  world.start();
  const SessionId limited = world.login().session;
  world.a.offline_pages = -1;
  const SessionId free = world.login().session;
  world.lose_servers();
  const PagesResult refused = world.reserve(limited, 1);
  CHECK(refused.status.code() == Code::refused);
  CHECK(world.client->settle_pages(refused.ticket, 0, world.now).code() == Code::not_found);
  CHECK(world.reserve(free, 1).status.ok());
}

TEST_CASE("ok is told only of what is durable") {
  PagesWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  const SessionId session = world.offline_session();
  SUBCASE("the disk is full") {
    world.database.fail_write_at(1, Code::no_space, true);
    CHECK(world.reserve(session, 1).status.code() == Code::no_space);
  }
  SUBCASE("the worker hasn't come to it") {
    world.executor_runs = false;
    const size_t commits = world.database.commits();
    const auto ticket = world.client->reserve_pages(session, 1, world.now);
    REQUIRE(ticket.has_value());
    CHECK(world.client->settle_pages(*ticket, 1, world.now).code() == Code::not_found);
    world.run(seconds(2));
    CHECK(world.told.pages.empty());
    world.executor.run_all();
    CHECK(world.database.commits() > commits);
    world.run(milliseconds(1));
    REQUIRE(world.told.pages.size() == 1);
    CHECK(world.told.pages[0].left == 9);
  }
  SUBCASE("a reservation is settled once") {
    const TicketId first = world.reserve(session, 3).ticket;
    CHECK(world.reserve(session, 7).left == 0);
    world.executor_runs = false;
    REQUIRE(world.client->settle_pages(first, 1, world.now).ok());
    CHECK(world.client->settle_pages(first, 1, world.now).code() == Code::not_found);
    world.executor_runs = true;
    CHECK(world.answer().left == 2);
  }
  SUBCASE("what couldn't be given back can be settled again") {
    const PagesResult reserved = world.reserve(session, 5);
    world.database.fail_write_at(1, Code::no_space, false);
    CHECK(world.settle(reserved.ticket, 1).status.code() == Code::no_space);
    CHECK(world.settle(reserved.ticket, 1).left == 9);
  }
}

TEST_CASE("reservations that nobody settles are bounded, and words that make no sense refused") {
  PagesWorld world;
  world.a.offline_pages = 1000;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  const SessionId session = world.offline_session();
  CHECK(world.client->reserve_pages(SessionId::none, 1, world.now).error().code() ==
        Code::not_found);
  CHECK(world.client->reserve_pages(session, 0, world.now).error().code() ==
        Code::invalid_argument);
  CHECK(world.client->settle_pages(TicketId::none, 0, world.now).code() == Code::not_found);
  const TicketId first = world.reserve(session, 1).ticket;
  const TicketId second = world.reserve(session, 1).ticket;
  for (int i = 0; i < 63; ++i) CHECK(world.reserve(session, 1).status.ok());
  CHECK(world.client->settle_pages(first, 0, world.now).code() == Code::not_found);
  CHECK(world.settle(second, 0).left == 936);
}

}  // namespace holdfast::test
