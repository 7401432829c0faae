// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/mutants.h"

namespace holdfast::core {

Mutant active_mutant = Mutant::none;

}  // namespace holdfast::core
