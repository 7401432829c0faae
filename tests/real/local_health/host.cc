// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A panel without buttons that says, one JSON object a line, what it would show. It logs in at the
// start, and again each time this device is well after it wasn't.
#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/netlink_monitor.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/client.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

using namespace holdfast;

namespace {

std::string quoted(const std::string& text) { return "\"" + text + "\""; }  // our words only

class Panel final : public Listener {
 public:
  Client* client = nullptr;
  bool wants_login = true;

  void on_link(const LinkState& link) override {
    say("link", "\"link\":" + quoted(to_string(link)));
  }
  void on_local_health(LocalHealth health) override {
    say("local", "\"local\":" + quoted(to_string(health)) +
                     ",\"link\":" + quoted(to_string(client->snapshot().link)));
    if (health == LocalHealth::ok) wants_login = true;
  }
  void on_server_state(const std::string& server, ServerState, ServerState to,
                       const char* cause) override {
    say("state", "\"server\":" + quoted(server) + ",\"to\":" + quoted(to_string(to)) +
                     ",\"cause\":" + quoted(cause));
  }
  void on_login(const LoginResult& login) override {
    say("login", "\"verdict\":" + quoted(to_string(login.verdict)) + ",\"server\":" +
                     quoted(login.server) + ",\"local\":" + quoted(to_string(login.local)));
    if (login.verdict == Verdict::granted) (void)client->logout(login.session, monotonic_now());
  }

 private:
  void say(const char* event, const std::string& members) {
    std::printf("{\"t_ms\":%lld,\"event\":\"%s\",%s}\n",
                static_cast<long long>(monotonic_now().us / 1000), event, members.c_str());
    std::fflush(stdout);
  }
};

int fail(const std::string& what) {
  std::fprintf(stderr, "local_health_host: %s\n", what.c_str());
  return 2;
}

int serve(const Config& config, const std::string& folder, bool monitored) {
  auto transport = curl_transport();
  std::string problem;
  auto state = file_state_store(folder, &problem);
  if (!transport || !state) return fail("cannot start: " + problem);
  const auto protocol = device_protocol_v1();
  const auto executor = inline_executor();
  const auto random = system_random();
  std::unique_ptr<NetworkMonitor> network;
  if (monitored) {
    auto made = netlink_monitor();
    if (!made) return fail(std::string("no monitor: ") + made.error().message());
    network = std::move(*made);
  }
  Ports ports;
  ports.transport = transport->get();
  ports.protocol = protocol.get();
  ports.state = state->get();
  ports.executor = executor.get();
  ports.random = random.get();
  ports.network = network.get();

  Panel panel;
  const auto wall = [] { return wall_now(WallTrust::always); };
  auto client = Client::create(config, ports, panel, monotonic_now(), wall());
  if (!client) return fail(client.error().message());
  panel.client = client->get();
  (*client)->user_present(true);
  for (;;) {
    const Step step = (*client)->poll(monotonic_now(), wall());
    if (panel.wants_login) {
      panel.wants_login = false;
      Credential card;
      card.secret = Secret("1234");
      if (!(*client)->login(std::move(card), monotonic_now())) return fail("no login");
      continue;
    }
    (*client)->wait(step.call_again - monotonic_now());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool blind = argc == 4 && std::strcmp(argv[3], "--blind") == 0;
  if (argc != 3 && !blind) return fail("usage: CONFIG.json FOLDER [--blind]");
  std::stringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const auto config = parse_config(text.str());
  if (!config) return fail(config.error().front().text());
  return serve(*config, argv[2], !blind);
}
