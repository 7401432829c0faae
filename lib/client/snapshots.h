// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ring.h"
#include "client/context.h"

namespace holdfast::client {

Snapshot take_snapshot(const Context& context, const Ring<SwitchRecord>& history);

}  // namespace holdfast::client
