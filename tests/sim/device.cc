// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/device.h"

#include <algorithm>

#include "sim/invariants.h"
#include "sim/users.h"

namespace holdfast::sim {
namespace {

using core::Action;
using core::ActionKind;
using core::Evidence;
using core::Outcome;

constexpr int64_t kUnixMs = 1770000000000;  // when the world begins
constexpr Duration kOrigin = seconds(7);    // of the monotonic clock after power-on

// With the device's clock in 1970 each certificate is from the future.
bool tls_was_reached(Outcome outcome) {
  return outcome != Outcome::refused && outcome != Outcome::timed_out &&
         outcome != Outcome::unreachable && outcome != Outcome::name_not_found &&
         outcome != Outcome::name_unavailable;
}

}  // namespace

Device::Device(const Scenario& scenario, EventQueue* queue, Network* network, Servers* servers,
               Trace* trace, Reached* reached)
    : scenario_(scenario),
      queue_(queue),
      network_(network),
      servers_(servers),
      trace_(trace),
      reached_(reached),
      prng_(scenario.seed * 7 + 0xde71ce) {}

Instant Device::in_core(Instant world) const { return world - (boot_at_ - Instant{}) + kOrigin; }

Instant Device::in_world(Instant core) const {
  if (core == Instant::never()) return core;
  return core + (boot_at_ - Instant{}) - kOrigin;
}

WallClock Device::wall(Instant now) const {
  if (!trusted_) return {(now - boot_at_).ms(), false};
  return {kUnixMs + (now - Instant{}).ms() + wall_offset_.ms(), true};
}

// ---- power, clock, link, loop

void Device::boot(Instant now) {
  note("boot", now, ++boot_);
  boot_at_ = now;
  trusted_ = prng_.below(100) >= scenario_.untrusted_boot_percent;
  if (!trusted_) blind_boot_at_ = now;
  if (!trusted_) queue_->push(now + seconds(5) + prng_.up_to(seconds(115)), What::clock_set, boot_);
  core_ = std::make_unique<core::Failover>(scenario_.config, scenario_.seed ^ 0xd0ce);
  invariants_->booted(now);
  core_->start(has_saved_ ? &saved_ : nullptr, in_core(now), wall(now));
  if (has_saved_) reached_->hit(Sometimes::restored);
  told_usable_ = true;
  tell_link(now);
  pump(now);
}

void Device::power_off(Instant now) {
  note("power off", now);
  core_.reset();
  calls_.clear();
  held_.clear();
  stalls_ = 0;
  present_ = false;
  network_->power_cut();
  users_->power_off();
  invariants_->power_off(now);
}

void Device::clock_set(uint32_t boot, Instant now) {
  if (boot != boot_ || !powered()) return;
  trusted_ = true;
  if (!stalled()) pump(now);
}

void Device::link_told(bool down, Instant now) {
  if (!down && told_down_ == 0) return;
  told_down_ += down ? 1u : ~0u;
  if (!powered() || stalled()) return;
  tell_link(now);
  pump(now);
}

void Device::tell_link(Instant now) {
  const bool usable = told_down_ == 0;
  if (usable == told_usable_) return;
  told_usable_ = usable;
  core_->link({usable, usable, usable}, in_core(now));
  drain(now);
}

void Device::heal(Instant now) {
  while (told_down_ > 0) link_told(false, now);
  while (stalls_ > 0) stall_over(now);
  if (!powered()) boot(now);
  clock_set(boot_, now);
}

void Device::stall_over(Instant now) {
  if (stalls_ == 0 || --stalls_ > 0) return;
  note("the loop goes on", now);
  stall_ended_ = now;
  std::vector<Event> held;
  held.swap(held_);
  // The transport's answers come first, as in a host that polls its sockets before it looks at
  // time.
  for (const Event& event : held)
    if (event.what == What::reach_device) deliver(event.a, now);
  if (!powered()) return;
  tell_link(now);
  pump(now);
  for (const Event& event : held)
    if (event.what != What::reach_device && event.what != What::wake) handle(event, now);
}

void Device::handle(const Event& event, Instant now) {
  if (stalled()) {
    held_.push_back(event);
    return;
  }
  switch (event.what) {
    case What::wake:
      if (event.a == timer_ && powered()) pump(now);
      return;
    case What::reach_device:
      deliver(event.a, now);
      break;
    case What::cache_answer:
      if (!powered() || event.b != boot_) return;
      if (const Call* call = find(event.a)) {
        const bool known = servers_->person(call->person).cached;
        const bool wrong = prng_.below(10) == 0;
        const Verdict verdict =
            !known ? Verdict::unknown : (wrong ? Verdict::denied : Verdict::granted);
        core_->cache_verdict(event.a, verdict, in_core(now));
      }
      break;
    case What::credentials: {
      if (!powered() || event.b != boot_) return;
      const bool changed = prng_.below(2) == 0;
      if (changed) {
        servers_->at(event.a).device_refused = false;
        reached_->hit(Sometimes::credentials_refreshed);
      }
      core_->credentials_refreshed(static_cast<ServerIndex>(event.a), changed, in_core(now));
      break;
    }
    default:
      users_->next(event.a, now);
      break;
  }
  settle(now);
}

// ---- people

uint32_t Device::request(const core::RequestSpec& spec, uint8_t person, Instant now) {
  const Result<uint32_t> id = core_->request(spec, in_core(now));
  if (!id) {
    reached_->hit(Sometimes::table_full);
    return 0;
  }
  Call call;
  call.id = *id;
  call.spec = spec;
  call.person = person;
  call.began = now;
  call.deadline = now + spec.deadline;
  calls_.push_back(call);
  Note n;
  n.kind = Note::Kind::request;
  n.at = now;
  n.spec = spec;
  n.id = *id;
  trace_->add(n);
  drain(now);
  return *id;
}

void Device::cancel(uint32_t request, Instant now) {
  core_->cancel(request, in_core(now));
  drain(now);
}

void Device::present(bool present, Instant now) {
  note(present ? "a user comes" : "the user goes", now);
  present_ = present;
  invariants_->presence(present, now);
  core_->user_present(present, in_core(now));
  drain(now);
}

bool Device::fail_back(Instant now) {
  if (!powered() || stalled()) return false;
  const Status status = core_->fail_back(in_core(now));
  settle(now);
  return status.ok();
}

// ---- answers

void Device::deliver(uint32_t slot, Instant now) {
  Exchange& e = network_->arrived(slot);
  if (powered() && e.boot == boot_) {
    Evidence evidence = e.evidence;
    if (!trusted_ && tls_was_reached(evidence.outcome)) {
      evidence = Evidence{};
      evidence.outcome = Outcome::not_yet_valid;
    }
    evidence.bulk = e.spec.bulk && !e.probe;
    give(e, evidence, now);
    e.delivered = true;
  }
  network_->release(slot);
}

void Device::give(const Exchange& e, const Evidence& evidence, Instant now) {
  const bool live = !e.cancelled && !e.delivered;
  const bool stale = !live || e.generation != core_->servers().at(e.server).health.generation();
  if (stale) {  // what is due anyway is done first, so that what follows is this answer's doing
    core_->tick(in_core(now), wall(now));
    drain(now);
  }
  Note n;
  n.kind = e.probe ? Note::Kind::probe_result : Note::Kind::attempt_result;
  n.at = now;
  n.id = e.core_id;
  n.server = e.server;
  n.evidence = evidence;
  n.text = e.delivered ? "again" : e.cancelled ? "after cancel" : stale ? "stale" : "";
  trace_->add(n);
  Call* call = e.probe || !live ? nullptr : find(e.request);
  if (call != nullptr) {
    const bool nothing_done = !evidence.sent || evidence.outcome == Outcome::not_active ||
                              evidence.outcome == Outcome::too_many ||
                              evidence.outcome == Outcome::device_refused;
    if (nothing_done) call->maybe_sent = false;
    if (evidence.outcome == Outcome::good && evidence.verdict == Verdict::denied)
      (e.server < servers_->count() && servers_->at(e.server).cluster == 0 ? call->home_denied
                                                                           : call->foreign_denied) =
          true;
  }
  invariants_->before_result(e, evidence, live, stale, now);
  if (e.probe)
    core_->probe_result(e.core_id, evidence, in_core(now));
  else
    core_->attempt_result(e.core_id, evidence, in_core(now));
  drain(now);
  invariants_->after_result(e, evidence, live, stale, now);
}

// ---- actions

void Device::pump(Instant now) {
  calls_.erase(std::remove_if(calls_.begin(), calls_.end(),
                              [&](const Call& c) { return c.ended && c.deadline < now; }),
               calls_.end());
  core_->tick(in_core(now), wall(now));
  drain(now);
  Instant next = in_world(core_->deadline());
  // Hedging without a delay is due at once, for one server after the other.
  const bool eager = scenario_.config.request.hedge_default_ms == 0;
  for (size_t again = 0; eager && next <= now && again < kMaxSimServers; ++again) {
    core_->tick(in_core(now), wall(now));
    drain(now);
    next = in_world(core_->deadline());
  }
  invariants_->ticked(next, now);
  if (next == Instant::never()) return;
  queue_->push(later(next, now) + prng_.up_to(scenario_.host_lateness), What::wake, ++timer_);
}

void Device::settle(Instant now) {
  if (!powered() || stalled()) return;
  drain(now);
  pump(now);
}

void Device::drain(Instant now) {
  Action action;
  size_t count = 0;
  while (core_->poll(&action)) {
    ++count;
    Note n;
    n.kind = Note::Kind::action;
    n.at = now;
    n.action = action;
    trace_->add(n);
    invariants_->action(action, find(action.request), now);
    perform(action, now);
  }
  invariants_->drained(count, now);
}

void Device::perform(const Action& action, Instant now) {
  switch (action.kind) {
    case ActionKind::probe:
    case ActionKind::attempt:
      return send(action, now);
    case ActionKind::cancel_probe:
    case ActionKind::cancel_attempt:
      network_->cancel(action.kind == ActionKind::cancel_probe, action.id, boot_, now);
      return;
    case ActionKind::finish:
      return finish(action, now);
    case ActionKind::contradicted:
      forget(action.request);
      users_->contradicted(action.request, now);
      return;
    case ActionKind::ask_cache:
      queue_->push(now + prng_.up_to(milliseconds(300)), What::cache_answer, action.request, boot_);
      return;
    case ActionKind::refresh_credentials:
      queue_->push(now + milliseconds(5) + prng_.up_to(milliseconds(500)), What::credentials,
                   action.server, boot_);
      return;
    case ActionKind::drop_pool:
      network_->drop_pool(action.server);
      return;
    case ActionKind::save:
      saved_ = core_->memory(in_core(now), wall(now));
      has_saved_ = true;
      return;
    default:
      return;
  }
}

void Device::send(const Action& action, Instant now) {
  Exchange e;
  e.core_id = action.id;
  e.probe = action.kind == ActionKind::probe;
  e.server = action.server;
  e.request = action.request;
  e.boot = boot_;
  e.generation = core_->servers().at(action.server).health.generation();
  e.sent_at = now;
  e.gives_up = now + action.timeout;
  e.fresh = action.fresh;
  e.last_good_address = action.last_good_address;
  if (Call* call = e.probe ? nullptr : find(action.request)) {
    e.spec = call->spec;
    e.person = call->person;
    call->maybe_sent = true;
    if (call->attempts++ == 0) call->first = action.server;
  }
  network_->send(e, now);
}

void Device::finish(const Action& action, Instant now) {
  Call* call = find(action.request);
  if (call == nullptr) return;
  const Call ended = *call;
  if (action.end == core::RequestEnd::provisional) {
    call->ended = true;
  } else {
    forget(call->id);
  }
  users_->finished(ended, action, now);
}

void Device::forget(uint32_t request) {
  Call* const call = find(request);
  if (call != nullptr) calls_.erase(calls_.begin() + (call - calls_.data()));
}

Call* Device::find(uint32_t request) {
  const auto found = std::find_if(calls_.begin(), calls_.end(),
                                  [&](const Call& call) { return call.id == request; });
  return request == 0 || found == calls_.end() ? nullptr : &*found;
}

void Device::note(const char* text, Instant now, uint32_t id) {
  Note n;
  n.at = now;
  n.text = text;
  n.id = id;
  trace_->add(n);
}

}  // namespace holdfast::sim
