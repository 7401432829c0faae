// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "runner.h"

#include <algorithm>

namespace holdfast::cases {
namespace {

// A moment that doesn't end is a fault of the core, not a reason to hang.
constexpr int kRoundsPerMoment = 2000;

}  // namespace

Runner::Runner(const Case& c, uint64_t seed)
    : case_(c), seed_(seed), config_(c.config), cache_(c.cache), clock_(c.clock) {
  seen_.resize(c.watches.size());
  for (const Step& step : c.steps) due_.push_back({step.at, &step, 0});
  for (size_t i = 0; i < c.config.servers.size(); ++i) places_[i] = c.config.servers[i].name;
  for (const std::string& name : places_)
    if (!name.empty()) world_.change(name, ServerChange{}, kOrigin);
  for (const auto& [name, change] : c.servers) world_.change(name, change, kOrigin);
}

Difference Runner::run() {
  boot();
  pump();
  Instant last = kOrigin;
  int rounds = 0;
  watch();
  while (!difference_.found()) {
    const Instant next = next_moment();
    if (next > case_.run_until) break;
    now_ = later(now_, next);
    rounds = now_ == last ? rounds + 1 : 0;
    last = now_;
    if (rounds > kRoundsPerMoment)
      fail({"the case stands still", "time passes", "the same moment again and again", now_, ""});
    moment();
  }
  for (size_t i = 0; i < case_.watches.size(); ++i) {
    const Watch& w = case_.watches[i];
    if (!w.always && !seen_[i])
      fail({"an expectation never came true", shown(w.window), "not once", w.window.to, w.where});
  }
  if (!difference_.found()) difference_ = check_actions(case_, journal_);
  return difference_;
}

Instant Runner::next_moment() const {
  Instant next = Instant::never();
  if (away()) {
    next = busy_until_;
    for (const Due& due : due_)
      if (due.step->kind == StepKind::server) next = earlier(next, later(due.at, now_));
    return next;
  }
  if (core_) next = core_->deadline();
  if (!due_.empty()) next = earlier(next, due_.front().at);
  next = earlier(next, world_.next_arrival());
  for (const Reply& reply : replies_) next = earlier(next, reply.at);
  for (const Watch& w : case_.watches)
    if (w.window.from > now_) next = earlier(next, w.window.from);
  return next;
}

void Runner::moment() {
  if (restarting_ && !away()) boot();
  take_steps();
  if (away()) return;
  take_answers();
  take_replies();
  if (!touched_ && core_->deadline() <= now_) pump();
  touched_ = false;
  fail(rules_.requests(journal_, free_since_, now_));
  // What is looked at is looked at when all that happens at this moment has happened.
  while (!due_.empty() && due_.front().at <= now_ && due_.front().step->kind == StepKind::expect) {
    if (world_.next_arrival() <= now_ || core_->deadline() <= now_) break;
    fail(compare(due_.front().step->expect, due_.front().step->where));
    due_.pop_front();
  }
  watch();
}

void Runner::take_steps() {
  for (size_t i = 0; i < due_.size() && due_[i].at <= now_;) {
    const Due due = due_[i];
    const StepKind kind = due.step->kind;
    if (kind == StepKind::expect || (away() && kind != StepKind::server)) {
      // An expectation ends the moment: what comes after it waits until it was looked at.
      if (kind == StepKind::expect && !away()) return;
      ++i;
      continue;
    }
    due_.erase(due_.begin() + static_cast<std::ptrdiff_t>(i));
    take_step(due);
  }
}

void Runner::take_step(const Due& due) {
  const Step& step = *due.step;
  const Instant again = due.at + step.every;
  if (step.every.us > 0 && again <= step.until) {
    const auto place =
        std::find_if(due_.begin(), due_.end(), [&](const Due& other) { return other.at > again; });
    due_.insert(place, {again, &step, due.round + 1});
  }
  if (step.kind == StepKind::server) return world_.change(step.server, step.change, now_);
  host_step(step, due.round);
}

void Runner::host_step(const Step& step, int64_t round) {
  switch (step.kind) {
    case StepKind::request:
      begin_request(step.request, round);
      break;
    case StepKind::cancel:
      for (const auto& [id, life] : running_) {
        if (journal_.requests[life].id != step.cancel) continue;
        core_->cancel(id, now_);
        break;
      }
      break;
    case StepKind::user_present:
      core_->user_present(step.flag, now_);
      break;
    case StepKind::link:
      core_->link(step.link, now_);
      break;
    case StepKind::stall:
      busy_until_ = free_since_ = now_ + step.length;
      return;
    case StepKind::clock:
      clock_ = step.clock;
      clock_set_at_ = now_;
      if (clock_.announced) core_->clock_stepped(now_);
      break;
    case StepKind::cache:
      cache_ = step.cache;
      return;
    case StepKind::fail_back: {
      const std::string got = to_string(core_->fail_back(now_).code());
      if (got != step.status) fail({"fail_back()", step.status, got, now_, step.where});
      break;
    }
    case StepKind::restart:
      return restart_begins(step);
    case StepKind::reconfigure:
      reconfigure(step.config[0]);
      break;
    case StepKind::server:
    case StepKind::expect:
      return;
  }
  pump();
}

void Runner::begin_request(const RequestStep& step, int64_t round) {
  RequestLife life;
  life.id = round == 0 ? step.id : step.id + "#" + std::to_string(round);
  life.began = now_;
  core::RequestSpec spec = step.spec;
  if (!step.only.empty()) spec.only = index_of(step.only);
  if (!step.prefer.empty()) spec.prefer = index_of(step.prefer);
  life.deadline =
      now_ + (spec.deadline.us > 0 ? spec.deadline : milliseconds(config_.request.deadline_ms));
  const Result<uint32_t> id = core_->request(spec, now_);
  if (id) {
    running_[*id] = journal_.requests.size();
  } else {
    life.end = to_string(id.error().code());
    life.by = "nobody";
    life.ended = now_;
  }
  journal_.requests.push_back(life);
}

// ---- starting, restarting, changing the configuration

void Runner::boot() {
  core_ = std::make_unique<core::Failover>(config_, seed_);
  core_->start(restarting_ && saved_ ? &memory_ : nullptr, now_, wall());
  rules_.configured(config_);
  rules_.restarted();
  restarting_ = false;
}

void Runner::restart_begins(const Step& step) {
  core_.reset();
  world_.forget_all();
  replies_.clear();
  for (const auto& [id, life] : running_) {
    journal_.requests[life].end = "lost in a restart";
    journal_.requests[life].by = "nobody";
    journal_.requests[life].ended = now_;
  }
  running_.clear();
  restarting_ = true;
  busy_until_ = free_since_ = now_ + step.length;
  if (!away()) boot();
}

void Runner::reconfigure(const Config& config) {
  std::array<std::string, kMaxServers> places;
  ServerIndex index[kMaxServers] = {};
  uint16_t fresh = 0;
  for (size_t i = 0; i < config.servers.size(); ++i) {
    index[i] = index_of(config.servers[i].name);
    if (index[i] != kNoServer) places[index[i]] = config.servers[i].name;
  }
  for (size_t i = 0; i < config.servers.size(); ++i) {
    if (index[i] != kNoServer) continue;
    for (ServerIndex s = 0; s < kMaxServers; ++s) {
      if (!places_[s].empty() || !places[s].empty()) continue;
      index[i] = s;
      places[s] = config.servers[i].name;
      fresh = static_cast<uint16_t>(fresh | (1u << s));
      world_.change(places[s], ServerChange{}, now_);
      break;
    }
  }
  for (const std::string& name : places_)
    if (std::find(places.begin(), places.end(), name) == places.end()) rules_.forgotten(name);
  // Those that leave keep their names until what they had under way has been cancelled.
  for (size_t s = 0; s < kMaxServers; ++s)
    if (!places[s].empty()) places_[s] = places[s];
  config_ = config;
  rules_.configured(config_);
  core_->reconfigure(config, index, fresh, now_);
  pump();
  places_ = places;
}

// ---- the names of servers

ServerIndex Runner::index_of(const std::string& name) const {
  for (ServerIndex s = 0; s < kMaxServers; ++s)
    if (places_[s] == name) return s;
  return kNoServer;
}

bool Runner::listed(ServerIndex index) const {
  return index < kMaxServers &&
         std::any_of(config_.servers.begin(), config_.servers.end(),
                     [&](const ServerConfig& server) { return server.name == places_[index]; });
}

std::string Runner::name_of(ServerIndex index) const {
  return index < kMaxServers ? places_[index] : "";
}

std::string Runner::name_of(Route route) const {
  return route.kind == RouteKind::server ? name_of(route.server) : to_string(route.kind);
}

WallClock Runner::wall() const {
  return {clock_.unix_ms + (now_ - clock_set_at_).ms(), clock_.trusted};
}

}  // namespace holdfast::cases
