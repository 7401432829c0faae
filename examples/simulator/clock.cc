// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "clock.h"

#include <holdfast/adapters/posix.h>

#include <algorithm>
#include <memory>

namespace mfp {
namespace {

using namespace holdfast;

constexpr const char* kKey = "host-clock";
constexpr int64_t kBuilt_unix_ms = int64_t{MFP_BUILT_UNIX_S} * 1000;
constexpr int64_t kKeepEvery_ms = int64_t{24} * 3600 * 1000;
constexpr size_t kMostDigits = 15;

// A clock of our own, as --device-wall-unix-ms asks for: what it showed, and when. A function
// without arguments reads it.
int64_t shown_unix_ms = -1;
Instant shown_at;

int64_t own_unix_ms() { return shown_unix_ms + (monotonic_now() - shown_at).ms(); }

int64_t parsed(const std::string& record) {
  if (record.empty() || record.size() > kMostDigits) return 0;
  if (record.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::stoll(record);
}

bool over_tls(const Config& config, const std::string& name) {
  return std::any_of(config.servers.begin(), config.servers.end(), [&](const ServerConfig& server) {
    return server.name == name && server.url.compare(0, 8, "https://") == 0;
  });
}

// A server whose certificate holds at this moment answers.
bool proved(const Config& config, const Client& client) {
  const Snapshot snapshot = client.snapshot();
  return std::any_of(snapshot.servers.begin(), snapshot.servers.end(),
                     [&](const ServerSnapshot& server) {
                       return server.state == ServerState::up && over_tls(config, server.name);
                     });
}

}  // namespace

class Clock::Write final : public Task {
 public:
  Write(Clock& clock, int64_t unix_ms) : clock_(clock), unix_ms_(unix_ms) {}
  void run() noexcept override { status_ = clock_.state_.store(kKey, std::to_string(unix_ms_)); }
  // One that failed is tried again at the next look.
  void finish() noexcept override {
    clock_.writing_ = false;
    if (status_.ok()) clock_.kept_unix_ms_ = unix_ms_;
  }

 private:
  Clock& clock_;
  const int64_t unix_ms_;
  Status status_;
};

Clock::Clock(const Options& options, StateStore& state) : trust_(options.clock), state_(state) {
  if (options.wall_unix_ms >= 0) {
    shown_unix_ms = options.wall_unix_ms;
    shown_at = monotonic_now();
  }
  // A record that is damaged is kept aside by the store; the build time is left.
  const auto record = state.load(kKey);
  if (record) kept_unix_ms_ = parsed(*record);
  floor_unix_ms_ = std::max(kBuilt_unix_ms, kept_unix_ms_);
}

int64_t (*Clock::source())() { return shown_unix_ms >= 0 ? &own_unix_ms : nullptr; }

WallClock Clock::now() const {
  if (shown_unix_ms < 0) return wall_now(trust_, floor_unix_ms_);
  WallClock wall;
  wall.unix_ms = own_unix_ms();
  wall.trusted = trust_ == WallTrust::always && wall.unix_ms >= floor_unix_ms_;
  return wall;
}

void Clock::keep(const Config& config, const Client& client, Executor& executor) {
  const Instant now = monotonic_now();
  if (writing_ || now < next_look_) return;
  next_look_ = now + seconds(1);
  const WallClock wall = this->now();
  if (!wall.trusted || wall.unix_ms - kept_unix_ms_ < kKeepEvery_ms) return;
  if (!proved(config, client)) return;
  writing_ = executor.submit(std::make_unique<Write>(*this, wall.unix_ms)).ok();
  if (!writing_) next_look_ = now + seconds(60);
}

}  // namespace mfp
