// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/reduce.h"

#include <algorithm>

namespace holdfast::sim::offline {

Outcome reduce(Scenario* scenario, const Outcome& failure) {
  Outcome best = failure;
  Reached unused;
  for (size_t chunk = std::max<size_t>(1, scenario->steps.size() / 2); chunk > 0; chunk /= 2) {
    for (size_t from = 0; from < scenario->steps.size();) {
      Scenario shorter = *scenario;
      const size_t to = std::min(from + chunk, shorter.steps.size());
      shorter.steps.erase(shorter.steps.begin() + static_cast<std::ptrdiff_t>(from),
                          shorter.steps.begin() + static_cast<std::ptrdiff_t>(to));
      const Outcome outcome = World(shorter, false, &unused).run();
      if (outcome.violation.found && outcome.violation.number == failure.violation.number) {
        *scenario = shorter;
        best = outcome;
      } else {
        from = to;
      }
    }
  }
  return best;
}

}  // namespace holdfast::sim::offline
