// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules of logins without a server. Pure: each function is told what is known and says what
// follows; what must be remembered comes in and goes out as plain data, which the vault keeps
// durably. All times are effective time (EffectiveClock), in ms. No number, however wrong, makes a
// sum overflow: sums end at the ends of their types.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/config.h"
#include "holdfast/time.h"
#include "holdfast/types.h"

namespace holdfast::core {

// Why a login without a server isn't granted. The first that applies, in the order of the steps.
enum class OfflineRefusal : uint8_t {
  none,
  off,            // no cache, or this kind of credential isn't accepted offline
  not_writable,   // the attempt can't be counted
  device_locked,  // too many failures of this kind at this device
  not_cached,     // not known here; a server may know it
  unknown,        // not known, and the cache holds the whole list
  user_paused,    // after failures; for retry_after
  online_only,    // after more failures: until an online login
  wrong_secret,
  ambiguous,  // two users have this PIN
  revoked,
  disabled,
  expired,  // the credential was too long not good online
  too_old,  // the outage is longer than max_age_h
};
const char* to_string(OfflineRefusal refusal);
// The protocol's reason for the same ("locked", "wrong-secret", ...), for LoginResult::denial.
const char* denial_of(OfflineRefusal refusal);
// denied where the device knows enough to say no; unknown where only a server can.
Verdict verdict_of(OfflineRefusal refusal);

// ---- limits

struct UserFailures {
  uint32_t count = 0;  // since the last success
  int64_t last_ms = 0;
};

// A bucket that leaks: `count` as of `at_ms`.
struct DeviceFailures {
  uint32_t count = 0;
  int64_t at_ms = 0;
};

// Break-glass logins that were granted, in order of time; at most max_per_day of them.
using BreakGlassUses = std::vector<int64_t>;

// 0: may try. Else how long to wait. Times from the future count as now.
int64_t wait_of(const DeviceFailures& failures, const OfflinePolicy& policy, int64_t now_ms);
// online_only has no end: INT64_MAX.
int64_t wait_of(const UserFailures& failures, const OfflinePolicy& policy, int64_t now_ms);
int64_t wait_of(const BreakGlassUses& uses, const OfflinePolicy& policy, int64_t now_ms);

// An attempt is counted, durably, before its secret is tried.
DeviceFailures counted(DeviceFailures failures, const OfflinePolicy& policy, int64_t now_ms);
UserFailures counted(UserFailures failures, int64_t now_ms);
void count(BreakGlassUses& uses, const OfflinePolicy& policy, int64_t now_ms);
// It succeeded: the device takes back this one attempt and no other. The user's count is cleared.
DeviceFailures succeeded(DeviceFailures failures);

// What was remembered of a time that the clock has been set back from (it may be up to ten minutes
// behind after a power cut, or by any length once home has corrected it) happened now at the
// latest, or a lock would last until that time comes again. True: changed, to be kept.
bool rebase(DeviceFailures& failures, int64_t now_ms);
bool rebase(UserFailures& failures, int64_t now_ms);
bool rebase(BreakGlassUses& uses, int64_t now_ms);

// ---- credentials

struct CredentialFacts {
  CredentialKind kind = CredentialKind::card;
  bool found = false;
  bool whole_list = false;  // the cache holds every user of home with verifiers of this kind
  bool opened = false;      // the secret is right
  bool ambiguous = false;
  bool revoked = false;
  bool disabled = false;
  int64_t good_at_ms = 0;  // last known good online, or synchronised
  UserFailures failures;   // as they were before this attempt was counted
};

// What the tier of the device key leaves of the policy.
struct CacheScope {
  bool on = false;
  bool on_flash = false;
  bool passwords_only = false;
  uint32_t max_users = 0;
  uint32_t max_age_h = 0;
  bool verifiers = false;  // may be synchronised
  bool pin_verifiers = false;
};
// `tier`: KeyTier's number; `client_certificate`: each of home's entries has one configured.
CacheScope scope_of(const OfflinePolicy& policy, uint8_t tier, bool client_certificate);

// May this kind of credential be used, and remembered, without a server?
bool accepts(const OfflinePolicy& policy, const CacheScope& scope, CredentialKind kind);
// After the attempt was counted and the secret was tried. `contact_ms`: last authenticated contact
// with home; 0: never.
OfflineRefusal judge(const CredentialFacts& facts, const OfflinePolicy& policy,
                     const CacheScope& scope, int64_t contact_ms, int64_t now_ms);
// The rights that are left after so long an outage.
std::vector<std::string> rights_left(const std::vector<std::string>& rights,
                                     const OfflinePolicy& policy, int64_t contact_ms,
                                     int64_t now_ms);
// May PINs alone be looked up, with so many cached, the shortest of so many digits? A day's tries
// at this device must not guess anybody's with more than the policy's chance.
bool pin_alone_allowed(const OfflinePolicy& policy, uint64_t cached, uint32_t digits);

// ---- pages

// What home lets a user spend on this device while it isn't heard, and what is spent of it.
struct PageLease {
  int64_t granted = -1;  // negative: no limit
  uint64_t spent = 0;    // reserved and not yet settled, or used
};
// -1: no limit.
int64_t left_of(const PageLease& lease);
// False, and nothing changed: that many aren't left.
bool reserve(PageLease& lease, uint64_t pages);
// `used` instead of the `reserved`. More may have been used than was asked for: it counts.
void settle(PageLease& lease, uint64_t reserved, uint64_t used);

// ---- time

// What the clock must remember over a restart; durable in the vault.
struct ClockMemory {
  int64_t high_water_ms = 0;  // effective time when it was last kept
  // When home was last in contact, and authenticated; 0: never. Each restart that nobody measured
  // puts it back by kRestart_ms.
  int64_t contact_ms = 0;
};

// Time that nobody sets back, and only a trusted clock sets forward. It isn't below the build time,
// nor below what was remembered, and goes on with the monotonic clock.
//
// How long the device was off is unknown without a trusted clock. It isn't guessed: a guess would
// let locks run out by pulling the plug. But the outage ages by kRestart_ms, so that pulling the
// plug doesn't keep it young either.
//
// The time that an authenticated server of home tells replaces all that, also downwards: one
// reading of 2099 isn't for ever. A trusted clock that it contradicts isn't believed any more
// until it is set right.
class EffectiveClock {
 public:
  static constexpr int64_t kRestart_ms = 600000;   // (own) memory is kept about so often
  static constexpr int64_t kTolerance_ms = 60000;  // (own) of clocks that tell the same time

