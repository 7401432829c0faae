// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Replays a case of logins without a server. What a device remembers durably is plain data here,
// and the order of the steps of a login is the vault's.
#include <algorithm>
#include <array>
#include <map>

#include "journal.h"
#include "offline_case.h"

namespace holdfast::cases {
namespace {

using core::OfflineRefusal;

struct KnownUser {
  std::map<CredentialKind, int64_t> good_at_ms;
  core::UserFailures failures;
  bool revoked = false, disabled = false, ambiguous = false;
};

struct Outcome {
  OfflineRefusal refusal = OfflineRefusal::none;
  int64_t wait_ms = 0;
  std::vector<std::string> rights;
};

class OfflineRunner {
 public:
  explicit OfflineRunner(const OfflineCase& c)
      : case_(c),
        scope_(core::scope_of(c.policy, c.tier, c.client_certificate)),
        set_(c.clock),
        clock_(c.build_ms, {}, true, instant(), wall()) {
    keep();
  }

  Difference run() {
    for (const OfflineStep& step : case_.steps) {
      const int64_t last = step.every_ms > 0 ? step.until_ms : step.at_ms;
      for (int64_t at = step.at_ms; at <= last && !difference_.found();
           at += std::max<int64_t>(step.every_ms, 1)) {
        live_until(at);
        take(step);
      }
    }
    return difference_;
  }

 private:
  Instant instant() const { return Instant{(now_ms_ - booted_ms_) * 1000}; }
  WallClock wall() const { return {set_.unix_ms + now_ms_ - set_at_ms_, set_.trusted}; }

  // The host keeps the clock's memory whenever that is worth it.
  void live_until(int64_t at_ms) {
    while (now_ms_ < at_ms) {
      now_ms_ = std::min(at_ms, now_ms_ + 60000);
      (void)clock_.now_ms(instant(), wall());
      keep();
    }
  }
  void keep() {
    if (!clock_.worth_keeping()) return;
    kept_ = clock_.memory();
    clock_.kept(kept_);
  }
  int64_t effective() { return clock_.now_ms(instant(), wall()); }

  void restart(int64_t off_ms) {
    now_ms_ += off_ms;
    booted_ms_ = now_ms_;
    clock_ = core::EffectiveClock(case_.build_ms, kept_, true, instant(), wall());
    keep();
  }

  Outcome attempt(const OfflineStep& step) {
    if (!core::accepts(case_.policy, scope_, step.credential)) return {OfflineRefusal::off, 0, {}};
    const int64_t now = effective();
    core::DeviceFailures& bucket = device_[static_cast<size_t>(step.credential)];
    core::rebase(bucket, now);
    if (const int64_t wait = core::wait_of(bucket, case_.policy, now))
      return {OfflineRefusal::device_locked, wait, {}};

    // A card or a PIN that is wrong is nobody's; a user name names its user.
    const bool named = step.credential == CredentialKind::password;
    const auto user = named || step.right ? users_.find(step.user) : users_.end();
    core::CredentialFacts facts;
    facts.kind = step.credential;
    facts.whole_list = case_.whole_list;
    facts.found = user != users_.end() && user->second.good_at_ms.count(step.credential) > 0;
    facts.opened = step.right;
    if (facts.found) {
      core::rebase(user->second.failures, now);
      facts.failures = user->second.failures;
      facts.ambiguous = user->second.ambiguous;
      facts.revoked = user->second.revoked;
      facts.disabled = user->second.disabled;
      facts.good_at_ms = user->second.good_at_ms[step.credential];
    }
    const int64_t pause = core::wait_of(facts.failures, case_.policy, now);
    if (pause == 0 || !facts.found) {
      bucket = core::counted(bucket, case_.policy, now);
      if (facts.found) user->second.failures = core::counted(user->second.failures, now);
    }
    const int64_t contact = clock_.memory().contact_ms;
    Outcome out{core::judge(facts, case_.policy, scope_, contact, now), pause, {}};
    if (out.refusal != OfflineRefusal::none) return out;
    bucket = core::succeeded(bucket);
    user->second.failures = {};
    out.rights = core::rights_left(case_.rights, case_.policy, contact, now);
    return out;
  }

  Outcome break_glass(const OfflineStep& step) {
    const int64_t now = effective();
    core::DeviceFailures& bucket = device_[static_cast<size_t>(CredentialKind::pin)];
    core::rebase(bucket, now);
    core::rebase(glass_, now);
    const int64_t wait = std::max(core::wait_of(bucket, case_.policy, now),
                                  core::wait_of(glass_, case_.policy, now));
    if (wait > 0) return {OfflineRefusal::device_locked, wait, {}};
    bucket = core::counted(bucket, case_.policy, now);
    if (!step.right) return {OfflineRefusal::wrong_secret, 0, {}};
    bucket = core::succeeded(bucket);
    core::count(glass_, case_.policy, now);
    return {OfflineRefusal::none, 0, case_.policy.break_glass.rights};
  }

