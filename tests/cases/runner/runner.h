// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Replays one case on the core, in virtual time.
#pragma once

#include <array>
#include <deque>
#include <memory>

#include "core/failover.h"
#include "journal.h"
#include "rules.h"
#include "world.h"

namespace holdfast::cases {

class Runner {
 public:
  Runner(const Case& c, uint64_t seed);
  // The first difference; its `what` is empty when there is none.
  Difference run();
  const Journal& journal() const { return journal_; }

 private:
  struct Due {
    Instant at{};
    const Step* step = nullptr;
    int64_t round = 0;  // of a step that repeats
  };
  struct Reply {  // of the host: to ask_cache or refresh_credentials
    Instant at{};
    core::Action action;
  };

  Instant next_moment() const;
  bool away() const { return now_ < busy_until_; }
  void moment();
  void take_steps();
  void take_answers();
  void take_replies();
  void take_step(const Due& due);
  void host_step(const Step& step, int64_t round);
  void begin_request(const RequestStep& step, int64_t round);
  void restart_begins(const Step& step);
  void boot();
  void reconfigure(const Config& config);
  void pump();
  void perform(const core::Action& action);
  Record record(const core::Action& action) const;
  void finished(const core::Action& action);
  void watch();
  Difference compare(const Expectation& expected, const std::string& where) const;
  void fail(const Difference& difference) {
    if (!difference_.found() && difference.found()) difference_ = difference;
  }

  ServerIndex index_of(const std::string& name) const;
  bool listed(ServerIndex index) const;
  std::string name_of(ServerIndex index) const;
  std::string name_of(Route route) const;
  WallClock wall() const;

  const Case& case_;
  uint64_t seed_;
  World world_;
  Rules rules_;
  Journal journal_;
  Difference difference_;

  Config config_;
  std::unique_ptr<core::Failover> core_;
  core::FailoverMemory memory_;  // as the core last asked for
  bool saved_ = false;
  bool restarting_ = false;
  std::array<std::string, kMaxServers> places_;  // the lasting place of each server, by name
  std::map<uint32_t, size_t> running_;           // the core's request ids

  Instant now_ = kOrigin;
  Instant busy_until_ = kOrigin;  // stalled or switched off
  Instant free_since_ = kOrigin;
  std::deque<Due> due_;  // in order of time
  std::vector<Reply> replies_;
  CacheChange cache_;
  ClockChange clock_;
  Instant clock_set_at_ = kOrigin;
  std::vector<bool> seen_;  // of watches: it has come true
  bool touched_ = false;    // the core was told something at this moment
};

}  // namespace holdfast::cases
