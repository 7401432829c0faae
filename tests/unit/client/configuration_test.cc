// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "unit/client/world.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

ServerConfig third() {
  ServerConfig server;
  server.name = "c";
  server.url = "https://c.example";
  server.cluster_id = "cluster-1";
  server.token = "token";
  return server;
}

}  // namespace

TEST_CASE("reconfigure: a new order, a new server, one less; sessions stay") {
  World world;
  FakeServer c;
  c.cluster_id = "cluster-1";
  world.transport.by_url["https://c.example"] = &c;
  world.start();
  const LoginResult login = world.login();
  Config wanted = world.config;
  wanted.servers = {third(), world.config.servers[0]};
  REQUIRE(world.client->reconfigure(wanted, world.now).has_value());
  world.run(seconds(30));
  const Snapshot snapshot = world.client->snapshot();
  REQUIRE(snapshot.servers.size() == 2);
  CHECK(snapshot.servers[0].name == "c");
  CHECK(snapshot.servers[0].state == ServerState::up);
  CHECK(snapshot.servers[1].in_charge);  // a serves on; a return to c takes its time
  CHECK(world.jobs(login.session).status.ok());
}

TEST_CASE("reconfigure: the server in charge is taken away") {
  World world;
  world.start();
  world.run(seconds(30));
  Config wanted = world.config;
  wanted.servers.erase(wanted.servers.begin());
  REQUIRE(world.client->reconfigure(wanted, world.now).has_value());
  world.run(seconds(2));
  CHECK(world.client->snapshot().route.kind == RouteKind::server);
  REQUIRE(world.told.switches.size() >= 2);
  CHECK(world.told.switches[1].from == "a");
  CHECK(world.told.switches[1].reason == SwitchReason::reconfigured);
  CHECK(world.login().server == "b");
}

TEST_CASE("reconfigure is all or nothing") {
  World world;
  world.start();
  world.run(seconds(30));
  SUBCASE("a field is wrong") {
    Config wanted = world.config;
    wanted.probe.probe_s = 1;
    wanted.servers.pop_back();
    const auto changed = world.client->reconfigure(wanted, world.now);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error()[0].field == "/probe/probe_s");
  }
  SUBCASE("a limit can't change at run time") {
    Config wanted = world.config;
    wanted.limit.max_requests = 64;
    const auto changed = world.client->reconfigure(wanted, world.now);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error()[0].field == "/limit/max_requests");
  }
  SUBCASE("the transport refuses the second of two new servers") {
    Config wanted = world.config;
    wanted.servers = {third(), third()};
    wanted.servers[1].name = "d";
    wanted.servers[1].url = "https://d.example";
    world.transport.refuses_url = "https://d.example";
    const auto changed = world.client->reconfigure(wanted, world.now);
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error()[0].field == "/servers/1");
  }
  CHECK(world.transport.url_of.size() == 2);
  CHECK(world.client->snapshot().servers.size() == 2);
  CHECK(world.client->snapshot().servers[0].name == "a");
  CHECK(world.login().server == "a");
}

TEST_CASE("reconfigure leaves the rules of logins without a server as they are, and says so") {
  World world;
  world.start();
  Config wanted = world.config;
  wanted.offline.rights_decay.push_back({24, {"color"}});
  const auto refused = world.client->reconfigure(wanted, world.now);
  REQUIRE(!refused.has_value());
  REQUIRE(refused.error().size() == 1);
  CHECK(refused.error()[0].field == "/offline");
  wanted.offline = world.config.offline;
  CHECK(world.client->reconfigure(wanted, world.now).has_value());
}

TEST_CASE("what was decided survives a restart: history and the switches of the hour") {
  World world;
  world.start();
  world.run(seconds(30));
  world.a.refuses = true;
  world.run(seconds(60));
  const Snapshot before = world.client->snapshot();
  CHECK(before.switches_last_hour == 1);
  world.stop();
  world.start();
  world.run(seconds(1));
  const Snapshot after = world.client->snapshot();
  CHECK(after.switches_last_hour == 1);
  REQUIRE(after.history.size() >= before.history.size());
  CHECK(after.history[1].to == "b");
}

TEST_CASE("a list of servers whose signature doesn't hold changes nothing") {
  World world;
  // Not a key that signed anything; the point is on the curve (the generator of P-256).
  world.config.server_list_key =
      "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";
  world.a.servers_version = 3;
  world.a.servers_body =
      R"({"payload":"e30=","key_id":"k","signature":")" + std::string(86, 'A') + R"(=="})";
  world.start();
  REQUIRE(world.client != nullptr);
  world.run(seconds(60));
  CHECK(world.told.alarmed(Alarm::server_list_refused));
  CHECK(world.client->snapshot().servers.size() == 2);
}

TEST_CASE("create names nothing it doesn't have") {
  World world;
  world.config.servers[0].url = "nonsense";
  world.start();
  CHECK(world.client == nullptr);
}
