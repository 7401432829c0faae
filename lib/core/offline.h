// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules of logins without a server. Pure: each function is told what is known and says what
// follows; what must be remembered comes in and goes out as plain data, which the vault keeps
// durably. All times are effective time (EffectiveClock), in ms.
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

// 0: may try. Else how long to wait. Never a lock that time alone set back makes longer or shorter:
// times from the future count as now.
int64_t wait_of(const DeviceFailures& failures, const OfflinePolicy& policy, int64_t now_ms);
DeviceFailures counted(DeviceFailures failures, const OfflinePolicy& policy, int64_t now_ms);
// online_only has no end: INT64_MAX.
int64_t wait_of(const UserFailures& failures, const OfflinePolicy& policy, int64_t now_ms);
UserFailures counted(UserFailures failures, int64_t now_ms);

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
  UserFailures failures;
};

// After the attempt was counted and the secret was tried. `contact_ms`: last authenticated contact
// with home.
OfflineRefusal judge(const CredentialFacts& facts, const OfflinePolicy& policy, int64_t contact_ms,
                     int64_t now_ms);
// The rights that are left after so long an outage.
std::vector<std::string> rights_left(const std::vector<std::string>& rights,
                                     const OfflinePolicy& policy, int64_t contact_ms,
                                     int64_t now_ms);
// May PINs alone be looked up, with so many of the shortest length cached?
bool pin_alone_allowed(const OfflinePolicy& policy, uint64_t cached, uint32_t digits);
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

// ---- time

// What the clock must remember over a restart; durable in the vault.
struct ClockMemory {
  int64_t high_water_ms = 0;  // effective time when it was last kept
  int64_t contact_ms = 0;     // effective time of the last authenticated contact with home; 0: none
};

// Wall time that nobody sets back. Never below the build time, what was remembered, or what has
// passed since on the monotonic clock; a trusted clock moves it forward. A restart without a
// trusted clock costs kRestart_ms, so that pulling the plug doesn't stop an outage from ageing. The
// time of an authenticated server of home may also lower it: one reading of 2099 isn't for ever.
class EffectiveClock {
 public:
  static constexpr int64_t kRestart_ms = 600000;  // (own) memory is kept about so often
  EffectiveClock(int64_t build_ms, const ClockMemory& memory, bool restarted, Instant now,
                 WallClock wall);

  int64_t now_ms(Instant now, WallClock wall);
  // An authenticated answer of home came; `server_ms` 0: it didn't tell the time.
  void contact(int64_t server_ms, Instant now, WallClock wall);
  const ClockMemory& memory() const { return memory_; }
  bool worth_keeping(Instant now) const;  // ten minutes, a contact or a step since kept()
  void kept(Instant now);

 private:
  ClockMemory memory_;
  Instant mark_{};  // when memory_.high_water_ms was true
  int64_t build_ms_ = 0;
  Instant kept_at_{};
  bool stepped_ = false;
};

}  // namespace holdfast::core
