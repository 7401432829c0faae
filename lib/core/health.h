// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One server's health: what state its answers and its silence put it in, and when to probe it next.
#pragma once

#include <array>
#include <cstdint>

#include "base/prng.h"
#include "core/latency.h"
#include "core/words.h"
#include "holdfast/config.h"

namespace holdfast::core {

// What a server's probing depends on besides its own state.
struct ProbeContext {
  bool user_present = false;
  bool preferred = false;          // preferred to the server in charge
  bool nothing_in_charge = false;  // the route is none or direct
  uint32_t probe_s = 10;           // the interval in force
};

// What a piece of evidence changed, beyond the state.
struct HealthEffect {
  bool drop_pool = false;    // the server went down, or another instance answers
  bool split_brain = false;  // an older epoch claims to be active
  bool probe_now = false;    // look again at once
};

class Health {
 public:
  Health() = default;
  Health(const ProbePolicy* probe, const DownPolicy* down, const FailbackPolicy* failback,
         Duration cluster_grace);
  void reconfigure(const ProbePolicy* probe, const DownPolicy* down, const FailbackPolicy* failback,
                   Duration cluster_grace);

  ServerState state() const { return state_; }
  Instant since() const { return since_; }
  const char* cause() const { return cause_; }
  // Grows when connections of before mean nothing any more.
  uint32_t generation() const { return generation_; }
  uint64_t instance() const { return instance_; }
  uint64_t epoch() const { return epoch_; }
  void restore_epoch(uint64_t epoch) { epoch_ = epoch; }
  // Of real requests: what a hedge waits for.
  const LatencyWindow& latency() const { return request_latency_; }

  // Sends and what became of them. `sent` is called for each probe and attempt, `abandoned` when we
  // gave it up.
  void sent(Instant now);
  void abandoned(Instant sent_at);
  // A request was answered by another server first.
  HealthEffect overtaken(Instant now);
  HealthEffect probe_result(const Evidence& evidence, Instant sent_at, Instant now, Prng& prng) {
    return result(evidence, true, sent_at, now, prng);
  }
  HealthEffect request_result(const Evidence& evidence, Instant sent_at, Instant now, Prng& prng) {
    return result(evidence, false, sent_at, now, prng);
  }
  // A probe timed out that can't be blamed on the server: forget the silence so far.
  void forgive(Instant now);
  // What was sent by then and never answered proves nothing.
  bool forgiven(Instant sent_at) const { return sent_at < forgiven_at_; }
  // Draws the conclusions from silence. Call when silence_deadline() has come.
  HealthEffect tick(Instant now);
  Instant silence_deadline() const;

  // Good probes in a row, same instance and epoch, at least the configured spacing apart.
  uint32_t proof() const { return proof_; }
  // The spacing in force: short where nothing better is in charge.
  void set_proof_spacing(Duration spacing) { proof_spacing_ = spacing; }
  bool proved() const { return proof_ >= failback_->good_probes; }
  // Whether it may take the place of one that serves.
  bool returnable() const { return state_ == ServerState::up && proved() && !device_refused_; }
  // How long the last outage was, from its first sign to the first good answer; 0 while it lasts or
  // without one.
  Duration last_outage() const { return last_outage_; }
  // The outage was, or still may be, a cluster's or a VM's own failover.
  bool in_grace(Instant now) const;
  Instant draining_until() const { return draining_until_; }
  // A Retry-After in force that is meant for probes as well.
  bool told_to_wait(Instant now) const {
    return (state_ == ServerState::draining && draining_until_ > now) ||
           (state_ == ServerState::up && no_probe_until_ > now);
  }
  // A Retry-After from 429: no new request before.
  Instant busy_until() const { return busy_until_; }
  bool accepts_hedges(Instant now) const { return now >= no_hedge_until_; }
  bool device_refused() const { return device_refused_; }
  bool certificate_not_yet_valid() const { return not_yet_valid_; }

  // How long to wait between the last probe and the next, and for how long to wait for its answer.
  Duration probe_interval(const ProbeContext& context, Instant now, Prng& prng) const;
  Duration probe_timeout() const;

 private:
  enum class Trouble : uint8_t { none, silence, hard, soft, gray };

