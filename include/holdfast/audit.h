// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What happened to logins while no server watched. Kept durably on the device, told to the host at
// once and to the home cluster when it is back. After a restart the host is told again what home
// hasn't taken yet, under the same numbers.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast {

enum class AuditKind : uint8_t {
  login_granted,          // by the device itself
  login_refused,          // likewise
  device_locked,          // too many failures of one kind of credential
  user_paused,            // too many failures of one user
  break_glass,            // such a login was granted
  revoked,                // a user's removal was learnt
  users_synchronised,     // a list of users became valid
  sync_refused,           // one was not what it claims to be
  clock_set_back,         // by more than a minute; an outage ages on all the same
  clock_lowered,          // an authenticated server said that the device was ahead
  cache_damaged,          // the cache wasn't what was stored, and was cleared
  wiped,                  // at the host's command
  root_rotated,           // likewise
  pin_ambiguous,          // two users have the same PIN; neither gets in by it without a server
  session_ended_by_home,  // home denied what was granted without it
  dropped,                // `what` says how many events before this one didn't fit
};
const char* to_string(AuditKind kind);

struct AuditEvent {
  uint64_t sequence = 0;  // 1, 2, 3, ... of one cache
  AuditKind kind = AuditKind::login_granted;
  int64_t unix_ms = 0;  // as the device believes the time to be, which is never earlier than it was
  std::string user_uid;    // empty: nobody known
  std::string credential;  // its kind; empty: none
  std::string what;        // words for an administrator; never a secret
};

}  // namespace holdfast
