// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The simulator's own knowledge: what the cache may hold at most, how much time has passed for it
// at most, how often was guessed. It is told what reached the device and what became durable, never
// what the library thinks. What is uncertain (has the task run yet?) is resolved in the library's
// favour.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/listener.h"
#include "sim/offline/home.h"
#include "sim/offline/trace.h"

namespace holdfast::sim::offline {

// One login at the panel, from its beginning.
struct Login {
  uint32_t serial = 0;
  TicketId ticket = TicketId::none;
  Known known;
  std::string name;  // with a password
  Instant begun{};
  int64_t begun_us = 0;  // as Ghost::passed_us()
  Duration deadline{};
  bool guess = false;       // made up: nobody's
  bool home_spoke = false;  // home's answer has reached the device
  bool home_denied = false;
  bool tried = false;  // by the cache
  bool ended = false;
  bool told_late = false;  // home's denial, after the end
  AnswerSource source = AnswerSource::none;
  SessionId session = SessionId::none;
};

// How much time may have passed for the device: its own, and what trusted clocks and home added.
class GhostClock {
 public:
  void pass(Duration elapsed, WallClock wall);
  void told(int64_t server_ms, WallClock wall);
  void restart(Duration lag) {
    at_us_ = at_us_ > lag.us ? at_us_ - lag.us : 0;
    contradicted_ = false;
  }
  void forget() { at_us_ = 0; }
  int64_t passed_us() const { return passed_us_; }  // in all; only differences mean something

 private:
  int64_t at_us_ = 0;          // at least
  bool contradicted_ = false;  // the wall clock, by home
  int64_t passed_us_ = 0;
};

// What goes with the store when it is copied.
struct Knowledge {
  struct Denial {
    std::string incarnation;
    uint64_t version = 0;
  };
  struct Wrong {
    uint32_t count = 0;
    int64_t last_us = 0;
  };
  std::map<std::string, std::set<Known>> may;        // let in, by user_uid
  std::map<std::string, std::set<Known>> suspended;  // until home lets him in again
  std::set<std::string> revoked;
  std::map<std::pair<std::string, Known>, Denial> denied;
  double guessed[3] = {};  // what is left of it, by kind
  int64_t guessed_us[3] = {};
  std::map<std::string, Wrong> wrong;  // passwords, since a success
  std::vector<int64_t> glass_us;
  GhostClock clock;
  Duration age{};  // at least
  bool contact = false;
  bool listed = false;  // a list has been valid
  bool clean = false;   // no lying clock since home told the time
  int64_t contact_true_ms = 0;
};

class Ghost {
 public:
  using Broken = std::function<void(const char* number, const std::string& detail)>;
  Ghost(const Scenario& scenario, Reached* reached, Broken broken)
      : policy_(scenario.config.offline),
        has_counter_(scenario.has_counter),
        reached_(reached),
        broken_(std::move(broken)) {}

  // ---- time
  void pass(Duration elapsed, WallClock wall, int64_t true_ms);
  void contact(int64_t server_ms, int64_t true_ms, WallClock wall);
  void powered_off();
  void opened(WallClock wall);  // the cache, since the start
  void faulty(bool now);        // its medium
  int64_t passed_us() const { return k_.clock.passed_us(); }

  // ---- what reaches the device
  void home_granted(const std::string& uid, const Known& known);
  void home_denied(const Known& known, const std::string& name, const std::string& reason,
                   const Cluster& home);
  void manifest(const UserList* list);
  void digested(const std::string& bytes);  // a chunk is about to be read
  void committed();
  void task_over();
  void synchronised(uint64_t version);
  // Everything asked of the cache has been done, or refused.
  void idle(bool refused);
  void cleared();
  bool taking_in() const { return list_ != nullptr && !whole_; }
  // A removal is durable, and its list isn't valid yet.
  bool is_revoked(const std::string& uid) const { return k_.revoked.count(uid) != 0; }
  std::vector<std::string> take_revoked();

  // ---- logins
  // By the cache, or while it learns.
  void derived(Login& login);
  void ended(const Login& login, const LoginResult& result, bool clock_right, int64_t true_ms);

  // ---- thieves
  struct Copy {
    Knowledge knowledge;
    uint64_t counter = 0;
  };
  Copy copy(uint64_t counter) const;
  // The whole store was replaced. True: the device can tell.
  bool put_back(const Copy& copy, uint64_t counter);

 private:
  void granted(const Login& login, const LoginResult& result, bool clock_right, int64_t true_ms);
  void whole();
  void apply(bool certain);
  bool still_denied(const std::string& uid, const Known& known) const;
  void check_user(const std::string& uid);

  const OfflinePolicy policy_;
  const bool has_counter_;
  Reached* const reached_;
  const Broken broken_;
  Knowledge k_;

  bool open_ = false;
  bool faulty_ = false, was_faulty_ = false;  // since the start
  bool trusted_start_ = false;
  Duration uptime_{};
  Duration fault_time_{}, owed_{};

  const UserList* list_ = nullptr;  // being taken in
  size_t parts_ = 0;
  bool whole_ = false;
  std::map<std::string, std::set<Known>> recent_;  // granted since it began
  std::map<std::string, std::set<Known>> fresh_;   // granted, and perhaps not yet learnt
  std::vector<std::string> removing_, removed_;
  struct Pending {
    Known known;
    std::string name, reason;
    Knowledge::Denial at;
  };
  std::vector<Pending> denials_;  // on their way into the cache
};

}  // namespace holdfast::sim::offline
