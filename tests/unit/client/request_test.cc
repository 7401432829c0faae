// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The host's own protocol, routed by the library.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/client/world.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

struct Asked {
  RequestResult result;
  Duration took{};
};

Asked ask(World& world, HostRequest request) {
  const size_t before = world.told.requests.size();
  const auto ticket = world.client->request(std::move(request), world.now);
  REQUIRE(ticket.has_value());
  Asked asked;
  asked.took = world.until([&] { return world.told.requests.size() > before; });
  REQUIRE(world.told.requests.size() == before + 1);
  asked.result = world.told.requests.back();
  CHECK(asked.result.ticket == *ticket);
  return asked;
}

HostRequest order(Repeat repeat) {
  HostRequest request;
  request.method = "POST";
  request.target = "/shop/order?n=1";
  request.headers = {{"Content-Type", "text/plain"}};
  request.body = "one";
  request.repeat = repeat;
  return request;
}

size_t sent(const FakeServer& server) {
  return static_cast<size_t>(
      std::count(server.log.begin(), server.log.end(), "POST /shop/order?n=1"));
}

}  // namespace

TEST_CASE("an answer comes whole, whatever its status") {
  for (const int status : {200, 201, 302, 401, 403, 404, 409}) {
    CAPTURE(status);
    World world;
    world.start();
    world.run(seconds(30));
    world.a.host_status = status;
    const RequestResult result = ask(world, order(Repeat::safe)).result;
    if (status == 302) {
      CHECK(result.server == "b");  // redirects aren't followed; no server of ours sends one
      continue;
    }
    CHECK(result.status.ok());
    CHECK(result.http_status == status);
    CHECK(result.server == "a");
    CHECK(result.body == "host answer");
    CHECK(world.client->snapshot().local == LocalHealth::ok);
  }
}

TEST_CASE("safe: a refused, silent or failing server is no obstacle") {
  const struct {
    bool refuses, silent;
    int status;
  } rows[] = {{true, false, 0}, {false, true, 0}, {false, false, 500}, {false, false, 503}};
  for (const auto& row : rows) {
    World world;
    world.start();
    world.run(seconds(30));
    world.a.refuses = row.refuses;
    world.a.silent = row.silent;
    world.a.host_status = row.status;
    const Asked asked = ask(world, order(Repeat::safe));
    CHECK(asked.result.status.ok());
    CHECK(asked.result.server == "b");
    CHECK(asked.took < milliseconds(700));
  }
}

TEST_CASE("keyed: never to another cluster") {
  World world;
  world.start();
  world.run(seconds(30));
  world.a.refuses = true;
  const Asked asked = ask(world, order(Repeat::keyed));
  CHECK_FALSE(asked.result.status.ok());
  CHECK(sent(world.b) == 0);
}

TEST_CASE("never: sent once, and an unclear end is said to be unclear") {
  World world;
  world.start();
  world.run(seconds(30));
  SUBCASE("silent") {
    world.a.silent = true;
    const Asked asked = ask(world, order(Repeat::never));
    CHECK_FALSE(asked.result.status.ok());
    CHECK(asked.result.maybe_done);
    CHECK(sent(world.a) == 1);
    CHECK(sent(world.b) == 0);
  }
  SUBCASE("refused before a byte was sent: the next server may have it") {
    world.a.refuses = true;
    const Asked asked = ask(world, order(Repeat::never));
    CHECK(asked.result.status.ok());
    CHECK(asked.result.server == "b");
    CHECK(sent(world.b) == 1);
  }
  SUBCASE("a 500 is its answer") {
    world.a.host_status = 500;
    const Asked asked = ask(world, order(Repeat::never));
    CHECK(asked.result.status.ok());
    CHECK(asked.result.http_status == 500);
    CHECK(sent(world.b) == 0);
  }
}

TEST_CASE("requests that are no requests are refused") {
  World world;
  world.start();
  const auto refused = [&](void (*spoil)(HostRequest&)) {
    HostRequest request = order(Repeat::safe);
    spoil(request);
    return world.client->request(std::move(request), world.now).error().code() ==
           Code::invalid_argument;
  };
  CHECK(refused([](HostRequest& r) { r.target = "https://elsewhere.example/"; }));
  CHECK(refused([](HostRequest& r) { r.target = "/a b"; }));
  CHECK(refused([](HostRequest& r) { r.target = "/a\r\nX: y"; }));
  CHECK(refused([](HostRequest& r) { r.method = "GET\r\nX"; }));
  CHECK(refused([](HostRequest& r) { r.headers = {{"X", "a\nb"}}; }));
}

TEST_CASE("a host with a protocol of its own needs no engine, and is told what it can't do") {
  World world;
  world.can_print = false;
  world.start();
  REQUIRE(world.client != nullptr);
  world.run(seconds(30));
  CHECK(ask(world, order(Repeat::safe)).result.status.ok());
  const LoginResult login = world.login();
  CHECK(world.jobs(login.session).jobs.size() == 1);
  CHECK(world.client->release(login.session, world.a.job_uuid, world.now).error().code() ==
        Code::unsupported);
}