  enum class Meaning : uint8_t {
    answer,
    leave,       // it asks to be left
    refuses_us,  // alive, and says no to this device, or to its pace
    soft,        // it answers, and can't serve
    late,        // 408
    error,       // 500
    cut,         // refused or reset
    silence,
    unanswered,  // a request: by itself no silence
    nothing,     // as if it hadn't been sent
    no_name,
    distrust,
  };
  struct Meanings {
    Meaning of_probe, of_request;
  };
  static Meanings meanings(Outcome outcome);

  HealthEffect result(const Evidence& evidence, bool probe, Instant sent_at, Instant now,
                      Prng& prng);
  HealthEffect good(const Evidence& evidence, bool probe, Instant sent_at, Instant now);
  HealthEffect refused(bool probe, Instant sent_at, Instant now);
  HealthEffect soft_failure(const Evidence& evidence, bool probe, Instant now, Prng& prng);
  HealthEffect server_error(Instant now);
  HealthEffect distrust(const Evidence& evidence, Instant now);
  HealthEffect silent_probe(Instant sent_at, Instant now);
  HealthEffect name_missing(Instant now);
  HealthEffect alive_but_refusing(const Evidence& evidence, bool probe, Instant now, Prng& prng);
  HealthEffect suspect(Trouble trouble, const char* cause, Instant now);
  HealthEffect down(const char* cause, Instant now);
  void drain(Instant until, const char* cause, Instant now);
  void enter(ServerState state, const char* cause, Instant now);
  void learn(const Identity& identity, HealthEffect* effect);
  void prove(const Identity& identity, Instant now);
  void unproved() { proof_ = 0; }
  void answered(Instant now) {
    silent_ = false;
    answered_at_ = now;
  }
  void begin_trouble(Instant now);
  bool beyond_doubt(Instant now) const;
  HealthEffect note_request(bool failed, Instant now);
  HealthEffect gray_failure(Instant now);
  Duration retry_after(uint32_t seconds, Prng& prng) const;

  const ProbePolicy* probe_ = nullptr;
  const DownPolicy* down_ = nullptr;
  const FailbackPolicy* failback_ = nullptr;
  Duration grace_{};

  ServerState state_ = ServerState::initial;
  Instant since_{};
  const char* cause_ = "not asked yet";
  uint32_t generation_ = 1;
  uint64_t instance_ = 0;
  uint64_t epoch_ = 0;
  bool older_epoch_ = false;  // who answered last claims to be active with an older one

  bool silent_ = false;        // something sent since the last answer is unanswered
  Instant silent_since_{};     // the oldest of them
  uint32_t silent_sends_ = 0;  // how many
  Instant forgiven_at_{};
  Instant answered_at_{};  // the last time, in any way
  bool troubled_ = false;  // signs of failure since the last good answer
  Instant trouble_since_{};
  Trouble trouble_ = Trouble::none;
  bool hard_ = false;  // refused once since the last good answer
  Instant hard_at_{};
  uint32_t failed_probes_ = 0;  // since the last good answer
  uint32_t soft_failures_ = 0;
  uint32_t server_errors_ = 0;
  uint32_t backoff_ = 0;  // exponent
  Instant up_since_{};

  Duration proof_spacing_{};
  uint32_t proof_ = 0;
  Instant proof_at_{};
  uint64_t proof_instance_ = 0;
  uint64_t proof_epoch_ = 0;
  Instant outage_since_{};
  Duration last_outage_{};

  Instant draining_until_{};
  Instant busy_until_{};
  Instant no_hedge_until_{};
  Instant no_probe_until_{};  // a Retry-After from 429 to a probe
  Duration recheck_{};        // after NXDOMAIN
  bool device_refused_ = false;
  bool not_yet_valid_ = false;

  static constexpr size_t kGrayMax = 100;
  std::array<bool, kGrayMax> recent_failed_{};
  uint32_t recent_count_ = 0, recent_next_ = 0;
  Instant last_request_failure_{};
  uint32_t gray_failures_ = 0;  // real requests failed since suspected of it
  bool gray_outage_ = false;    // the last outage was one: its probes prove little

  LatencyWindow probe_latency_, request_latency_;
};

}  // namespace holdfast::core
