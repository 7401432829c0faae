// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/route.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <vector>

using namespace holdfast;
using namespace holdfast::core;

namespace {

constexpr ServerState kAll[] = {ServerState::initial,    ServerState::up,     ServerState::suspect,
                                ServerState::down,       ServerState::reopen, ServerState::draining,
                                ServerState::quarantined};

Route server(ServerIndex s) { return {RouteKind::server, s}; }
constexpr Route kNone{};
constexpr Route kDirect{RouteKind::direct, kNoServer};

bool serves(ServerState state) { return state == ServerState::up || state == ServerState::suspect; }

// The rule as failover.md states it, for two servers, written down apart from the code.
Route expected(const RouteCandidate* c, Route current, bool direct, bool prefer_first) {
  const bool on_server = current.kind == RouteKind::server;
  if (on_server) {
    const bool on_second = current.server == c[1].server;
    if (on_second && c[0].may_return) return server(c[0].server);
    const RouteCandidate& mine = c[on_second ? 1 : 0];
    if (serves(mine.state)) return current;
  }
  const Route rest = direct ? kDirect : kNone;
  for (int i = 0; i < 2; ++i) {
    if (c[i].state == ServerState::up && (on_server || c[i].ready)) return server(c[i].server);
    const bool waits =
        c[i].state == ServerState::up || (c[i].state == ServerState::initial && prefer_first);
    if (!on_server && waits) return current.kind == RouteKind::direct && !direct ? kNone : current;
  }
  for (int i = 0; i < 2; ++i)
    if (c[i].state == ServerState::suspect) return server(c[i].server);
  return rest;
}

}  // namespace

TEST_CASE("all combinations of two servers, route and policy") {
  int checked = 0;
  for (const ServerState first : kAll) {
    for (const ServerState second : kAll) {
      for (const Route current : {kNone, kDirect, server(4), server(9)}) {
        for (int bits = 0; bits < 32; ++bits) {
          RouteCandidate candidates[2];
          candidates[0] = {4, first, (bits & 1) != 0 && first == ServerState::up, (bits & 2) != 0};
          candidates[1] = {9, second, false, (bits & 4) != 0};
          const RouteInput input{candidates, 2, current, (bits & 8) != 0, (bits & 16) != 0};
          const Route want =
              expected(candidates, current, input.direct_allowed, input.prefer_first);
          const Route got = choose_route(input);
          ++checked;
          if (got == want) continue;
          std::printf("%s %s, route %d, bits %d\n", to_string(first), to_string(second),
                      current.server, bits);
          CHECK(got == want);
        }
      }
    }
  }
  CHECK(checked == 7 * 7 * 4 * 32);
}

TEST_CASE("a route never leads to a server that can't be asked") {
  for (const ServerState state : kAll) {
    const RouteCandidate one{0, state, false, true};
    const Route got = choose_route({&one, 1, server(0), false, false});
    CHECK((got == server(0)) == serves(state));
  }
}

TEST_CASE("no servers") {
  CHECK(choose_route({nullptr, 0, kNone, false, true}) == kNone);
  CHECK(choose_route({nullptr, 0, server(3), true, true}) == kDirect);
  CHECK(choose_route({nullptr, 0, kDirect, false, false}) == kNone);
}

TEST_CASE("the order of the candidates is the order of preference") {
  RouteCandidate c[3] = {{7, ServerState::up, false, true},
                         {2, ServerState::up, false, true},
                         {5, ServerState::suspect, false, true}};
  CHECK(choose_route({c, 3, kNone, false, false}) == server(7));
  c[0].state = ServerState::draining;
  CHECK(choose_route({c, 3, server(7), false, false}) == server(2));
  c[1].state = ServerState::reopen;
  CHECK(choose_route({c, 3, server(7), true, false}) == server(5));
  c[2].state = ServerState::quarantined;
  CHECK(choose_route({c, 3, server(5), true, false}) == kDirect);
}
