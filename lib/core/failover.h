// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The failover machine: servers, their probes, the route and the requests, put together.
//
// Events go in by the methods below, each with the time; then tick(), then poll() until it returns
// false, which gives the actions to carry out. deadline() says when to call tick() again at the
// latest. Everything is decided from what came in: no clock, no randomness but the seed's, no
// memory taken after construction.
#pragma once

#include <array>

#include "base/prng.h"
#include "base/ring.h"
#include "core/failback.h"
#include "core/local_health.h"
#include "core/requests.h"
#include "core/route.h"
#include "core/servers.h"
#include "core/words.h"
#include "holdfast/config.h"
#include "holdfast/status.h"

namespace holdfast::core {

// What of the machine survives a restart. Servers by index; the caller maps names.
struct FailoverMemory {
  FailbackMemory failback;
  std::array<uint64_t, kMaxServers> epoch{};
  std::array<uint32_t, kMaxServers> spread_s{};
  std::array<uint32_t, kMaxServers> probe_s{};  // 0: not asked for
};

class Failover final : private RequestObserver {
 public:
  // `seed`: from the device's identity, so that devices differ and restarts don't begin a herd.
  Failover(const Config& config, uint64_t seed);
  Failover(const Failover&) = delete;
  Failover& operator=(const Failover&) = delete;

  void start(const FailoverMemory* memory, Instant now, WallClock wall);
  // A new configuration; `index` gives, for each of its servers, the lasting place, and a bit in
  // `fresh` says that the place belongs to another server than before. Servers that are listed no
  // more are forgotten.
  void reconfigure(const Config& config, const ServerIndex* index, uint16_t fresh, Instant now);

  // Events.
  void probe_result(uint32_t probe, const Evidence& evidence, Instant now);
  void attempt_result(uint32_t attempt, const Evidence& evidence, Instant now);
  Result<uint32_t> request(const RequestSpec& spec, Instant now);
  void cancel(uint32_t request, Instant now);
  void cache_verdict(uint32_t request, Verdict verdict, Instant now);
  void credentials_refreshed(ServerIndex server, bool changed, Instant now);
  void link(LinkState state, Instant now);
  void clock_stepped(Instant now);
  void user_present(bool present, Instant now);
  // not_found when no preferred server has proved itself.
  Status fail_back(Instant now);

  void tick(Instant now, WallClock wall);
  bool poll(Action* action);
  Instant deadline() const;

  // What it knows.
  const ServerTable& servers() const { return servers_; }
  Route route() const { return route_; }
  LocalHealth local() const { return local_.health(); }
  const RequestCounts& counts() const { return requests_.counts(); }
  size_t requests_under_way() const { return requests_.under_way(); }
  Instant planned_return() const { return failback_.planned(); }
  uint32_t switches_last_hour(Instant now) const { return failback_.switches_last_hour(now); }
  Duration hold_down() const { return failback_.hold_down(); }
  FailoverMemory memory(Instant now, WallClock wall) const;

 private:
  enum class Canary : uint8_t { none, wanted, running };

  void attempt_timed_out(ServerIndex server, Instant sent_at, uint32_t generation,
                         Instant now) override;
  void attempt_overtaken(ServerIndex server, Instant sent_at, uint32_t generation,
                         Instant now) override;
  void look_at(ServerIndex server, Instant now) override;

  void forget(ServerIndex s, Instant now);
  void list_servers(const Config& config, const ServerIndex* index, Instant now);
  bool proves_nothing(const Evidence& evidence, Instant sent_at) const;
  void heard(Server& server, const Evidence& evidence, Instant sent_at);
  void apply(ServerIndex s, const HealthEffect& effect, Instant now);
  void tell_state(ServerIndex s, Instant now);
  void learn_wishes(Server& server, const Identity& identity);
  uint32_t probe_s(ServerIndex s) const;
  void judge_canary(ServerIndex s, const Evidence& evidence, Instant sent_at, Instant now);
  void doubt_canary(ServerIndex s, Instant sent_at, Instant now);
  void return_failed(Instant now);

  void settle(Instant now);
  void lose_connections(Instant now);
  bool notice_stall(Instant now);
  void judge_local(Instant now);
  void tell_local();
  void choose(Instant now);
  bool may_return(ServerIndex s, Instant now);
  void switch_to(Route to, SwitchReason reason, Instant now);
  void notice_presence(Instant now);
  Instant prefer_until() const;
  bool someone_present() const { return present_ || requests_.someone_waits(); }

  // failover_probes.cc
  ProbeContext context(ServerIndex s) const;
  void schedule(ServerIndex s, Instant now);
  void probe_soon(ServerIndex s, Instant now);
  void ask_all(Instant now);
  void reschedule_all(Instant now);
  void send_due_probes(Instant now);
  void send_probe(ServerIndex s, Instant now);
  void end_late_probes(Instant now);
  void forgive_all(Instant now);
  void cancel_probes(ServerIndex s);

  Action& push(ActionKind kind) { return push_action(out_, kind); }

  Config config_;  // policies that the parts point into
  Prng prng_;
  Ring<Action> out_;
  ServerTable servers_;
  Failback failback_;
  LocalJudge local_;
  LocalHealth told_local_ = LocalHealth::ok;
  Requests requests_;
  Route route_;
  bool chosen_ = false;  // since power-on
  WallClock wall_;
  std::array<Instant, kMaxServers> ready_at_{};  // from none or direct, not before
  bool present_ = false;
  bool was_present_ = false;
  Instant present_since_{};
  Canary canary_ = Canary::none;
  ServerIndex canary_previous_ = kNoServer;
  uint32_t canary_request_ = 0;
  bool canary_doubted_ = false;  // one was overtaken, or timed out
  Instant canary_doubted_at_{};
  Instant promised_ = Instant::never();  // when we said to be called
  Instant polled_{};
  Instant stalled_at_{};
  bool save_ = false;
  bool unsettled_ = false;  // a state changed while requests were looked at
  uint16_t lost_ = 0;       // bit a server: its requests are still to be told that it is gone
  uint32_t next_probe_ = 1;
};

}  // namespace holdfast::core
