// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Names: who waits for a resolver, for how long, and where the requests go then.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/fake_resolver.h"
#include "unit/client/world.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

using Addresses = std::vector<std::string>;

struct Named : World {
  Named() {
    names.hosts["a.example"] = {{"192.0.2.1"}};
    names.hosts["b.example"] = {{"192.0.2.2"}};
    resolver = &names;
  }
  void silence(bool silent = true) {
    for (auto& [name, host] : names.hosts) host.silent = silent;
  }
  // How long a login takes, and that it is granted.
  Duration granted(const char* by = "a") {
    const Instant begin = now;
    const LoginResult result = login();
    CHECK(result.verdict == Verdict::granted);
    CHECK(result.server == by);
    const Duration took = now - begin;
    CHECK(client->logout(result.session, now).ok());
    return took;
  }
  Addresses last_told(ServerIndex s) const {
    for (size_t i = transport.told_addresses.size(); i-- > 0;)
      if (transport.told_addresses[i].first == s) return transport.told_addresses[i].second;
    return {};
  }
  ServerState state_of(size_t rank) const { return client->snapshot().servers[rank].state; }
  size_t asked(const std::string& host) const {
    return static_cast<size_t>(std::count(names.asked.begin(), names.asked.end(), host));
  }

  FakeResolver names;
};

}  // namespace

TEST_CASE("addresses are looked up once for their time, and renewed before anybody waits") {
  Named world;
  world.names.hosts["a.example"].after = milliseconds(40);
  world.start();
  CHECK(world.granted() < milliseconds(100));
  CHECK(world.last_told(0) == Addresses{"192.0.2.1"});
  CHECK(world.asked("a.example") == 1);
  for (int i = 0; i < 60; ++i) {
    world.run(seconds(10));
    CHECK(world.granted() < milliseconds(20));  // 40 when it waited
  }
  CHECK(world.asked("a.example") >= 9);   // ten minutes of 60 s each
  CHECK(world.asked("a.example") <= 15);  // renewed from the last quarter on
  for (const auto& [server, addresses] : world.transport.told_addresses)
    CHECK(addresses.size() == 1);
}

TEST_CASE("a time to live is believed within limits") {
  Named world;
  world.names.hosts["a.example"].ttl = seconds(0);
  world.names.hosts["b.example"].ttl = seconds(86400);
  world.start();
  for (int i = 0; i < 300; ++i) {
    world.run(seconds(2));
    (void)world.granted();
  }
  CHECK(world.asked("a.example") >= 100);
  CHECK(world.asked("a.example") <= 160);  // not more often than each 4 s
  CHECK(world.asked("b.example") >= 2);
  CHECK(world.asked("b.example") <= 4);
}

TEST_CASE("a resolver that falls silent is nobody's fault, and nobody waits for it twice") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    Named world;
    world.start();
    world.run(seconds(30));
    world.silence();
    for (auto& [name, host] : world.names.hosts) {
      host.silent = !fails;
      host.fails = fails;
    }
    for (int i = 0; i < 60; ++i) {
      world.run(seconds(10));
      CHECK(world.granted() < milliseconds(20));
    }
    CHECK(world.told.switches.size() <= 1);  // power-on's
    CHECK(world.state_of(0) == ServerState::up);
    CHECK(world.state_of(1) == ServerState::up);
    CHECK(world.asked("a.example") <= 30);
    CHECK(world.last_told(0) == Addresses{"192.0.2.1"});

    for (auto& [name, host] : world.names.hosts) host.silent = host.fails = false;
    world.names.hosts["a.example"].addresses = {"192.0.2.77"};
    world.run(seconds(45));
    CHECK(world.granted() < milliseconds(20));
    CHECK(world.last_told(0) == Addresses{"192.0.2.77"});
  }
}

TEST_CASE("silence at the moment of the first use after a long sleep: half the time at most") {
  Named world;
  world.start();
  world.run(seconds(30));
  world.silence();
  world.now = world.now + seconds(3600);
  HostRequest request;
  request.target = "/shop/1";
  request.repeat = Repeat::never;
  const Instant begin = world.now;
  CHECK(world.client->request(request, world.now).has_value());
  world.until([&] { return !world.told.requests.empty(); });
  CHECK(world.now - begin <= milliseconds(1900));
  REQUIRE_FALSE(world.told.requests.empty());
  CHECK(world.told.requests.back().http_status == 200);
}

