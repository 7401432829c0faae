// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Requests on their way: to which server, when to the next one as well, when again, and when it is
// over.
#pragma once

#include <array>
#include <vector>

#include "base/prng.h"
#include "base/ring.h"
#include "core/mutants.h"
#include "core/servers.h"
#include "core/words.h"
#include "holdfast/config.h"
#include "holdfast/status.h"

namespace holdfast::core {

// What requests learn about servers on the side.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // An attempt got no answer by its request's deadline.
  virtual void attempt_timed_out(ServerIndex server, Instant sent_at, uint32_t generation,
                                 Instant now) = 0;
  // A request's first attempt was still unanswered when another server's answer came.
  virtual void attempt_overtaken(ServerIndex server, Instant sent_at, uint32_t generation,
                                 Instant now) = 0;
  // A server is slow enough to be looked at.
  virtual void look_at(ServerIndex server, Instant now) = 0;
};

// Begins an action, to be filled in.
inline Action& push_action(Ring<Action>& out, ActionKind kind) {
  Action action;
  action.kind = kind;
  out.push(action);
  return out[out.size() - 1];
}

struct AttemptInfo {
  ServerIndex server = kNoServer;
  Instant sent_at{};
  uint32_t generation = 0;
  bool bulk = false;
};

struct RequestCounts {
  uint64_t requests = 0, hedges = 0, races = 0, retries = 0;
};

class Requests {
 public:
  Requests(const RequestPolicy* policy, const LoginPolicy* login, size_t capacity,
           ServerTable* servers, Ring<Action>* out, Prng* prng, RequestObserver* observer);

  // Where new requests go first; kNoServer: in order of preference.
  void set_route(Route route) { route_ = route; }
  // A device that its servers refuse may not ask its own cache instead.
  void allow_cache(bool allowed) { cache_allowed_ = allowed; }

  Result<uint32_t> begin(const RequestSpec& spec, Instant now);
  void cancel(uint32_t request, Instant now);
  // False when that attempt isn't running any more.
  bool find_attempt(uint32_t attempt, AttemptInfo* info) const;
  void result(uint32_t attempt, const Evidence& evidence, Instant now);
  void cache_verdict(uint32_t request, Verdict verdict, Instant now);
  void credentials_refreshed(ServerIndex server, bool changed, Instant now);
  // Its connections are gone: attempts there failed.
  void server_lost(ServerIndex server, Instant now);
  // Does what is due, for all.
  void advance(Instant now);
  Instant deadline(Instant now) const;

  bool someone_waits() const;
  size_t under_way() const;
  const RequestCounts& counts() const { return counts_; }
  void reconfigure() { budget_ = HedgeBudget(*policy_); }
  const RequestSpec* spec(uint32_t request) const;

 private:
  struct Attempt {
    uint32_t id = 0;  // 0: free
    ServerIndex server = kNoServer;
    Instant sent_at{};
    uint32_t generation = 0;
    bool last_good_address = false;
    bool fresh = false;
  };
  struct Answer {
    uint32_t attempt = 0;  // 0: none
    ServerIndex server = kNoServer;
    Verdict verdict = Verdict::unknown;
  };
  struct Request {
    uint32_t id = 0;  // 0: free
    RequestSpec spec;
    Instant start{}, deadline{};
    std::array<Attempt, 3> attempts;
    std::array<uint8_t, kMaxServers> tried{};
    uint16_t fresh_retry = 0;    // bit a server: its one retry after 408 is used
    uint16_t address_retry = 0;  // bit a server: its one try of the last good address is used
    uint16_t hedged_from = 0;    // bit a server: its slowness has been answered by a hedge or race
    ServerIndex first = kNoServer;        // where it went first
    Instant hedge_at = Instant::never();  // the next server joins
    bool rescued = false;                 // the next server joined outside the budget
    Instant retry_at{};                   // no retry before; zero: no sleep drawn yet
    uint32_t retries = 0;
    bool cold = false;  // the first server hadn't been heard of yet
    Answer held;        // an answer waiting for a preferred one
    Answer error;       // a 500, passed on if nothing better comes
    Answer foreign_denial;
    bool cache_asked = false;
    bool cache_pending = false;  // and hasn't answered yet
    bool cache_denied = false;   // only home can say otherwise
    bool refreshed = false;      // credentials were renewed once
    ServerIndex awaiting_refresh = kNoServer;
    bool refused = false;    // a server refused the device
    bool lingering = false;  // finished; home's answer may still contradict
  };

  Request* find(uint32_t id);
  Request* owner(uint32_t attempt, Attempt** found);
  void advance(Request& r, Instant now);
  void begin_attempt(Request& r, Instant now);
  void join(Request& r, Instant now);
  Instant rescue_at(const Request& r) const;
  bool start(Request& r, ServerIndex server, bool last_good, bool fresh, Instant now);
  void failed(Request& r, const Attempt& a, const Evidence& e, Instant now);
  void good(Request& r, const Attempt& a, const Evidence& e, Instant now);
  void refused_device(Request& r, const Attempt& a, Instant now);
  void conclude(Request& r, const Answer& answer, Instant now);
  void conclude_login(Request& r, const Answer& answer, Instant now);
  void ask_cache(Request& r);
  void cache_denial(Request& r, Instant now);
  void nobody_left(Request& r, RequestEnd end, Instant now);
  void expire(Request& r, Instant now);
  void finish(Request& r, RequestEnd end, const Answer& answer, Instant now);
  void cancel_attempts(Request& r, bool keep_home);
  void note_overtaken(const Request& r, const Answer& answer, Instant now);
  void release(Request& r) { r = Request{}; }

  ServerIndex first_choice(const Request& r) const;
  ServerIndex next_untried(const Request& r, bool concurrent, Instant now) const;
  bool busy_for_too_long(const Request& r, ServerIndex s, Instant now) const;
  ServerIndex idle_peer(const Request& r, ServerIndex busy, Instant now) const;
  ServerIndex retry_choice(const Request& r) const;
  bool permitted(const Request& r, ServerIndex s, bool concurrent) const;
  bool usable(ServerIndex s) const;
  // For whom to wait when nobody can be asked.
  enum class Wait : uint8_t {
    nobody,
    failover,  // a cluster that may be changing its node: the cache needn't wait for it
    promised,  // a server that said until when
  };
  Wait waits_for(const Request& r, Instant now) const;
  bool home_runs(const Request& r) const;
  size_t running(const Request& r) const;
  // Not while there is an answer, even one that waits for a better one: it may be a denial. Nor
  // when any server has refused the device, or may be about to.
  bool may_ask_cache(const Request& r) const {
    return r.spec.cache && !r.cache_asked && cache_allowed_ && r.foreign_denial.attempt == 0 &&
           r.held.attempt == 0 && !r.refused && r.awaiting_refresh == kNoServer;
  }
  bool repeatable(const Request& r) const {
    return r.spec.repeat != Repeat::never || mutant(Mutant::never_repeated);
  }

  const RequestPolicy* policy_;
  const LoginPolicy* login_;
  ServerTable* servers_;
  Ring<Action>* out_;
  Prng* prng_;
  RequestObserver* observer_;
  Route route_;
  bool cache_allowed_ = true;
  std::vector<Request> table_;
  HedgeBudget budget_;
  RequestCounts counts_;
  uint32_t next_request_ = 1;
  uint32_t next_attempt_ = 1;
};

}  // namespace holdfast::core
