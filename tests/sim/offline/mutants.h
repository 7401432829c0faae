// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "core/mutants.h"

namespace holdfast::sim::offline {

struct MutantName {
  core::Mutant mutant;
  const char* name;
  const char* what;
};

constexpr MutantName kMutants[] = {
    {core::Mutant::none, "none", "the library as it is"},
    {core::Mutant::denial_to_cache, "denial-to-cache", "asks the cache after home's denial"},
    {core::Mutant::contradiction_ignored, "contradiction-ignored",
     "lets a session go on that home denies"},
    {core::Mutant::count_after_secret, "count-after-secret", "tries a secret, then counts"},
    {core::Mutant::clock_back_extends, "clock-back-extends", "goes back with a clock"},
    {core::Mutant::restart_free, "restart-free", "an outage doesn't age by restarts"},
    {core::Mutant::late_tombstones, "late-tombstones", "revokes when the whole list is there"},
    {core::Mutant::generation_ignored, "generation-ignored", "shows logins half a list"},
    {core::Mutant::put_forgives, "put-forgives", "a new list gives a user's failures back"},
    {core::Mutant::older_store, "older-store", "takes an older copy of the store"},
    {core::Mutant::learns_from_all, "learns-from-all", "learns from another cluster's grants"},
    {core::Mutant::sum_ignored, "sum-ignored", "doesn't compare the sum of all rows"},
    {core::Mutant::success_forgives, "success-forgives", "a success empties the device's bucket"},
    {core::Mutant::revoked_session, "revoked-session", "lets the session of a revoked user go on"},
    {core::Mutant::audit_untaken, "audit-untaken", "forgets audit events that home may not have"},
};

inline bool set_mutant(const char* name) {
  for (const MutantName& known : kMutants) {
    if (std::strcmp(known.name, name) != 0) continue;
    core::active_mutant = known.mutant;
    return true;
  }
  return false;
}

}  // namespace holdfast::sim::offline
