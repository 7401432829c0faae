// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/world.h"

namespace holdfast::sim {

// Takes steps out of the script as long as the same invariant still breaks. Gives the outcome of
// what is left.
Outcome reduce(Scenario* scenario, const Outcome& failure);
// The scenario in words: what was drawn, and the script if it is short.
std::string describe(const Scenario& scenario);

}  // namespace holdfast::sim
