// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One history: a device with the whole client, its home, and people, from a scenario to the end or
// to the first broken invariant.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/client.h"
#include "sim/offline/audit.h"
#include "sim/offline/ghost.h"
#include "sim/offline/power.h"
#include "sim/offline/toys.h"
#include "sim/offline/wire.h"
#include "sim/offline/worker.h"
#include "support/fake_random.h"
#include "support/fake_state.h"

namespace holdfast::sim::offline {

struct Outcome {
  Violation violation;
  uint64_t trace_hash = 0;
  uint64_t events = 0, logins = 0, cached = 0, kills = 0;
  Duration simulated{};
  Duration longest_over{};  // over its deadline, of all logins
  std::string tail;         // of the trace, when something broke
};

class World final : private Listener, private Log {
 public:
  World(const Scenario& scenario, bool print_trace, Reached* reached);
  ~World() override;
  Outcome run();

 private:
  struct Intent {
    Known known;
    std::string name;
    bool guess = false;
    uint64_t plug = 0;  // pulled at this operation of the store; 0: not
    std::function<void()> then;
  };
  struct Guesser {
    uint32_t left = 0;
    uint32_t own_each = 0;
    uint32_t who = 0;
    CredentialKind kind = CredentialKind::card;
    Duration gap{};
    bool pulls = false;
    Prng prng{0};
  };

  // world.cc: time
  void at(Instant when, std::function<void()> what);
  void after(Duration wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }
  bool step();
  void poll();
  void broken(const char* number, const std::string& detail);
  int64_t true_ms() const { return kEpoch_ms + now_.us / 1000; }
  WallClock wall() const { return {true_ms() + offset_ms_, trusted_}; }
  bool clock_right() const { return trusted_ && offset_ms_ == 0; }
  void connect();
  void look_after_poll();
  void heal();
  void judge_rest();
  void judge_caps();

  // device.cc: mains, store, thieves
  void boot();
  void power_off(Duration length);
  void clock_at_boot();
  void disk_fault(Status status, const Step& step);
  void put_back_rows(Prng& prng);
  void clock_creeps(const Step& step);
  void try_revoked(Duration off);
  void pull_often(const Step& step);
  void device_step(const Step& step);
  void thief_step(const Step& step);

  // people.cc
  void on_login(const LoginResult& result) override;
  void on_session_end(SessionId session, SessionEnd why) override;
  void on_audit(const AuditEvent& event) override;
  void on_alarm(Alarm alarm, const std::string& what) override;
  void write(LogLevel, const char* text) noexcept override;
  void begin_login(Intent intent);
  void passed(const Passing& passing);
  void guess_on(std::shared_ptr<Guesser> guesser);
  Intent right_now(uint32_t who, uint32_t kind, Prng& prng);
  void people_step(const Step& step);

  // steps.cc: servers and administrators
  void perform(const Step& step);
  void server_step(const Step& step);
  void administrator_step(const Step& step);
  void go_home_down(Duration length);
  void go_down(const std::string& url, bool silent, Duration length);

  static constexpr int64_t kEpoch_ms = 1767225600000;

  const Scenario scenario_;
  Reached* const reached_;
  Journal journal_;
  Violation violation_;
  Outcome outcome_;

  Instant now_{};
  std::map<std::pair<int64_t, uint64_t>, std::function<void()>> timers_;
  uint64_t timer_ = 0;
  bool over_ = false;
  Instant rest_until_ = Instant::never();

  Cluster home_, other_;
  HeardAudit audit_;
  Ghost ghost_;

  Power power_;
  SimDatabase database_;
  SimKey key_;
  ToyCrypto crypto_;
  test::FakeRandom random_;
  test::FakeState state_;
  Worker worker_;
  Wire wire_;
  std::unique_ptr<ServerProtocol> protocol_;
  Prng prng_;
  std::unique_ptr<Client> client_;
  Instant due_{};
  uint32_t boots_ = 0;

  int64_t offset_ms_ = 0;
  bool trusted_ = true;

  std::vector<Login> logins_;   // of this start of the device
  Login* panel_ = nullptr;      // under way
  std::function<void()> then_;  // when it is over
  std::map<SessionId, std::string> sessions_;
  std::map<std::string, size_t> by_attempt_;
  std::vector<std::pair<SessionId, std::string>> must_end_;
  bool not_opened_ = false;  // the cache couldn't be
  uint32_t guesses_ = 0;
  uint32_t dies_after_ = 0;  // so many requests for the list
  Duration dies_for_{};
  uint32_t disk_faults_ = 0;

  struct Stolen {
    test::FakeDatabase::Rows rows;
    Ghost::Copy copy;
  };
  std::optional<Stolen> stolen_;
};

}  // namespace holdfast::sim::offline
