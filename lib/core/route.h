// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The route: a pure function of the servers' states, the route so far and the policy.
#pragma once

#include "holdfast/types.h"

namespace holdfast::core {

// One server as the route sees it, in order of preference.
struct RouteCandidate {
  ServerIndex server = kNoServer;
  ServerState state = ServerState::initial;
  bool may_return =
      false;          // preferred to the server in charge, and everything a return asks for is met
  bool ready = true;  // may be taken from none or direct (a spread may still run)
};

struct RouteInput {
  const RouteCandidate* candidates = nullptr;  // in order of preference
  size_t count = 0;
  Route current;
  bool direct_allowed = false;
  bool prefer_first = false;  // power-on: wait for the verdict about the first ones a little longer
};

Route choose_route(const RouteInput& input);

}  // namespace holdfast::core
