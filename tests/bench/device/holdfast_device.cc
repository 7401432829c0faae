// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A host of the library: default configuration, inline executor, no thread.
#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/client.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

#include "device.h"
#include "tls_clock.h"

namespace holdfast::bench {
namespace {

// Of this process so far.
struct Effort {
  int64_t cpu_us = 0;
  long blocked = 0, preempted = 0;
};

Effort effort() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  timespec cpu{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return {int64_t{cpu.tv_sec} * 1000000 + cpu.tv_nsec / 1000, usage.ru_nvcsw, usage.ru_nivcsw};
}

// Ends the client's sleep when a command has come, as a port's descriptor may.
class Commands final : public NetworkMonitor {
 public:
  Instant poll(Instant) override { return Instant::never(); }
  LinkState state() const override { return {}; }
  void descriptors(std::vector<WaitOn>& out) const override {
    if (listening) out.push_back({0, true, false});
  }
  bool listening = true;
};

class HoldfastDevice final : public Device, private Listener {
 public:
  HoldfastDevice(Config config, std::string folder)
      : config_(std::move(config)), folder_(std::move(folder)) {}

  bool reset() override {
    client_.reset();
    transport_.reset();
    state_.reset();
    auto transport = curl_transport();
    // A folder of its own each time: nothing is remembered of the servers.
    auto state = file_state_store(folder_ + "/" + std::to_string(++generation_));
    if (!transport || !state) return false;
    transport_ = std::move(*transport);
    state_ = std::move(*state);
    Ports ports;
    ports.transport = transport_.get();
    ports.protocol = protocol_.get();
    ports.state = state_.get();
    ports.executor = executor_.get();
    ports.random = random_.get();
    ports.network = &commands_;
    first_is_well_ = true;
    auto client = Client::create(config_, ports, *this, monotonic_now(), wall());
    if (!client) return false;
    client_ = std::move(*client);
    return true;
  }

  Login login() override {
    Login login;
    login.noticed = !first_is_well_;
    Credential card;
    card.secret = Secret(kCard);
    commands_.listening = false;
    answered_ = false;
    login.begun_us = now_us();
    const auto ticket = client_->login(std::move(card), monotonic_now());
    if (!ticket) {
      login.problem = ticket.error().message();
      return login;
    }
    while (!answered_) step(INT64_MAX);
    login.wait_us = answered_at_us_ - login.begun_us;
    login.granted = result_.verdict == Verdict::granted && result_.user.user_uid == kUser;
    login.server = result_.server;
    if (!login.granted) login.problem = to_string(result_.verdict);
    if (result_.session != SessionId::none) (void)client_->logout(result_.session, monotonic_now());
    commands_.listening = true;
    return login;
  }

  void idle_until(int64_t us) override {
    do step(us);
    while (now_us() < us && !command_waits(0));
  }

  const Polls* polls() const override { return &polls_; }

 private:
  static WallClock wall() { return wall_now(WallTrust::always); }

  void step(int64_t until_us) {
    const Effort before = effort();
    const int64_t handshakes = handshake_us();
    const int64_t begun = now_us();
    const Step next = client_->poll(monotonic_now(), wall());
    SlowPoll took;
    took.wall_us = static_cast<uint32_t>(now_us() - begun);
    took.handshake_us = static_cast<uint32_t>(handshake_us() - handshakes);
    const Effort after = effort();
    took.cpu_us = static_cast<uint32_t>(after.cpu_us - before.cpu_us);
    took.blocked = static_cast<uint32_t>(after.blocked - before.blocked);
    took.preempted = static_cast<uint32_t>(after.preempted - before.preempted);
    note(took);
    if (answered_ && !commands_.listening) return;
    client_->wait({std::min(next.call_again.us, until_us) - now_us()});
  }

  void note(const SlowPoll& took) {
    if (took.wall_us > 5000) polls_.slow.push_back(took);
    if (took.handshake_us == 0) {
      polls_.plain_us.push_back(took.wall_us);
      return;
    }
    polls_.handshake_us.push_back(took.wall_us);
    polls_.beside_us.push_back(took.wall_us - std::min(took.wall_us, took.handshake_us));
  }

  void on_login(const LoginResult& result) override {
    answered_at_us_ = now_us();
    result_ = result;
    answered_ = true;
  }
  void on_server_state(const std::string& server, ServerState, ServerState to,
                       const char*) override {
    if (server == config_.servers.front().name) first_is_well_ = to == ServerState::up;
  }

  const Config config_;
  const std::string folder_;
  const std::unique_ptr<ServerProtocol> protocol_ = device_protocol_v1();
  const std::unique_ptr<Executor> executor_ = inline_executor();
  const std::unique_ptr<Random> random_ = system_random();
  Commands commands_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<Client> client_;
  int generation_ = 0;
  bool first_is_well_ = true;
  bool answered_ = false;
  int64_t answered_at_us_ = 0;
  LoginResult result_;
  Polls polls_;
};

}  // namespace

std::unique_ptr<Device> holdfast_device(const std::string& config, const std::string& folder) {
  std::stringstream text;
  text << std::ifstream(config).rdbuf();
  auto parsed = parse_config(text.str());
  if (!parsed) {
    std::fprintf(stderr, "%s: %s\n", config.c_str(), parsed.error().front().text().c_str());
    return nullptr;
  }
  return std::make_unique<HoldfastDevice>(std::move(*parsed), folder);
}

}  // namespace holdfast::bench