TEST_CASE("power-on with a silent resolver and nothing known: every deadline is kept") {
  Named world;
  world.silence();
  world.start();
  for (const int64_t ms : {600, 3000, 10000}) {
    CAPTURE(ms);
    const Instant begin = world.now;
    const size_t before = world.told.logins.size();
    CHECK(world.client->login(world.card("1234"), world.now, milliseconds(ms)).has_value());
    world.until([&] { return world.told.logins.size() > before; });
    CHECK(world.told.logins.back().verdict == Verdict::unknown);
    CHECK(world.now - begin <= milliseconds(ms + 50));
  }
  CHECK(world.transport.told_addresses.empty());
  CHECK(world.state_of(0) != ServerState::down);  // it isn't the servers' fault
  CHECK(world.state_of(1) != ServerState::down);
  CHECK(world.names.under_way() <= 2);

  // Nothing that has ended by its deadline is sent when the resolver comes to.
  world.a.log.clear();
  world.silence(false);
  world.run(seconds(20));
  for (const std::string& line : world.a.log) CHECK(line.find("login") == std::string::npos);
  CHECK(world.granted() < milliseconds(50));
}

TEST_CASE("one name that can't be found out doesn't hold up a login: the next server answers") {
  Named world;
  world.names.hosts["a.example"].silent = true;
  world.start();
  const Instant begin = world.now;
  const LoginResult result = world.login();
  CHECK(result.verdict == Verdict::granted);
  CHECK(result.server == "b");
  CHECK(world.now - begin < milliseconds(2100));  // as at any power-on with a silent first server
}

TEST_CASE("what waited for a name while another server answered is not sent late") {
  Named world;
  world.names.hosts["a.example"].silent = true;
  world.start();
  HostRequest request;
  request.target = "/shop/1";
  request.repeat = Repeat::safe;
  CHECK(world.client->request(request, world.now).has_value());
  world.until([&] { return !world.told.requests.empty(); });
  REQUIRE_FALSE(world.told.requests.empty());
  CHECK(world.told.requests.back().http_status == 200);
  CHECK(world.names.under_way() == 1);
  world.names.hosts["a.example"].silent = false;
  world.run(seconds(3));
  for (const std::string& line : world.a.log) CHECK(line.find("/shop/") == std::string::npos);
  CHECK(world.last_told(0) == Addresses{"192.0.2.1"});
}

TEST_CASE("a restart with a silent resolver: the last good addresses are known from the state") {
  Named world;
  world.start();
  CHECK(world.granted() < milliseconds(50));
  world.run(seconds(60));
  world.stop();
  world.silence();
  world.transport.told_addresses.clear();
  world.start();
  CHECK(world.granted() < milliseconds(1900));
  CHECK(world.last_told(0) == Addresses{"192.0.2.1"});
  CHECK(world.last_told(1) == Addresses{"192.0.2.2"});
  CHECK(world.granted() < milliseconds(50));  // and from then on at once
  world.run(seconds(30));
  CHECK(world.state_of(0) == ServerState::up);
}

TEST_CASE("a name that doesn't exist takes its server out of service") {
  Named world;
  world.start();
  world.run(seconds(30));
  world.names.hosts["a.example"].addresses.clear();
  world.run(seconds(120));
  CHECK(world.state_of(0) == ServerState::down);
  CHECK(world.client->snapshot().servers[0].cause == "its name doesn't exist");
  CHECK(world.granted("b") < milliseconds(50));

  // A resolver that falls silent later doesn't bring the old address back.
  world.names.hosts["a.example"].silent = true;
  world.transport.told_addresses.clear();
  world.run(seconds(120));
  CHECK(world.last_told(0).empty());

  world.names.hosts["a.example"] = {{"192.0.2.5"}};
  world.run(seconds(120));
  CHECK(world.state_of(0) == ServerState::up);
  CHECK(world.last_told(0) == Addresses{"192.0.2.5"});
}

