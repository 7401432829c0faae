// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/offline/world.h"

namespace holdfast::sim::offline {

// Takes steps out of the scenario as long as the same invariant breaks.
Outcome reduce(Scenario* scenario, const Outcome& failure);

}  // namespace holdfast::sim::offline
