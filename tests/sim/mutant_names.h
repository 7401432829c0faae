// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "core/mutants.h"

namespace holdfast::sim {

struct MutantName {
  core::Mutant mutant;
  const char* name;
  const char* what;
};

constexpr MutantName kMutants[] = {
    {core::Mutant::none, "none", "the core as it is"},
    {core::Mutant::no_hold_down, "no-hold-down",
     "returns as soon as the preferred server is proved"},
    {core::Mutant::no_hour_limit, "no-hour-limit", "returns however often it has switched"},
    {core::Mutant::stale_generation, "stale-generation", "believes answers of older connections"},
    {core::Mutant::unplugged_is_down, "unplugged-is-down", "blames servers for its own trouble"},
    {core::Mutant::denial_to_cache, "denial-to-cache", "asks the cache after home's denial"},
    {core::Mutant::never_repeated, "never-repeated", "repeats what may not be repeated"},
    {core::Mutant::deadline_per_attempt, "deadline-per-attempt", "gives each attempt a deadline"},
    {core::Mutant::gray_ignored, "gray-ignored", "believes probes, whatever becomes of requests"},
    {core::Mutant::old_epoch, "old-epoch", "believes an older epoch that claims to be active"},
    {core::Mutant::hedges_unlimited, "hedges-unlimited", "hedges without a budget"},
    {core::Mutant::probes_crowded, "probes-crowded", "probes again at once"},
    {core::Mutant::session_moves, "session-moves", "takes sessions along when it switches"},
    {core::Mutant::silence_ignored, "silence-ignored", "never leaves a server for its silence"},
    {core::Mutant::contradiction_ignored, "contradiction-ignored",
     "lets a session go on that home denies"},
};

inline bool set_mutant(const char* name) {
  for (const MutantName& known : kMutants) {
    if (std::strcmp(known.name, name) != 0) continue;
    core::active_mutant = known.mutant;
    return true;
  }
  return false;
}

}  // namespace holdfast::sim
