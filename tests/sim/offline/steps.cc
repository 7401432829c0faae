// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What befalls servers, and what the administrators of home do.
#include "sim/offline/world.h"

namespace holdfast::sim::offline {

void World::perform(const Step& step) {
  journal_.add(now_, "* %s %u, %u, for %lld ms", to_string(step.kind), step.who, step.amount,
               static_cast<long long>(step.length.ms()));
  if (step.kind <= StepKind::glass) return people_step(step);
  if (step.kind <= StepKind::bad_chunks) return server_step(step);
  if (step.kind <= StepKind::restore_server) return administrator_step(step);
  if (step.kind <= StepKind::rotate) return device_step(step);
  thief_step(step);
}

void World::go_down(const std::string& url, bool silent, Duration length) {
  Node& node = wire_.nodes[url];
  if (node.down) return;
  node.down = true;
  node.silent = silent;
  wire_.node_went_down(url);
  after(length, [this, url] { wire_.nodes[url].down = false; });
}

void World::go_home_down(Duration length) {
  for (const auto& [url, node] : wire_.nodes)
    if (node.home) go_down(url, false, length);
}

void World::server_step(const Step& step) {
  Prng prng(step.seed);
  const bool silent = prng.below(3) == 0;
  switch (step.kind) {
    case StepKind::home_down:
    case StepKind::other_down:
      for (const auto& [url, node] : wire_.nodes)
        if (node.home == (step.kind == StepKind::home_down)) go_down(url, silent, step.length);
      return;
    case StepKind::node_down: {
      const auto& servers = scenario_.config.servers;
      return go_down(servers[step.amount % servers.size()].url, silent, step.length);
    }
    case StepKind::slow_login:
      wire_.slow_login = milliseconds(step.amount);
      return after(step.length, [this] { wire_.slow_login = {}; });
    case StepKind::dies_in_sync:
      dies_after_ = step.amount;
      dies_for_ = step.length;
      return;
    default:
      home_.bad_chunks = true;
      return after(step.length, [this] { home_.bad_chunks = false; });
  }
}

void World::administrator_step(const Step& step) {
  Prng prng(step.seed);
  switch (step.kind) {
    case StepKind::add:
      return home_.add();
    case StepKind::new_secret:
      return home_.new_secret(step.who, step.amount);
    case StepKind::pass_on_card:
      return home_.pass_on_card(step.who, step.who + 1 + static_cast<uint32_t>(prng.below(4)));
    case StepKind::disable:
      return home_.set_disabled(step.who, true);
    case StepKind::enable:
      return home_.set_disabled(step.who, false);
    case StepKind::revoke:
      return home_.revoke(step.who);
    case StepKind::readd:
      return home_.readd(step.who);
    case StepKind::save_server:
      return home_.save();
    default:
      if (home_.restore()) reached_->hit(Sometimes::incarnation_changed);
      return;
  }
}

}  // namespace holdfast::sim::offline
