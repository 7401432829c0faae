// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/route.h"

namespace holdfast::core {

Route choose_route(const RouteInput& input) {
  const RouteCandidate* const begin = input.candidates;
  const RouteCandidate* const end = begin + input.count;
  const bool on_server = input.current.kind == RouteKind::server;

  // A server that serves, or may only be hesitating, is kept until a return is due.
  if (on_server) {
    for (const RouteCandidate* c = begin; c != end; ++c) {
      if (c->server == input.current.server) {
        if (c->state == ServerState::up || c->state == ServerState::suspect) return input.current;
        break;
      }
      if (c->may_return) return {RouteKind::server, c->server};
    }
  }

  // What is waited for with nobody there: the verdict about a server not heard of yet, or the end
  // of a preferred one's spread. Taking the next one meanwhile would cost a hold-down.
  const bool stays = input.current.kind != RouteKind::direct || input.direct_allowed;
  const Route meanwhile = stays ? input.current : Route{};
  for (const RouteCandidate* c = begin; c != end; ++c) {
    const bool up = c->state == ServerState::up;
    if (up && (on_server || c->ready)) return {RouteKind::server, c->server};
    const bool unheard = c->state == ServerState::initial && input.prefer_first;
    if (!on_server && (up || unheard)) return meanwhile;
  }
  for (const RouteCandidate* c = begin; c != end; ++c)
    if (c->state == ServerState::suspect) return {RouteKind::server, c->server};
  if (input.direct_allowed) return {RouteKind::direct, kNoServer};
  return {};
}

}  // namespace holdfast::core
