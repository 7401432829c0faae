// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "holdfast/time.h"

namespace holdfast::curl {

// CLOCK_MONOTONIC, the clock that poll() sleeps by. Not comparable with the host's instants.
Instant steady_now();

}  // namespace holdfast::curl
