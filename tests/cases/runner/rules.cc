// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "rules.h"

#include <cstring>

namespace holdfast::cases {
namespace {

using core::ActionKind;

Difference broken(const std::string& rule, const std::string& got, Instant at) {
  return {"a rule that holds always is broken", rule, got, at, ""};
}

}  // namespace

void Rules::restarted() {
  probed_.clear();
  states_.clear();
  route_ = "none";
  local_ = LocalHealth::ok;
  answered_.clear();
}

void Rules::forgotten(const std::string& server) {
  probed_.erase(server);
  states_.erase(server);
}

Difference Rules::action(const Record& record, bool listed) {
  switch (record.action.kind) {
    case ActionKind::probe:
    case ActionKind::attempt:
      return sends(record, listed);
    case ActionKind::state_changed:
    case ActionKind::switched:
      return changes(record);
    case ActionKind::local_changed:
      local_ = record.action.local;
      return {};
    case ActionKind::finish:
      if (record.action.id != 0 && answered_.count(record.action.id) == 0)
        return broken("a request ends with the answer of an attempt that was answered",
                      describe(record), record.at);
      return {};
    default:
      return {};
  }
}

Difference Rules::sends(const Record& record, bool listed) {
  if (!listed)
    return broken("only servers of the configuration are asked", describe(record), record.at);
  if (record.action.kind == ActionKind::probe) {
    const auto last = probed_.find(record.server);
    if (last != probed_.end() && record.at - last->second < milliseconds(500))
      return broken("at least 500 ms between the probes of one server",
                    describe(record) + "; the last one was at " + shown(last->second), record.at);
    probed_[record.server] = record.at;
    return {};
  }
  const ServerState state = states_[record.server];
  if (state == ServerState::down || state == ServerState::quarantined)
    return broken("no request goes to a server that is down or quarantined", describe(record),
                  record.at);
  return {};
}

Difference Rules::changes(const Record& record) {
  if (record.action.kind == ActionKind::switched) {
    const std::string before = route_;
    route_ = record.to;
    if (record.from == before && record.to != before) return {};
    return broken("each switch begins where the last one ended, at " + before, describe(record),
                  record.at);
  }
  const ServerState before = states_[record.server];
  states_[record.server] = record.action.to;
  if (record.action.from != before || record.action.to == before)
    return broken(std::string("each change of state begins where the last one ended, at ") +
                      to_string(before),
                  describe(record), record.at);
  const bool blind = local_ == LocalHealth::network_down || local_ == LocalHealth::local_stall;
  if (blind && std::strncmp(record.action.cause, "silent", 6) == 0)
    return broken("no server is blamed for silence while the device itself can't hear",
                  describe(record), record.at);
  return {};
}

Difference Rules::emptied(size_t actions, Instant deadline, Instant now) {
  if (actions >= capacity_)
    return broken("one event causes fewer actions than the queue holds",
                  std::to_string(actions) + " actions", now);
  if (deadline <= now)
    return broken("deadline() lies ahead once everything due is done",
                  "deadline() is " + shown(deadline), now);
  return {};
}

Difference Rules::requests(const Journal& journal, Instant free_since, Instant now) {
  while (settled_ < journal.requests.size() && !journal.requests[settled_].end.empty()) ++settled_;
  for (size_t i = settled_; i < journal.requests.size(); ++i) {
    const RequestLife& life = journal.requests[i];
    if (life.end.empty() && now > later(life.deadline, free_since) + milliseconds(50))
      return broken("each request ends by its deadline and 50 ms",
                    "request " + life.id + " was due at " + shown(life.deadline), now);
  }
  return {};
}

}  // namespace holdfast::cases
