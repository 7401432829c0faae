// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/offline.h"

#include <algorithm>

#include "core/mutants.h"

namespace holdfast::core {
namespace {

constexpr int64_t kHour_ms = 3600000;
constexpr int64_t kDay_ms = 24 * kHour_ms;
constexpr uint8_t kSocBound = 1;       // KeyTier::soc_bound
constexpr uint8_t kSecureElement = 3;  // KeyTier::secure_element
// A cache on flash that no hardware key protects.
constexpr uint32_t kBareMaxUsers = 10;
constexpr uint32_t kBareMaxAge_h = 24;

int64_t plus(int64_t a, int64_t b) {
  if (b > 0 && a > INT64_MAX - b) return INT64_MAX;
  if (b < 0 && a < INT64_MIN - b) return INT64_MIN;
  return a + b;
}

uint64_t times(uint64_t a, uint64_t b) { return a != 0 && b > UINT64_MAX / a ? UINT64_MAX : a * b; }

// Never negative: what lies in the future has just happened.
int64_t since(int64_t then, int64_t now) {
  if (then >= now) return 0;
  const uint64_t difference = static_cast<uint64_t>(now) - static_cast<uint64_t>(then);
  return static_cast<int64_t>(std::min<uint64_t>(difference, INT64_MAX));
}

// How old knowledge is that a clock set back must not make young again. A day in the future may be
// a correction of the clock (a local time taken for UTC, minutes lost in a power cut); more is
// nothing that this clock has seen.
int64_t age_of(int64_t then, int64_t now) {
  return then <= 0 || since(now, then) > kDay_ms ? INT64_MAX : since(then, now);
}

int64_t forget_ms(const OfflinePolicy& policy) {
  return std::max<int64_t>(policy.device_forget_s, 1) * 1000;
}

uint32_t expiry_h(const OfflinePolicy& policy, CredentialKind kind) {
  switch (kind) {
    case CredentialKind::card:
      return policy.card_expiry_h;
    case CredentialKind::pin:
      return policy.pin_expiry_h;
    case CredentialKind::password:
      return policy.password_expiry_h;
  }
  return 0;
}

bool pull_back(int64_t& then, int64_t now) {
  if (then <= now) return false;
  then = now;
  return true;
}

}  // namespace

// ---- words

const char* to_string(OfflineRefusal refusal) {
  switch (refusal) {
    case OfflineRefusal::none:
      return "none";
    case OfflineRefusal::off:
      return "off";
    case OfflineRefusal::not_writable:
      return "not-writable";
    case OfflineRefusal::device_locked:
      return "device-locked";
    case OfflineRefusal::not_cached:
      return "not-cached";
    case OfflineRefusal::unknown:
      return "unknown";
    case OfflineRefusal::user_paused:
      return "user-paused";
    case OfflineRefusal::online_only:
      return "online-only";
    case OfflineRefusal::wrong_secret:
      return "wrong-secret";
    case OfflineRefusal::ambiguous:
      return "ambiguous";
    case OfflineRefusal::revoked:
      return "revoked";
    case OfflineRefusal::disabled:
      return "disabled";
    case OfflineRefusal::expired:
      return "expired";
    case OfflineRefusal::too_old:
      return "too-old";
  }
  return "?";
}

const char* denial_of(OfflineRefusal refusal) {
  switch (refusal) {
    case OfflineRefusal::none:
      return "";
    case OfflineRefusal::device_locked:
    case OfflineRefusal::user_paused:
      return "locked";
    case OfflineRefusal::unknown:
      return "unknown-credential";
    default:
      return to_string(refusal);
  }
}

// What a server could know better (a limit of this device, an old copy) isn't for the device to
// deny.
Verdict verdict_of(OfflineRefusal refusal) {
  switch (refusal) {
    case OfflineRefusal::none:
      return Verdict::granted;
    case OfflineRefusal::unknown:
    case OfflineRefusal::wrong_secret:
    case OfflineRefusal::revoked:
    case OfflineRefusal::disabled:
      return Verdict::denied;
    default:
      return Verdict::unknown;
  }
}

// ---- limits

int64_t wait_of(const DeviceFailures& failures, const OfflinePolicy& policy, int64_t now_ms) {
  if (failures.count < policy.device_failures) return 0;
  // So many have to leak before there is room for one.
  const int64_t excess = int64_t{failures.count} - policy.device_failures + 1;
  const uint64_t needed =
      times(static_cast<uint64_t>(excess), static_cast<uint64_t>(forget_ms(policy)));
  const auto wait = static_cast<int64_t>(std::min<uint64_t>(needed, INT64_MAX));
  return std::max<int64_t>(0, wait - since(failures.at_ms, now_ms));
}

DeviceFailures counted(DeviceFailures failures, const OfflinePolicy& policy, int64_t now_ms) {
  const int64_t leaked = since(failures.at_ms, now_ms) / forget_ms(policy);
  if (leaked >= failures.count) {
    failures = {0, now_ms};
  } else {
    failures.count -= static_cast<uint32_t>(leaked);
    // What is left of the time goes on counting for the next one to leak.
    failures.at_ms = plus(failures.at_ms, leaked * forget_ms(policy));
  }
  rebase(failures, now_ms);
  if (failures.count < UINT32_MAX) ++failures.count;
  return failures;
}

DeviceFailures succeeded(DeviceFailures failures) {
  if (mutant(Mutant::success_forgives)) return {0, failures.at_ms};
  if (failures.count > 0) --failures.count;
  return failures;
}

int64_t wait_of(const UserFailures& failures, const OfflinePolicy& policy, int64_t now_ms) {
  if (failures.count >= policy.online_only_after) return INT64_MAX;
  if (failures.count < policy.pause_after) return 0;
  return std::max<int64_t>(0, int64_t{policy.pause_s} * 1000 - since(failures.last_ms, now_ms));
}

UserFailures counted(UserFailures failures, int64_t now_ms) {
  if (failures.count < UINT32_MAX) ++failures.count;
  failures.last_ms = now_ms;
  return failures;
}

int64_t wait_of(const BreakGlassUses& uses, const OfflinePolicy& policy, int64_t now_ms) {
  const size_t most = policy.break_glass.max_per_day;
  if (most == 0) return INT64_MAX;
  if (uses.size() < most) return 0;
  return std::max<int64_t>(0, kDay_ms - since(uses[uses.size() - most], now_ms));
}

void count(BreakGlassUses& uses, const OfflinePolicy& policy, int64_t now_ms) {
  rebase(uses, now_ms);
  uses.push_back(now_ms);
  const size_t most = std::max<size_t>(policy.break_glass.max_per_day, 1);
  if (uses.size() > most) uses.erase(uses.begin(), uses.end() - static_cast<std::ptrdiff_t>(most));
}

bool rebase(DeviceFailures& failures, int64_t now_ms) { return pull_back(failures.at_ms, now_ms); }

bool rebase(UserFailures& failures, int64_t now_ms) { return pull_back(failures.last_ms, now_ms); }

bool rebase(BreakGlassUses& uses, int64_t now_ms) {
  bool changed = false;
  for (int64_t& use : uses) changed = pull_back(use, now_ms) || changed;
  return changed;
}

// ---- credentials

CacheScope scope_of(const OfflinePolicy& policy, uint8_t tier, bool client_certificate) {
  CacheScope scope;
  if (policy.cache == CacheMode::off) return scope;
  const bool hardware = tier >= kSocBound && tier <= kSecureElement;
  scope.on = true;
  scope.on_flash =
      policy.cache == CacheMode::flash || (policy.cache == CacheMode::automatic && hardware);
  scope.max_users = scope.on_flash ? policy.max_users_flash : policy.max_users_ram;
  scope.max_age_h = policy.max_age_h;
  if (scope.on_flash && !hardware) {
    scope.passwords_only = true;
    scope.max_users = std::min(scope.max_users, kBareMaxUsers);
    scope.max_age_h = std::min(scope.max_age_h, kBareMaxAge_h);
  }
  // What is handed out can be searched by whoever is handed it, wherever it is then kept: it takes
  // a client key that can't be copied from the flash.
  const bool asked = policy.sync == UserSync::verifiers || policy.sync == UserSync::all;
  scope.verifiers = asked && client_certificate && hardware;
  scope.pin_verifiers = scope.verifiers && policy.sync == UserSync::all && policy.pins;
  return scope;
}

bool accepts(const OfflinePolicy& policy, const CacheScope& scope, CredentialKind kind) {
  if (!scope.on) return false;
  switch (kind) {
    case CredentialKind::card:
      return policy.cards && !scope.passwords_only;
    case CredentialKind::pin:
      return policy.pins && !scope.passwords_only;
    case CredentialKind::password:
      return policy.passwords;
  }
  return false;
}

OfflineRefusal judge(const CredentialFacts& facts, const OfflinePolicy& policy,
                     const CacheScope& scope, int64_t contact_ms, int64_t now_ms) {
  if (!accepts(policy, scope, facts.kind)) return OfflineRefusal::off;
  if (!facts.found) return facts.whole_list ? OfflineRefusal::unknown : OfflineRefusal::not_cached;
  // Before the secret: who is paused learns nothing by trying on.
  if (facts.failures.count >= policy.online_only_after) return OfflineRefusal::online_only;
  if (wait_of(facts.failures, policy, now_ms) > 0) return OfflineRefusal::user_paused;
  if (!facts.opened) return OfflineRefusal::wrong_secret;
  if (facts.ambiguous) return OfflineRefusal::ambiguous;
  if (facts.revoked) return OfflineRefusal::revoked;
  if (facts.disabled) return OfflineRefusal::disabled;
  const int64_t good_for = expiry_h(policy, facts.kind) * kHour_ms;
  if (age_of(facts.good_at_ms, now_ms) > good_for) return OfflineRefusal::expired;
  if (age_of(contact_ms, now_ms) > scope.max_age_h * kHour_ms) return OfflineRefusal::too_old;
  return OfflineRefusal::none;
}

std::vector<std::string> rights_left(const std::vector<std::string>& rights,
                                     const OfflinePolicy& policy, int64_t contact_ms,
                                     int64_t now_ms) {
  const int64_t age = age_of(contact_ms, now_ms);
  const auto gone = [&](const std::string& right) {
    return std::any_of(
        policy.rights_decay.begin(), policy.rights_decay.end(), [&](const RightsDecay& step) {
          return age >= step.after_h * kHour_ms &&
                 std::find(step.rights.begin(), step.rights.end(), right) != step.rights.end();
        });
  };
  std::vector<std::string> left;
  for (const std::string& right : rights)
    if (!gone(right)) left.push_back(right);
  return left;
}

bool pin_alone_allowed(const OfflinePolicy& policy, uint64_t cached, uint32_t digits) {
  const uint64_t forget_s = std::max<uint32_t>(policy.device_forget_s, 1);
  const uint64_t tries_a_day = policy.device_failures + (86400 + forget_s - 1) / forget_s;
  uint64_t allowed = std::min<uint32_t>(policy.pin_guess_permille, 1000);
  for (uint32_t i = 0; i < digits && allowed != 0 && allowed != UINT64_MAX; ++i)
    allowed = times(allowed, 10);
  return cached <= allowed / (1000 * std::max<uint64_t>(tries_a_day, 1));
}

// ---- pages

int64_t left_of(const PageLease& lease) {
  if (lease.granted < 0) return -1;
  const auto granted = static_cast<uint64_t>(lease.granted);
  return lease.spent >= granted ? 0 : static_cast<int64_t>(granted - lease.spent);
}

bool reserve(PageLease& lease, uint64_t pages) {
  if (lease.granted < 0) return true;
  if (pages > static_cast<uint64_t>(left_of(lease))) return false;
  lease.spent += pages;
  return true;
}

void settle(PageLease& lease, uint64_t reserved, uint64_t used) {
  lease.spent -= std::min(lease.spent, reserved);
  lease.spent = used > UINT64_MAX - lease.spent ? UINT64_MAX : lease.spent + used;
}

}  // namespace holdfast::core
