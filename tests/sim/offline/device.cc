// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The device: its mains, its clock, its store, and what thieves do to it.
#include <algorithm>

#include "sim/offline/world.h"

namespace holdfast::sim::offline {

void World::boot() {
  power_.on = true;
  power_.cut_in = 0;
  if (boots_++ > 0) {
    database_.reopen();
    clock_at_boot();
    if (database_.medium().content().empty()) ghost_.cleared();  // a wipe that was cut short
  }
  disk_faults_ = 0;
  logins_.clear();
  logins_.reserve(4096);
  by_attempt_.clear();
  audit_.started();
  Ports ports;
  ports.transport = &wire_;
  ports.protocol = protocol_.get();
  ports.state = &state_;
  ports.executor = &worker_;
  ports.random = &random_;
  ports.crypto = &crypto_;
  ports.log = this;
  ports.device_key = &key_;
  ports.credentials = &database_;
  worker_.set_time(now_);
  wire_.now = now_;
  auto made = Client::create(scenario_.config, ports, *this, now_, wall());
  if (!made) return broken("S0", "the client isn't made: " + std::string(made.error().message()));
  client_ = std::move(*made);
  due_ = now_;
  journal_.add(now_, "* start, clock %+lld s%s", static_cast<long long>(offset_ms_ / 1000),
               trusted_ ? "" : ", not trusted");
}

void World::power_off(Duration length) {
  if (client_ == nullptr) return;
  journal_.add(now_, "* power off for %lld ms", static_cast<long long>(length.ms()));
  ++outcome_.kills;
  power_.on = false;
  database_.medium().cut_power();
  // Nothing that is undone on the way reaches the medium: its power is gone.
  client_.reset();
  worker_.forget();
  wire_.reset();
  panel_ = nullptr;
  then_ = nullptr;
  sessions_.clear();
  must_end_.clear();
  ghost_.powered_off();
  if (!scenario_.on_flash) {
    ghost_.cleared();
    audit_.forget_order();
    database_.reopen();
  }
  after(length, [this] { boot(); });
}

void World::clock_at_boot() {
  if (rest_until_ != Instant::never() || (trusted_ && offset_ms_ == 0)) return;
  // A clock that was wrong once has a bad battery.
  if (prng_.below(3) == 0) offset_ms_ = 86400000 - kEpoch_ms;
  trusted_ = trusted_ && prng_.below(2) == 0;
  if (!trusted_) reached_->hit(Sometimes::restarted_untrusted);
}

void World::disk_fault(Status status, const Step& step) {
  if (client_ == nullptr) return;
  test::FakeDatabase& medium = database_.medium();
  const bool broken_medium = status.code() == Code::io_error;
  medium.fail_write_at(step.amount, status, !broken_medium);
  ghost_.faulty(true);
  const uint32_t fault = ++disk_faults_;
  const uint32_t run = boots_;
  after(step.length, [this, fault, run, broken_medium] {
    if (client_ == nullptr || run != boots_ || fault != disk_faults_) return;
    database_.medium().fail_no_more();
    ghost_.faulty(broken_medium);
    if (broken_medium) power_off(seconds(5));
  });
}

// Somebody who wants an outage to stay young: no network, no clock, and never long without a cut.
void World::pull_often(const Step& step) {
  trusted_ = false;
  go_home_down(step.length * step.amount);
  Prng prng(step.seed);
  for (uint32_t i = 0; i < step.amount; ++i) {
    after(step.length * i, [this] { power_off(seconds(2)); });
    const Intent intent = right_now(step.who, static_cast<uint32_t>(prng.below(3)), prng);
    after(step.length * i + seconds(60), [this, intent] { begin_login(intent); });
  }
}

// The same with a clock that is set back again and again, and believed.
void World::clock_creeps(const Step& step) {
  trusted_ = true;
  offset_ms_ = 0;
  go_home_down(step.length * step.amount);
  Prng prng(step.seed);
  for (uint32_t i = 1; i <= step.amount; ++i) {
    const Intent intent = right_now(step.who, static_cast<uint32_t>(prng.below(3)), prng);
    after(step.length * i, [this, intent, back = step.length] {
      offset_ms_ -= back.ms();
      begin_login(intent);
    });
  }
  after(step.length * (step.amount + 1), [this] { offset_ms_ = 0; });
}

void World::device_step(const Step& step) {
  Prng prng(step.seed);
  switch (step.kind) {
    case StepKind::power_cut:
      return power_off(step.length);
    case StepKind::power_cut_at:
      power_.cut_in = step.amount;
      power_.landed = prng.below(2) == 0;
      return;
    case StepKind::pull_often:
      return pull_often(step);
    case StepKind::clock_wrong: {
      constexpr int64_t kHour_ms = 3600000;
      const int64_t offsets[] = {
          -30 * kHour_ms,      -kHour_ms, -200000, 20 * kHour_ms, 74ll * 365 * 24 * kHour_ms,
          86400000 - kEpoch_ms};
      offset_ms_ = offsets[prng.below(6)];
      trusted_ = step.amount < 4;
      return;
    }
    case StepKind::clock_untrusted:
      trusted_ = false;
      return;
    case StepKind::clock_right:
      offset_ms_ = 0;
      trusted_ = true;
      return;
    case StepKind::clock_creeps:
      return clock_creeps(step);
    case StepKind::disk_full:
      return disk_fault(Code::no_space, step);
    case StepKind::disk_read_only:
      return disk_fault(Code::read_only, step);
    case StepKind::disk_broken:
      return disk_fault(Code::io_error, step);
    case StepKind::slow_disk:
      worker_.slowest = milliseconds(step.amount);
      return after(step.length, [this] { worker_.slowest = milliseconds(40); });
    case StepKind::wipe:
      if (client_ != nullptr) (void)client_->wipe_credentials(now_);
      return;
    default:
      if (client_ != nullptr) (void)client_->rotate_credential_key(now_);
      return;
  }
}

// ---- thieves

// Some rows as they were once, beside all that is newer.
void World::put_back_rows(Prng& prng) {
  test::FakeDatabase::Rows rows = database_.medium().content();
  constexpr Space kMeta = 1;
  const auto space = static_cast<Space>(prng.below(2) == 0 ? 2 : 2 + prng.below(5));
  const bool all = prng.below(2) == 0;
  bool changed = false;
  for (const auto& [key, value] : stolen_->rows) {
    if (key.first == kMeta || key.first != space || (!all && prng.below(4) == 0)) continue;
    changed = changed || rows[key] != value;
    rows[key] = value;
  }
  for (auto it = rows.begin(); it != rows.end();) {
    const bool newer = it->first.first == space && stolen_->rows.count(it->first) == 0;
    changed = changed || newer;
    it = newer ? rows.erase(it) : std::next(it);
  }
  if (changed) database_.medium().restore(std::move(rows));
}

// What it was done for: who is known to be revoked tries, with the network unplugged.
void World::try_revoked(Duration off) {
  go_home_down(off + seconds(120));
  for (uint32_t who = 0; who < home_.people(); ++who) {
    const Person& person = home_.person(who);
    if (person.exists) continue;
    Intent intent;
    intent.known.secret = person.secrets[0];
    after(off + seconds(20), [this, intent] { begin_login(intent); });
  }
}

void World::thief_step(const Step& step) {
  if (!scenario_.on_flash) return;
  test::FakeDatabase& medium = database_.medium();
  Prng prng(step.seed);
  if (step.kind == StepKind::copy_store) {
    stolen_ = Stolen{medium.content(), ghost_.copy(key_.count())};
    return;
  }
  if (step.kind != StepKind::delete_store && step.kind != StepKind::flip_bits && !stolen_) return;
  // Where the device is off he needn't switch it off.
  power_off(step.length);
  try_revoked(step.length);
  switch (step.kind) {
    case StepKind::put_back:
      audit_.forget_order();
      medium.restore(stolen_->rows);
      if (!ghost_.put_back(stolen_->copy, key_.count()))
        reached_->hit(Sometimes::older_store_unnoticed);
      return;
    case StepKind::put_back_rows:
      return put_back_rows(prng);
    case StepKind::delete_store:
      audit_.forget_order();
      medium.restore({});
      return ghost_.cleared();
    default:
      if (medium.value_bytes() > 0)
        medium.flip_nth(prng.below(medium.value_bytes()),
                        static_cast<unsigned char>(1u << prng.below(8)));
      return;
  }
}

}  // namespace holdfast::sim::offline
