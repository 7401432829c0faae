// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Faults that the simulator puts into its own build of the library, to show that it would find
// them. In the library mutant() is a constant false, and nothing of it remains.
#pragma once

#include <cstdint>

namespace holdfast::core {

enum class Mutant : uint8_t {
  none,
  no_hold_down,
  no_hour_limit,
  stale_generation,
  unplugged_is_down,
  denial_to_cache,
  never_repeated,
  deadline_per_attempt,
  gray_ignored,
  old_epoch,
  hedges_unlimited,
  probes_crowded,
  session_moves,
  silence_ignored,
  contradiction_ignored,
  // Of logins without a server.
  count_after_secret,
  clock_back_extends,
  restart_free,
  late_tombstones,
  generation_ignored,
  put_forgives,
  older_store,
  learns_from_all,
  sum_ignored,
  success_forgives,
  revoked_session,
  audit_untaken,
};

#ifdef HOLDFAST_SIM_MUTANTS
extern Mutant active_mutant;
inline bool mutant(Mutant which) { return active_mutant == which; }
#else
constexpr bool mutant(Mutant) { return false; }
#endif

}  // namespace holdfast::core
