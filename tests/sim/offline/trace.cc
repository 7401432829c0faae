// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/trace.h"

#include <utility>

namespace holdfast::sim::offline {

const char* to_string(Sometimes what) {
  static constexpr const char* kNames[kSometimes] = {"granted_by_cache",
                                                     "granted_by_home",
                                                     "granted_elsewhere",
                                                     "denied_by_home",
                                                     "refused_wrong_secret",
                                                     "refused_not_cached",
                                                     "refused_unknown",
                                                     "refused_revoked",
                                                     "refused_disabled",
                                                     "refused_too_old",
                                                     "refused_expired",
                                                     "refused_not_writable",
                                                     "device_locked",
                                                     "locked_after_kill",
                                                     "user_paused",
                                                     "online_only",
                                                     "break_glass",
                                                     "killed_in_login",
                                                     "killed_between_count_and_verdict",
                                                     "killed_after_commit_before_count",
                                                     "list_taken",
                                                     "list_taken_in_login",
                                                     "list_given_up",
                                                     "list_refused",
                                                     "incarnation_changed",
                                                     "revocation_before_activation",
                                                     "revoked_in_session",
                                                     "ended_by_home",
                                                     "older_store_refused",
                                                     "older_store_unnoticed",
                                                     "rows_put_back_noticed",
                                                     "damage_noticed",
                                                     "restarted_untrusted",
                                                     "clock_set_back",
                                                     "clock_lowered",
                                                     "login_at_deadline",
                                                     "audit_dropped",
                                                     "audit_heard_twice",
                                                     "wiped",
                                                     "rotated",
                                                     "cap_reached"};
  return kNames[static_cast<size_t>(what)];
}

const char* invariant_name(const std::string& number) {
  static constexpr std::pair<const char*, const char*> kNames[] = {
      {"12", "each call ends by its deadline + 50 ms"},
      {"19", "a revocation that is persisted holds"},
      {"20", "no clock extends the offline age"},
      {"21", "failures are counted before the verdict, and never given back"},
      {"23", "memory and store stay under their caps"},
      {"27", "after all is repaired, what waits is drained"},
      {"28", "the same seed gives the same trace"},
      {"29", "home's denial never becomes a grant, and a late one ends the session"},
      {"A1", "each decision is audited once, in order, or counted as dropped"},
      {"G1", "only who is known by this secret, by the old list or the new one, is let in"},
      {"S0", "the simulator's own expectations"},
      {"S3", "the next deadline lies in the future"},
  };
  for (const auto& [known, name] : kNames)
    if (number == known) return name;
  return "?";
}

}  // namespace holdfast::sim::offline
