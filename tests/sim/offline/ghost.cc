// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "sim/offline/ghost.h"

#include <algorithm>

namespace holdfast::sim::offline {
namespace {

constexpr Duration kKept = seconds(660);  // the clock is kept about each ten minutes
constexpr Duration kTolerance = seconds(60);

}  // namespace

// ---- time

void GhostClock::pass(Duration elapsed, WallClock wall) {
  at_us_ += elapsed.us;
  passed_us_ += elapsed.us;
  const int64_t shown_us = wall.trusted ? wall.unix_ms * 1000 : 0;
  if (wall.unix_ms * 1000 <= at_us_ + kTolerance.us) contradicted_ = false;
  if (shown_us <= at_us_ || contradicted_) return;
  passed_us_ += shown_us - at_us_;
  at_us_ = shown_us;
}

void GhostClock::told(int64_t server_ms, WallClock wall) {
  const int64_t told_us = server_ms * 1000;
  if (told_us > at_us_) passed_us_ += told_us - at_us_;
  at_us_ = told_us;
  contradicted_ = wall.unix_ms > server_ms + kTolerance.ms();
}

void Ghost::pass(Duration elapsed, WallClock wall, int64_t true_ms) {
  k_.clock.pass(elapsed, wall);
  k_.age = k_.age + elapsed;
  uptime_ = uptime_ + elapsed;
  if (faulty_) fault_time_ = fault_time_ + elapsed;
  trusted_start_ = trusted_start_ || (!open_ && wall.trusted);
  if (wall.trusted && wall.unix_ms > true_ms + 1000) k_.clean = false;
}

// An answer of home that didn't meet an open cache teaches the device's clock nothing.
void Ghost::contact(int64_t server_ms, int64_t true_ms, WallClock wall) {
  if (!open_) return;
  k_.age = {};
  k_.contact = true;
  k_.contact_true_ms = true_ms;
  if (server_ms == 0) return;
  k_.clock.told(server_ms, wall);
  k_.clean = true;
}

void Ghost::powered_off() {
  owed_ = uptime_ < seconds(120) || was_faulty_ ? uptime_ : Duration{};
  if (!open_) owed_ = uptime_;
  k_.clock.restart(kKept + fault_time_ + owed_);
  open_ = faulty_ = was_faulty_ = trusted_start_ = false;
  fault_time_ = uptime_ = {};
  list_ = nullptr;
  removing_.clear();
  removed_.clear();
  denials_.clear();
  recent_.clear();
  fresh_.clear();
  k_.age = longer(k_.age - owed_, {});
}

// What the start costs, or ten minutes were lost to a trusted clock that knows no better.
void Ghost::opened(WallClock wall) {
  open_ = true;
  if (wall.trusted || trusted_start_) k_.age = longer(k_.age - kKept, {});
}

void Ghost::faulty(bool now) {
  faulty_ = now;
  was_faulty_ = true;
  denials_.clear();
}

// ---- what reaches the device

void Ghost::home_granted(const std::string& uid, const Known& known) {
  k_.may[uid].insert(known);
  recent_[uid].insert(known);
  fresh_[uid].insert(known);
  // He was disabled, not his cards.
  for (const Known& other : std::exchange(k_.suspended[uid], {})) k_.may[uid].insert(other);
  k_.denied.erase({uid, known});
  k_.wrong.erase(uid);
  if (!k_.listed) k_.revoked.erase(uid);  // a new cache knows nothing of it
  const auto same = [&](const Pending& one) { return one.known == known; };
  denials_.erase(std::remove_if(denials_.begin(), denials_.end(), same), denials_.end());
}

void Ghost::home_denied(const Known& known, const std::string& name, const std::string& reason,
                        const Cluster& home) {
  if (faulty_) return;
  denials_.push_back({known, name, reason, {home.incarnation(), home.version()}});
}

void Ghost::manifest(const UserList* list) {
  if (list_ != nullptr) reached_->hit(Sometimes::list_given_up);
  list_ = list;
  parts_ = 0;
  whole_ = false;
  recent_.clear();
  if (list->chunks.empty()) whole();
}

void Ghost::digested(const std::string& bytes) {
  if (list_ == nullptr || parts_ >= list_->chunks.size() || list_->chunks[parts_] != bytes) return;
  size_t line = 0;
  for (size_t i = 0; i < parts_; ++i)
    line += static_cast<size_t>(std::count(list_->chunks[i].begin(), list_->chunks[i].end(), '\n'));
  const size_t end = line + static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  for (; line < end; ++line)
    if (list_->lines[line].removed) removing_.push_back(list_->lines[line].uid);
  if (++parts_ == list_->chunks.size()) whole();
}

void Ghost::committed() {
  for (std::string& uid : removing_) {
    k_.revoked.insert(uid);
    k_.may[uid].clear();
    recent_[uid].clear();
    k_.wrong.erase(uid);
    if (!whole_) reached_->hit(Sometimes::revocation_before_activation);
    removed_.push_back(std::move(uid));
  }
  removing_.clear();
}

void Ghost::task_over() { removing_.clear(); }

std::vector<std::string> Ghost::take_revoked() { return std::exchange(removed_, {}); }

// All of it is there: from now on it may become valid at any moment.
void Ghost::whole() {
  whole_ = true;
  apply(false);
}

bool Ghost::still_denied(const std::string& uid, const Known& known) const {
  const auto denial = k_.denied.find({uid, known});
  return denial != k_.denied.end() && denial->second.incarnation == list_->incarnation &&
         denial->second.version > list_->version;
}

void Ghost::apply(bool certain) {
  std::set<std::string> named;
  for (const ListLine& line : list_->lines) {
    if (line.removed) continue;
    named.insert(line.uid);
    k_.revoked.erase(line.uid);
    std::set<Known>& may = k_.may[line.uid];
    if (certain) may = recent_[line.uid];
    if (line.disabled) {
      std::set<Known>& suspended = k_.suspended[line.uid];
      if (certain) suspended.clear();
      suspended.insert(line.known.begin(), line.known.end());
      continue;
    }
    for (const Known& known : line.known)
      if (!still_denied(line.uid, known)) may.insert(known);
  }
  k_.listed = k_.listed || certain;
  if (!certain || !list_->full) return;
  for (auto& [uid, may] : k_.may) {
    if (named.count(uid) != 0) continue;
    may = recent_[uid];
    k_.revoked.erase(uid);
    k_.wrong.erase(uid);
  }
}

void Ghost::synchronised(uint64_t version) {
  if (list_ == nullptr || list_->version != version) return;
  apply(true);
  list_ = nullptr;
}

void Ghost::idle(bool refused) {
  if (open_ && !faulty_ && !was_faulty_ && !refused) {
    for (const Pending& denial : denials_) {
      const bool user_too = denial.known.kind == CredentialKind::password &&
                            (denial.reason == "revoked" || denial.reason == "disabled");
      for (auto& [uid, may] : k_.may) {
        if (denial.known.kind == CredentialKind::password && "name-" + uid != denial.name) continue;
        if (denial.reason == "disabled") {
          std::set<Known>& suspended = k_.suspended[uid];
          for (const Known& known : may)
            if (user_too || known == denial.known) suspended.insert(known);
        }
        if (user_too) {
          for (const Known& known : may) k_.denied[{uid, known}] = denial.at;
          may.clear();
        } else if (may.erase(denial.known) != 0) {
          k_.denied[{uid, denial.known}] = denial.at;
        }
      }
    }
  }
  denials_.clear();
  fresh_.clear();
}

void Ghost::cleared() {
  k_.may.clear();
  if (open_) k_.may = fresh_;  // which may be learnt after it
  k_.suspended.clear();
  k_.denied.clear();
  k_.listed = false;
  k_.wrong.clear();
  k_.glass_us.clear();
  for (double& guessed : k_.guessed) guessed = 0;
  recent_.clear();
  // At the host's command: the time is kept, and a list that is on its way goes on.
  if (open_) return;
  list_ = nullptr;
  k_.clock.forget();
  k_.contact = false;
}

// ---- logins

void Ghost::derived(Login& login) {
  for (const auto& [uid, may] : k_.may) {
    if (may.count(login.known) == 0) continue;
    k_.wrong.erase(uid);  // perhaps: it may be killed after that
    login.tried = true;
    return;
  }
  // What is made up is tried once in a history: whose attempt it was is in no doubt.
  if (!login.guess || login.tried || login.home_spoke) return;
  login.tried = true;
  const auto kind = static_cast<size_t>(login.known.kind);
  const int64_t now_us = k_.clock.passed_us();
  const auto forget_us = static_cast<double>(policy_.device_forget_s) * 1e6;
  const double leaked = static_cast<double>(now_us - k_.guessed_us[kind]) / forget_us;
  k_.guessed[kind] = std::max(0.0, k_.guessed[kind] - leaked) + 1;
  // The library counts by when it was asked, which is between the beginning and now.
  k_.guessed_us[kind] = login.begun_us;
  if (k_.guessed[kind] > policy_.device_failures + 0.01)
    broken_("21", "tried more wrong " + std::string(to_string(login.known.kind)) +
                      "s than the device's limit lets through");
}

void Ghost::ended(const Login& login, const LoginResult& result, bool clock_right,
                  int64_t true_ms) {
  if (result.source != AnswerSource::cache) return;
  if (result.verdict == Verdict::granted) return granted(login, result, clock_right, true_ms);
  if (result.denial != "wrong-secret" || login.name.compare(0, 5, "name-") != 0) return;
  const std::string uid = login.name.substr(5);
  Knowledge::Wrong& wrong = k_.wrong[uid];
  const int64_t now_us = k_.clock.passed_us();
  const int64_t pause_us = int64_t{policy_.pause_s} * 1000000;
  // Asked after this login's beginning, told before now.
  if (wrong.count >= policy_.pause_after && now_us - wrong.last_us < pause_us)
    broken_("21", "no pause after " + std::to_string(wrong.count) + " wrong passwords of " + uid);
  wrong.last_us = login.begun_us;
  if (++wrong.count > policy_.online_only_after)
    broken_("21", std::to_string(wrong.count) + " wrong passwords of " + uid +
                      " without an online login");
}

void Ghost::granted(const Login& login, const LoginResult& result, bool clock_right,
                    int64_t true_ms) {
  if (result.break_glass) {
    constexpr int64_t kDay_us = 86400000000;
    const int64_t now_us = k_.clock.passed_us();
    k_.glass_us.push_back(now_us);
    const auto recent = std::count_if(k_.glass_us.begin(), k_.glass_us.end(), [&](int64_t at_us) {
      return now_us - at_us < kDay_us - 60000000;
    });
    if (static_cast<uint32_t>(recent) > policy_.break_glass.max_per_day)
      broken_("21", "more emergency logins than a day may have");
    return;
  }
  const std::string& uid = result.user.user_uid;
  k_.wrong.erase(uid);
  if (login.home_denied) return broken_("29", "granted by the cache after home had denied it");
  if (k_.revoked.count(uid) != 0) return broken_("19", uid + " was revoked and is let in");
  const auto may = k_.may.find(uid);
  if (may == k_.may.end() || may->second.count(login.known) == 0) {
    const bool denied = k_.denied.count({uid, login.known}) != 0;
    return broken_(denied ? "29" : "G1",
                   uid + " is let in by a " + to_string(login.known.kind) + " that isn't his");
  }
  const Duration most = seconds(int64_t{policy_.max_age_h} * 3600);
  if (!k_.contact) return broken_("20", "let in, and home was never heard of");
  if (k_.age > most + seconds(30))
    return broken_("20", "let in " + std::to_string(k_.age.us / 1000000) +
                             " s of uptime after home was heard");
  if (clock_right && k_.clean && true_ms - k_.contact_true_ms > most.ms() + 150000)
    broken_("20", "let in " + std::to_string((true_ms - k_.contact_true_ms) / 1000) +
                      " s after home was heard, by a clock that is right");
}

// ---- thieves

// The time in it is that of when it was kept last.
Ghost::Copy Ghost::copy(uint64_t counter) const {
  Copy copy{k_, counter};
  const Duration lag =
      kKept + fault_time_ + (uptime_ < seconds(120) || was_faulty_ ? uptime_ : Duration{});
  copy.knowledge.clock.restart(lag);
  copy.knowledge.age = longer(k_.age - lag, {});
  return copy;
}

bool Ghost::put_back(const Copy& copy, uint64_t counter) {
  if (has_counter_ && counter > copy.counter + 1) return true;
  const bool certain = !has_counter_ || counter == copy.counter;
  Knowledge now = std::move(k_);
  k_ = copy.knowledge;
  if (certain) return false;
  for (const auto& [uid, may] : now.may) k_.may[uid].insert(may.begin(), may.end());
  for (auto it = k_.revoked.begin(); it != k_.revoked.end();)
    it = now.revoked.count(*it) != 0 ? std::next(it) : k_.revoked.erase(it);
  for (size_t i = 0; i < 3; ++i) k_.guessed[i] = std::min(k_.guessed[i], now.guessed[i]);
  k_.age = shorter(k_.age, now.age);
  k_.clean = false;
  return false;
}

}  // namespace holdfast::sim::offline
