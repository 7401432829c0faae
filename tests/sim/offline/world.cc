// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/world.h"

#include <algorithm>
#include <utility>

namespace holdfast::sim::offline {
namespace {

constexpr uint64_t kMostEvents = 3000000;
constexpr Duration kRest = seconds(4 * 3600);

}  // namespace

World::World(const Scenario& scenario, bool print_trace, Reached* reached)
    : scenario_(scenario),
      reached_(reached),
      journal_(print_trace),
      home_("home", "u", kPeople, scenario.seed * 3 + 1),
      other_("other", "x", kForeigners, scenario.seed * 3 + 2),
      audit_(reached, [this](const char* n, const std::string& text) { broken(n, text); }),
      ghost_(scenario_, reached,
             [this](const char* n, const std::string& text) { broken(n, text); }),
      database_(power_, scenario.on_flash),
      key_(power_, scenario.tier, scenario.has_counter),
      random_(scenario.seed),
      worker_(power_, scenario.seed * 5 + 1),
      wire_(scenario.seed * 7 + 1),
      protocol_(device_protocol_v1()),
      prng_(scenario.seed * 11 + 1) {
  const UserSync sync = scenario_.config.offline.sync;
  home_.verifiers = sync == UserSync::verifiers || sync == UserSync::all;
  home_.pins = sync == UserSync::all;
  connect();
}

World::~World() {
  client_.reset();
  worker_.forget();
}

void World::connect() {
  for (const ServerConfig& server : scenario_.config.servers) {
    const bool home = server.cluster_id == "home";
    wire_.nodes[server.url] = {home ? &home_ : &other_, home, false, false};
  }
  wire_.true_ms = [this] { return true_ms(); };
  wire_.on_answer = [this](const Passing& passing) { passed(passing); };
  wire_.on_audit = [this](const std::string& body) { return audit_.batch(body); };
  wire_.on_login_sent = [this](const std::string& attempt) {
    if (panel_ != nullptr && by_attempt_.count(attempt) == 0)
      by_attempt_[attempt] = logins_.size() - 1;
  };
  wire_.on_list_asked = [this] {
    if (dies_after_ == 0 || --dies_after_ > 0) return;
    for (const auto& [url, node] : wire_.nodes)
      if (node.home) after({}, [this, url = url] { go_down(url, false, dies_for_); });
  };
  database_.on_commit = [this] { ghost_.committed(); };
  database_.on_clear = [this] {
    ghost_.cleared();
    audit_.forget_order();
  };
  crypto_.on_digest = [this](const std::string& bytes) { ghost_.digested(bytes); };
  crypto_.on_derive = [this](const std::string& secret) {
    // Also of a login that is over: its deadline didn't wait for the store.
    for (auto login = logins_.rbegin(); power_.on && login != logins_.rend(); ++login) {
      if (login->known.secret == secret) return ghost_.derived(*login);
    }
  };
  worker_.on_ran = [this] { ghost_.task_over(); };
  // The opening of the cache is the first thing that a client asks for.
  worker_.on_first = [this] {
    if (!std::exchange(not_opened_, false)) ghost_.opened(wall());
  };
  worker_.on_idle = [this] {
    for (const std::string& uid : ghost_.take_revoked())
      for (const auto& [session, user] : sessions_)
        if (user == uid) must_end_.emplace_back(session, "19");
    ghost_.idle(std::exchange(worker_.refused, false));
  };
}

// ---- time

void World::at(Instant when, std::function<void()> what) {
  timers_.emplace(std::make_pair(when.us, timer_++), std::move(what));
}

void World::broken(const char* number, const std::string& detail) {
  if (violation_.found) return;
  violation_ = {true, number, detail, now_};
  journal_.add(now_, "BROKEN %s: %s", number, detail.c_str());
}

bool World::step() {
  Instant next = timers_.empty() ? Instant::never() : Instant{timers_.begin()->first.first};
  if (client_ != nullptr) {
    next = earlier(next, earlier(due_, earlier(worker_.next(), wire_.next())));
    if (worker_.has_done()) next = now_;
  }
  next = later(next, now_);
  if (client_ != nullptr) ghost_.pass(next - now_, wall(), true_ms());
  now_ = next;
  wire_.now = now_;
  worker_.set_time(now_);
  while (!timers_.empty() && timers_.begin()->first.first <= now_.us) {
    const std::function<void()> what = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    what();
    due_ = now_;
  }
  if (client_ == nullptr) return !over_;
  if (!worker_.advance(now_)) {
    if (panel_ != nullptr) reached_->hit(Sometimes::killed_in_login);
    if (std::exchange(power_.at_counter, false))
      reached_->hit(Sometimes::killed_after_commit_before_count);
    if (panel_ != nullptr && panel_->tried)
      reached_->hit(Sometimes::killed_between_count_and_verdict);
    power_off(seconds(5) + prng_.up_to(seconds(120)));
    return !over_;
  }
  if (due_ <= now_ || worker_.has_done() || wire_.next() <= now_) poll();
  return !over_;
}

void World::poll() {
  due_ = later(client_->poll(now_, wall()).call_again, now_ + microseconds(100));
  look_after_poll();
}

void World::look_after_poll() {
  for (const auto& [session, number] : std::exchange(must_end_, {}))
    if (sessions_.count(session) != 0)
      broken(number.c_str(), "a session goes on that home has ended");
  if (panel_ != nullptr && now_ - panel_->begun > panel_->deadline + milliseconds(50))
    broken("12", "a login isn't over " + std::to_string((now_ - panel_->begun).ms()) +
                     " ms after its beginning");
  judge_caps();
}

void World::judge_caps() {
  const test::FakeDatabase& medium = database_.medium();
  const OfflinePolicy& policy = scenario_.config.offline;
  constexpr Space kUsers = 2, kAudit = 7;
  // Counted only now and then: rows are many.
  if (outcome_.events % 64 != 0) return;
  const size_t audit = medium.rows_in(kAudit);
  if (audit > policy.max_audit) broken("23", std::to_string(audit) + " audit rows");
  const uint64_t users = client_->snapshot().offline.users;
  if (users > policy.max_users_flash) broken("23", std::to_string(users) + " users");
  if (users == policy.max_users_flash) reached_->hit(Sometimes::cap_reached);
  // Each list has rows of its own until the next tidying.
  const size_t rows = medium.rows_in(kUsers);
  if (rows > 40 * kPeople) broken("23", std::to_string(rows) + " rows of users");
}

Outcome World::run() {
  for (const Step& step : scenario_.steps) at(step.at, [this, &step] { perform(step); });
  at(Instant{} + scenario_.length, [this] { heal(); });
  boot();
  while (!violation_.found && step()) {
    if (++outcome_.events < kMostEvents) continue;
    broken("S3", "the host is made to spin");
  }
  outcome_.violation = violation_;
  outcome_.trace_hash = journal_.hash();
  outcome_.simulated = now_ - Instant{};
  if (violation_.found) outcome_.tail = journal_.tail();
  return outcome_;
}

// ---- the end

// Everything is repaired, and the device switched off and on: what its medium made unusable is
// opened again.
void World::heal() {
  journal_.add(now_, "* everything is repaired");
  for (auto it = timers_.begin(); it != timers_.end();) it = timers_.erase(it);
  for (auto& [url, node] : wire_.nodes) node.down = false;
  wire_.slow_login = {};
  home_.bad_chunks = false;
  dies_after_ = 0;
  worker_.slowest = milliseconds(40);
  if (client_ == nullptr) after(seconds(10), [this] { boot(); });
  power_off(seconds(10));
  database_.medium().fail_no_more();
  offset_ms_ = 0;
  trusted_ = true;
  rest_until_ = now_ + kRest;
  after(seconds(60), [this] { judge_rest(); });
}

void World::judge_rest() {
  if (client_ == nullptr) return after(seconds(60), [this] { judge_rest(); });
  const OfflineSnapshot shown = client_->snapshot().offline;
  const OfflinePolicy& policy = scenario_.config.offline;
  const bool list = policy.sync == UserSync::none || policy.max_users_flash < 2 * kPeople ||
                    shown.users_version == home_.version();
  if (shown.on && shown.audit_waiting == 0 && list && worker_.idle()) {
    audit_.judge();
    over_ = true;
    return;
  }
  if (now_ < rest_until_) return after(seconds(60), [this] { judge_rest(); });
  broken("27", std::string(shown.on ? "" : "no cache; ") + std::to_string(shown.audit_waiting) +
                   " audit events wait, the list is of version " +
                   std::to_string(shown.users_version) + " and not " +
                   std::to_string(home_.version()));
}

}  // namespace holdfast::sim::offline
