// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Is it us? The monitor's word on the way to the core and to the panel.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/fake_network.h"
#include "unit/client/world.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

// What a panel would show, in order.
struct Panel final : Listener {
  std::vector<std::string> lines;
  std::vector<std::string> states;
  std::string served_by;

  void on_login(const LoginResult& login) override { served_by = login.server; }
  void on_link(const LinkState& link) override { lines.emplace_back(to_string(link)); }
  void on_local_health(LocalHealth health) override { lines.emplace_back(to_string(health)); }
  void on_server_state(const std::string& server, ServerState, ServerState to,
                       const char*) override {
    states.push_back(server + " " + to_string(to));
  }
};

// A device whose network can go; servers are silent while it is gone.
class Device {
 public:
  explicit Device(bool monitored = true) {
    if (monitored) world.network = &network;
    world.listener = &panel;
    world.config.probe.user_present_probe_ms = 500;
    world.start();
    world.client->user_present(true);
    world.run(seconds(30));
    panel.lines.clear();
    panel.states.clear();
  }
  void network_is(LinkState state) {
    network.truth = state;
    world.a.silent = world.b.silent = !state.usable();
  }
  // A login; the server that answered it.
  std::string login() {
    panel.served_by.clear();
    CHECK(world.client->login(world.card("1234"), world.now).has_value());
    world.run(seconds(2));
    return panel.served_by;
  }
  std::string link() { return to_string(world.client->snapshot().link); }

  World world;
  FakeNetwork network;
  Panel panel;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the panel is told what is missing before that the network is down, and no server is") {
  struct Row {
    LinkState state;
    const char* word;
  };
  const Row rows[] = {{{false, true, true}, "no_link"},
                      {{true, false, true}, "no_address"},
                      {{true, true, false}, "no_route"}};
  for (const Row& row : rows) {
    CAPTURE(row.word);
    Device device;
    CHECK(device.link() == "usable");
    device.network_is(row.state);
    device.world.run(seconds(1));
    CHECK(device.panel.lines == Lines{row.word, "network_down"});
    CHECK(device.world.client->snapshot().local == LocalHealth::network_down);
    CHECK(device.link() == row.word);
    device.world.run(seconds(300));
    device.network_is({});
    device.world.run(seconds(2));
    CHECK(device.panel.lines == Lines{row.word, "network_down", "usable", "ok"});
    CHECK(device.panel.states.empty());
    CHECK(device.login() == "a");
  }
}

TEST_CASE("without a monitor the same silence is the servers'") {
  Device device(false);
  device.network_is({false, true, true});
  device.world.run(seconds(300));
  CHECK(device.panel.lines.empty());
  CHECK_FALSE(device.panel.states.empty());
}

TEST_CASE("from one trouble to the next the panel hears which, and that the network is down once") {
  Device device;
  device.network_is({false, true, true});
  device.world.run(seconds(2));
  device.network_is({true, false, true});
  device.world.run(seconds(2));
  device.network_is({true, true, false});
  device.world.run(seconds(2));
  CHECK(device.panel.lines == Lines{"no_link", "network_down", "no_address", "no_route"});
}

TEST_CASE(
    "a monitor that is wrong is overruled by an answer, and stays so while it says the same") {
  Device device;
  device.network.truth = {true, true, false};  // and yet servers answer
  device.world.run(seconds(30));
  CHECK(device.panel.lines == Lines{"no_route", "network_down", "ok"});
  CHECK(device.login() == "a");
}

TEST_CASE("what the host says by link() reaches the panel in the same way") {
  Device device(false);
  const LinkState down = {false, true, true};
  device.world.client->link(down, device.world.now);
  CHECK(device.panel.lines.empty());  // listeners are called from poll()
  device.world.run(milliseconds(1));
  CHECK(device.panel.lines == Lines{"no_link", "network_down"});
  CHECK(to_json(device.world.client->snapshot()).find("\"link\":\"no_link\"") != std::string::npos);
}

TEST_CASE("the client comes back as often as the monitor asks, or sleeps on its descriptor") {
  Device device;
  device.network.interval = milliseconds(50);
  const size_t before = device.network.polls;
  device.world.run(seconds(1));
  CHECK(device.network.polls - before >= 20);
  CHECK(device.world.client->poll(device.world.now, device.world.wall).call_again <=
        device.world.now + milliseconds(50));

  device.world.client->wait(milliseconds(10));
  CHECK(device.world.transport.also.empty());
  device.network.fd = 7;
  device.world.engine.fd = 8;
  device.world.client->wait(milliseconds(10));
  REQUIRE(device.world.transport.also.size() == 2);
  CHECK(device.world.transport.also[0].fd == 7);
  CHECK(device.world.transport.also[1].fd == 8);
  device.world.transport.also.clear();
  device.world.client->wait({});
  CHECK(device.world.transport.also.empty());  // nobody sleeps
}
