// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The enumerators' own names, as tables: to_string() of every enumeration in the public headers but
// Code.
#include <cstddef>

#include "holdfast/audit.h"
#include "holdfast/listener.h"
#include "holdfast/ports/device_key.h"
#include "holdfast/ports/print_engine.h"
#include "holdfast/ports/resolver.h"
#include "holdfast/ports/transport.h"
#include "holdfast/types.h"

namespace holdfast {
namespace {

// A value from outside its enumeration has no name, and must not read beyond the table.
template <class Enum, size_t kCount>
const char* name_of(Enum value, const char* const (&names)[kCount]) {
  const auto index = static_cast<size_t>(value);
  return index < kCount ? names[index] : "?";
}

}  // namespace

const char* to_string(ServerState state) {
  static constexpr const char* kNames[] = {"initial", "up",       "suspect",    "down",
                                           "reopen",  "draining", "quarantined"};
  static_assert(static_cast<size_t>(ServerState::quarantined) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(state, kNames);
}

const char* to_string(const LinkState& state) {
  if (!state.link_up) return "no_link";
  if (!state.has_address) return "no_address";
  return state.has_route ? "usable" : "no_route";
}

const char* to_string(LocalHealth health) {
  static constexpr const char* kNames[] = {"ok", "network_down", "local_stall", "clock_untrusted",
                                           "device_refused"};
  static_assert(static_cast<size_t>(LocalHealth::device_refused) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(health, kNames);
}

const char* to_string(RouteKind kind) {
  static constexpr const char* kNames[] = {"none", "server", "direct"};
  static_assert(static_cast<size_t>(RouteKind::direct) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(kind, kNames);
}

const char* to_string(SwitchReason reason) {
  static constexpr const char* kNames[] = {"started",     "failed",       "draining",
                                           "quarantined", "returned",     "return_failed",
                                           "recovered",   "reconfigured", "requested"};
  static_assert(static_cast<size_t>(SwitchReason::requested) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(reason, kNames);
}

const char* to_string(CredentialKind kind) {
  static constexpr const char* kNames[] = {"card", "pin", "password"};
  static_assert(static_cast<size_t>(CredentialKind::password) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(kind, kNames);
}

const char* to_string(Verdict verdict) {
  static constexpr const char* kNames[] = {"granted", "denied", "unknown"};
  static_assert(static_cast<size_t>(Verdict::unknown) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(verdict, kNames);
}

const char* to_string(AnswerSource source) {
  static constexpr const char* kNames[] = {"none", "home", "fallback", "cache"};
  static_assert(static_cast<size_t>(AnswerSource::cache) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(source, kNames);
}

const char* to_string(JobState state) {
  static constexpr const char* kNames[] = {
      "pending",  "pending_held", "processing", "processing_stopped",
      "canceled", "aborted",      "completed",  "unknown"};
  static_assert(static_cast<size_t>(JobState::unknown) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(state, kNames);
}

const char* to_string(PrintPhase phase) {
  static constexpr const char* kNames[] = {"accepted", "printing", "completed",  "canceled",
                                           "aborted",  "unknown",  "not_started"};
  static_assert(static_cast<size_t>(PrintPhase::not_started) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(phase, kNames);
}

const char* to_string(TransferOutcome outcome) {
  static constexpr const char* kNames[] = {"answered",      "refused",           "timed_out",
                                           "unreachable",   "name_not_found",    "name_unavailable",
                                           "tls_untrusted", "tls_not_yet_valid", "own_certificate",
                                           "too_large",     "misconfigured"};
  static_assert(static_cast<size_t>(TransferOutcome::misconfigured) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(outcome, kNames);
}

const char* to_string(ResolveOutcome outcome) {
  static constexpr const char* kNames[] = {"found", "not_found", "unavailable"};
  static_assert(static_cast<size_t>(ResolveOutcome::unavailable) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(outcome, kNames);
}

const char* to_string(KeyTier tier) {
  static constexpr const char* kNames[] = {"none", "soc_bound", "tee", "secure_element"};
  static_assert(static_cast<size_t>(KeyTier::secure_element) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(tier, kNames);
}

const char* to_string(ReleaseStep step) {
  static constexpr const char* kNames[] = {"claiming", "fetching", "printing", "done", "failed"};
  static_assert(static_cast<size_t>(ReleaseStep::failed) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(step, kNames);
}

const char* to_string(SessionEnd end) {
  static constexpr const char* kNames[] = {"logout", "denied_by_home", "expired", "revoked"};
  static_assert(static_cast<size_t>(SessionEnd::revoked) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(end, kNames);
}

const char* to_string(Alarm alarm) {
  static constexpr const char* kNames[] = {
      "server_quarantined",  "split_brain",   "clock_untrusted", "device_refused",
      "state_not_saved",     "state_damaged", "job_unknown",     "remembered_full",
      "server_list_refused", "configuration"};
  static_assert(static_cast<size_t>(Alarm::configuration) + 1 ==
                sizeof(kNames) / sizeof(kNames[0]));
  return name_of(alarm, kNames);
}

const char* to_string(AuditKind kind) {
  static constexpr const char* kNames[] = {
      "login_granted",  "login_refused", "device_locked",         "user_paused",
      "break_glass",    "revoked",       "users_synchronised",    "sync_refused",
      "clock_set_back", "clock_lowered", "cache_damaged",         "wiped",
      "root_rotated",   "pin_ambiguous", "session_ended_by_home", "dropped"};
  static_assert(static_cast<size_t>(AuditKind::dropped) + 1 == sizeof(kNames) / sizeof(kNames[0]));
  return name_of(kind, kNames);
}

}  // namespace holdfast