  void learn(const OfflineStep& step) {
    (void)clock_.contact(0, instant(), wall());
    KnownUser& user = users_[step.user];
    user.good_at_ms[step.credential] = effective();
    user.failures = {};
    keep();
  }

  void change(const OfflineStep& step) {
    KnownUser& user = users_[step.user];
    (step.change == "revoked"    ? user.revoked
     : step.change == "disabled" ? user.disabled
                                 : user.ambiguous) = step.flag;
  }

  void take(const OfflineStep& step) {
    switch (step.kind) {
      case OfflineStepKind::learn:
        return learn(step);
      case OfflineStepKind::contact: {
        const bool lowered =
            clock_.contact(step.clock ? step.clock->unix_ms : 0, instant(), wall());
        if (step.lowered) compare(step, "lowered", *step.lowered, lowered);
        return keep();
      }
      case OfflineStepKind::change:
        return change(step);
      case OfflineStepKind::attempt:
        return compare(step, attempt(step));
      case OfflineStepKind::break_glass:
        return compare(step, break_glass(step));
      case OfflineStepKind::clock:
        set_ = *step.clock;
        set_at_ms_ = now_ms_;
        (void)effective();
        return keep();
      case OfflineStepKind::restart:
        return restart(step.off_ms);
      case OfflineStepKind::scope:
        return compare_scope(step);
      case OfflineStepKind::pin_alone:
        return compare(step, "allowed", step.flag,
                       core::pin_alone_allowed(case_.policy, static_cast<uint64_t>(*step.cached),
                                               static_cast<uint32_t>(*step.digits)));
      case OfflineStepKind::expect:
        return compare_clock(step);
    }
  }

  // ---- comparing

  void compare(const OfflineStep& step, const std::string& what, const std::string& expected,
               const std::string& got) {
    if (difference_.found() || expected == got) return;
    difference_ = {what, expected, got, kOrigin + milliseconds(now_ms_), step.where};
  }
  void compare(const OfflineStep& step, const char* what, int64_t expected, int64_t got) {
    compare(step, what, std::to_string(expected), std::to_string(got));
  }

  void compare(const OfflineStep& step, const Outcome& out) {
    const bool granted = out.refusal == OfflineRefusal::none;
    compare(step, "gives", step.gives, granted ? "granted" : to_string(out.refusal));
    if (step.verdict) compare(step, "verdict", *step.verdict, to_string(verdict_of(out.refusal)));
    // Up to the next second, as a panel counts down.
    if (step.wait_s) compare(step, "wait_s", *step.wait_s, (out.wait_ms + 999) / 1000);
    if (step.rights) compare(step, "rights", text_of(*step.rights), text_of(out.rights));
  }

  void compare_clock(const OfflineStep& step) {
    const int64_t now = effective();
    if (step.clock) compare(step, "clock", step.clock->unix_ms, now);
    if (step.age_s) compare(step, "age_s", *step.age_s, (now - clock_.memory().contact_ms) / 1000);
    if (step.set_back) compare(step, "set_back", *step.set_back, clock_.take_set_back());
  }

  void compare_scope(const OfflineStep& step) {
    const std::map<std::string, int64_t> got = {
        {"on", scope_.on},
        {"on_flash", scope_.on_flash},
        {"passwords_only", scope_.passwords_only},
        {"max_users", scope_.max_users},
        {"max_age_h", scope_.max_age_h},
        {"verifiers", scope_.verifiers},
        {"pin_verifiers", scope_.pin_verifiers},
    };
    for (const auto& [name, expected] : step.numbers)
      compare(step, name.c_str(), expected, got.at(name));
  }

  static std::string text_of(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
  }

  const OfflineCase& case_;
  core::CacheScope scope_;
  int64_t now_ms_ = 0;
  int64_t booted_ms_ = 0;
  ClockChange set_;
  int64_t set_at_ms_ = 0;
  Difference difference_;

  core::EffectiveClock clock_;
  // Durable: outlives a restart.
  core::ClockMemory kept_;
  std::array<core::DeviceFailures, 3> device_;
  core::BreakGlassUses glass_;
  std::map<std::string, KnownUser> users_;
};

}  // namespace

Difference run_offline(const OfflineCase& c) { return OfflineRunner(c).run(); }

}  // namespace holdfast::cases