  // `restarted`: the device was off, or may have been, since `memory` was kept. Keep memory()
  // before the first login: it holds what the restart costs.
  EffectiveClock(int64_t build_ms, const ClockMemory& memory, bool restarted, Instant now,
                 WallClock wall);

  int64_t now_ms(Instant now, WallClock wall);
  // An authenticated answer of home came; `server_ms` 0: it didn't tell the time. True: the clock
  // was ahead by more than kTolerance_ms, and was set back.
  bool contact(int64_t server_ms, Instant now, WallClock wall);
  // True once after the wall clock, trusted or not, was set back by more than kTolerance_ms.
  bool take_set_back();

  const ClockMemory& memory() const { return memory_; }
  // Ten minutes have passed since what kept() was told, or the difference isn't time's passing.
  bool worth_keeping() const;
  // `memory` is durable.
  void kept(const ClockMemory& memory) { kept_ = memory; }

 private:
  void advance(Instant now, WallClock wall);
  void watch(int64_t elapsed_ms, WallClock wall);

  ClockMemory memory_;
  ClockMemory kept_;
  Instant mark_;  // when memory_.high_water_ms was true
  int64_t build_ms_ = 0;
  int64_t wall_ms_ = 0;        // what the wall clock showed at mark_
  bool contradicted_ = false;  // the wall clock is ahead of home's
  bool set_back_ = false;
};

}  // namespace holdfast::core