TEST_CASE("a service that moved is found where it is now, long before its time to live is over") {
  Named world;
  world.names.hosts["a.example"].ttl = seconds(300);
  world.start();
  world.run(seconds(30));
  const size_t before = world.asked("a.example");
  world.transport.dead_addresses = {"192.0.2.1"};
  world.names.hosts["a.example"].addresses = {"192.0.2.8"};
  const Duration took =
      world.until([&] { return world.last_told(0) == Addresses{"192.0.2.8"}; }, seconds(60));
  CHECK(took < seconds(20));
  CHECK(world.asked("a.example") > before);
  CHECK(world.asked("a.example") < before + 10);
  world.run(seconds(30));
  CHECK(world.state_of(0) == ServerState::up);
  CHECK(world.told.switches.size() <= 1);  // power-on's: it was found before it was given up
}

TEST_CASE("dropping a pool asks anew") {
  Named world;
  world.names.hosts["a.example"].ttl = seconds(300);
  world.start();
  world.run(seconds(30));
  world.names.hosts["a.example"].addresses = {"192.0.2.8"};
  world.a.instance_id = "i2";  // another node of the cluster answers
  const size_t dropped = world.transport.dropped_pools;
  world.run(seconds(60));
  CHECK(world.transport.dropped_pools > dropped);
  CHECK(world.last_told(0) == Addresses{"192.0.2.8"});
  CHECK(world.granted() < milliseconds(50));
}

TEST_CASE("of several addresses the one that answered last goes first") {
  Named world;
  world.names.hosts["a.example"].addresses = {"192.0.2.10", "192.0.2.11", "192.0.2.12"};
  world.transport.dead_addresses = {"192.0.2.10"};
  world.start();
  (void)world.granted();
  CHECK(world.last_told(0) == Addresses{"192.0.2.10", "192.0.2.11", "192.0.2.12"});
  (void)world.granted();
  CHECK(world.last_told(0) == Addresses{"192.0.2.11", "192.0.2.10", "192.0.2.12"});
  world.transport.dead_addresses = {"192.0.2.11"};
  world.run(seconds(30));
  CHECK(world.last_told(0).front() == "192.0.2.10");
  // One that is off the list is used no more.
  world.names.hosts["a.example"].addresses = {"192.0.2.12"};
  world.transport.dead_addresses.clear();
  world.run(seconds(120));
  CHECK(world.last_told(0) == Addresses{"192.0.2.12"});
}

TEST_CASE("addresses are stored when they are new, and not each time they change") {
  Named world;
  world.names.hosts["a.example"].ttl = seconds(5);
  world.start();
  world.run(seconds(60));
  const auto stored = [&] { return world.state.records["failover"]; };
  CHECK(stored().find("192.0.2.1") != std::string::npos);
  CHECK(stored().find("192.0.2.2") != std::string::npos);
  int changes = 0;
  std::string seen = stored();
  for (int i = 0; i < 120; ++i) {
    world.names.hosts["a.example"].addresses = {"198.51.100." + std::to_string(i)};
    world.run(seconds(30));
    if (stored() != seen) ++changes;
    seen = stored();
  }
  CHECK(changes >= 3);
  CHECK(changes <= 8);  // an hour
}

TEST_CASE("numeric hosts are nobody's to resolve") {
  Named world;
  world.config.servers[0].url = "https://192.0.2.50";
  world.config.servers[1].url = "https://[2001:db8::50]:8443";
  world.transport.by_url = {{"https://192.0.2.50", &world.a},
                            {"https://[2001:db8::50]:8443", &world.b}};
  world.start();
  (void)world.granted();
  world.run(seconds(60));
  CHECK(world.names.asked.empty());
  for (const auto& [server, addresses] : world.transport.told_addresses) CHECK(addresses.empty());
}

TEST_CASE("without a resolver the transport finds names, and is told the last good address") {
  Named world;
  world.resolver = nullptr;
  world.start();
  world.run(seconds(30));
  for (const auto& [server, addresses] : world.transport.told_addresses) CHECK(addresses.empty());
  world.transport.finds_no_names = true;
  world.run(seconds(60));
  CHECK(world.granted() < milliseconds(50));
  CHECK(world.last_told(0) == Addresses{"192.0.2.1"});
  CHECK(world.state_of(0) == ServerState::up);
}
