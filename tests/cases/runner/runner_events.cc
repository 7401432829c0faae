// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What passes between the core and its host: answers in, actions out, and what is to be seen.
#include <algorithm>

#include "runner.h"

namespace holdfast::cases {
namespace {

using core::ActionKind;
constexpr Duration kRefreshTakes = milliseconds(10);

}  // namespace

void Runner::take_answers() {
  Exchange exchange;
  while (!difference_.found() && world_.arrived(now_, &exchange)) {
    if (exchange.probe) {
      core_->probe_result(exchange.id, exchange.evidence, now_);
    } else {
      rules_.answered(exchange.id);
      core_->attempt_result(exchange.id, exchange.evidence, now_);
    }
    pump();
  }
}

void Runner::take_replies() {
  for (size_t i = 0; i < replies_.size();) {
    if (replies_[i].at > now_) {
      ++i;
      continue;
    }
    const core::Action action = replies_[i].action;
    replies_.erase(replies_.begin() + static_cast<std::ptrdiff_t>(i));
    if (action.kind == ActionKind::ask_cache) {
      core_->cache_verdict(action.request, *cache_.verdict, now_);
    } else {
      const std::string server = name_of(action.server);
      const Refresh refresh = world_.refresh(server);
      if (refresh == Refresh::accepted) world_.accept_credentials(server, now_);
      core_->credentials_refreshed(action.server, refresh != Refresh::unchanged, now_);
    }
    pump();
  }
}

// As the host does after each event: let the core do what is due, and carry out what it says.
void Runner::pump() {
  touched_ = true;
  core_->tick(now_, wall());
  core::Action action;
  size_t actions = 0;
  while (core_->poll(&action)) {
    ++actions;
    perform(action);
  }
  fail(rules_.emptied(actions, core_->deadline(), now_));
}

void Runner::perform(const core::Action& action) {
  journal_.records.push_back(record(action));
  fail(rules_.action(journal_.records.back(), listed(action.server)));
  switch (action.kind) {
    case ActionKind::probe:
    case ActionKind::attempt:
      return world_.send(action, name_of(action.server), now_);
    case ActionKind::cancel_probe:
      return world_.cancel(true, action.id);
    case ActionKind::cancel_attempt:
      return world_.cancel(false, action.id);
    case ActionKind::finish:
      return finished(action);
    case ActionKind::ask_cache:
      if (cache_.verdict) replies_.push_back({now_ + cache_.latency, action});
      return;
    case ActionKind::save:
      memory_ = core_->memory(now_, wall());
      saved_ = true;
      return;
    case ActionKind::refresh_credentials:
      if (world_.refresh(name_of(action.server)) != Refresh::never)
        replies_.push_back({now_ + kRefreshTakes, action});
      return;
    default:
      return;
  }
}

Record Runner::record(const core::Action& action) const {
  Record r;
  r.at = now_;
  r.action = action;
  r.server = name_of(action.server);
  const auto life = running_.find(action.request);
  if (life != running_.end()) r.request = journal_.requests[life->second].id;
  if (action.kind == ActionKind::state_changed) {
    r.from = to_string(action.from);
    r.to = to_string(action.to);
  }
  if (action.kind == ActionKind::switched) {
    r.from = name_of(action.from_route);
    r.to = name_of(action.to_route);
  }
  return r;
}

// The id stays known: a login that was granted provisionally may be contradicted later.
void Runner::finished(const core::Action& action) {
  const auto found = running_.find(action.request);
  if (found == running_.end() || !journal_.requests[found->second].end.empty())
    return fail({"a rule that holds always is broken", "each request ends once",
                 describe(journal_.records.back()), now_, ""});
  RequestLife& life = journal_.requests[found->second];
  life.end = to_string(action.end);
  life.by = action.id == 0 ? "nobody" : name_of(action.server);
  life.ended = now_;
}

// ---- what is to be seen

void Runner::watch() {
  if (!core_ || away()) return;
  for (size_t i = 0; i < case_.watches.size(); ++i) {
    const Watch& w = case_.watches[i];
    if (!w.window.holds(now_) || (!w.always && seen_[i])) continue;
    const Difference difference = compare(w.expect, w.where);
    if (!difference.found()) seen_[i] = true;
    if (w.always) fail(difference);
  }
}

Difference Runner::compare(const Expectation& e, const std::string& where) const {
  const auto text_differs = [&](const char* what, const std::string& expected,
                                const std::string& got) {
    return Difference{what, expected, got, now_, where};
  };
  const auto number_differs = [&](const char* what, std::pair<int64_t, int64_t> range,
                                  int64_t got) -> Difference {
    if (got >= range.first && got <= range.second) return {};
    std::string expected = std::to_string(range.first);
    if (range.second != range.first) expected += " to " + std::to_string(range.second);
    return {what, expected, std::to_string(got), now_, where};
  };
  if (e.route && name_of(core_->route()) != *e.route)
    return text_differs("route", *e.route, name_of(core_->route()));
  for (const auto& [name, state] : e.states) {
    const ServerIndex s = index_of(name);
    const std::string got = listed(s) ? to_string(core_->servers().at(s).health.state()) : "(none)";
    if (got != state) return text_differs(("state of " + name).c_str(), state, got);
  }
  for (const auto& [name, cause] : e.causes) {
    const ServerIndex s = index_of(name);
    const std::string got = listed(s) ? core_->servers().at(s).health.cause() : "(none)";
    if (got != cause) return text_differs(("cause of " + name).c_str(), cause, got);
  }
  if (e.local && *e.local != to_string(core_->local()))
    return text_differs("local", *e.local, to_string(core_->local()));

  Difference d;
  const auto look = [&](const char* what, const std::optional<std::pair<int64_t, int64_t>>& range,
                        int64_t got) {
    if (range && !d.found()) d = number_differs(what, *range, got);
  };
  const auto exactly = [](const std::optional<int64_t>& n) {
    return n ? std::optional(std::pair{*n, *n}) : std::nullopt;
  };
  const Instant planned = core_->planned_return();
  const int64_t far = INT64_MAX;
  look("deadline() in ms", e.deadline_in_ms, (core_->deadline() - now_).ms());
  look("planned return in s", e.planned_return_in_s,
       planned == Instant::never() ? far : (planned - now_).ms() / 1000);
  if (e.no_planned_return && planned != Instant::never() && !d.found())
    return text_differs("planned return", "none", shown(planned));
  look("hold-down in s", exactly(e.hold_down_s), core_->hold_down().ms() / 1000);
  look("switches in the last hour", exactly(e.switches_last_hour), core_->switches_last_hour(now_));
  look("requests under way", exactly(e.requests_under_way),
       static_cast<int64_t>(core_->requests_under_way()));
  return d;
}

}  // namespace holdfast::cases
