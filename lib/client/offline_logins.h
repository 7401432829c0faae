// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Carries logins to the credential cache and back. The cache itself (lib/vault) blocks, so all of
// it is used on the executor, in the order of the calls; what it says arrives on the owner's
// thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/context.h"
#include "core/offline.h"
#include "vault/vault.h"

namespace holdfast::client {

class OfflineLogins {
 public:
  using Work = std::function<void(vault::Vault&)>;
  using Done = std::function<void()>;
  using Answered = std::function<void(const vault::OfflineLogin&)>;

  explicit OfflineLogins(Context& context);
  ~OfflineLogins() { *alive_ = false; }
  OfflineLogins(const OfflineLogins&) = delete;
  OfflineLogins& operator=(const OfflineLogins&) = delete;

  // By policy, ports and the device key's tier.
  bool on() const { return scope_.on; }
  // And it is open, or will be.
  bool usable() const { return on() && !failed_; }
  const core::CacheScope& scope() const { return scope_; }
  // Begins to open the cache. What is asked of it meanwhile waits.
  void open();

  // `answered` is called from a later poll(), unless this object has gone.
  void ask(const Credential& credential, Answered answered);
  // What home said of a login.
  void learn(const Credential& credential, const User& user);
  void unlearn(const Credential& credential, const std::string& reason);
  // An authenticated answer of a server of home; `server_ms` 0: it didn't tell the time.
  void contact(int64_t server_ms);
  void note(AuditKind kind, const std::string& what, const std::string& user_uid = {});
  void wipe();
  void rotate();

  // For the synchronisation: `work` on the executor, `done` on the owner's thread. False: the cache
  // is not there, or the executor is full; neither will be called.
  bool run(Work work, Done done);
  int64_t now_ms();

  void tick();
  Instant deadline() const { return tidying_ ? Instant::never() : tidy_at_; }
  const vault::VaultCounts& counts() const { return counts_; }
  OfflineSnapshot snapshot() const;

 private:
  // Touched on the executor only, until no task is left.
  struct Cell {
    std::unique_ptr<vault::Vault> vault;
    uint64_t told = 0;  // the last audit event that the host heard of
    std::string epoch;  // in which; a cache that begins anew counts from 1 again
  };
  // What the executor hands over with each piece of work.
  struct News {
    std::vector<AuditEvent> events;
    vault::VaultCounts counts;
    uint64_t users_version = 0;
  };
  class Piece;

  void opened(Status status, const std::string& words, const core::ClockMemory& memory);
  void take(const News& news);
  void when_open(std::function<void()> what);
  void keep_clock();
  Status submit(Work work, Done done);

  Context& context_;
  core::CacheScope scope_;
  std::shared_ptr<Cell> cell_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::vector<std::function<void()>> until_open_;
  // The last contact with home before the cache was open: opening can take longer than the first
  // login.
  struct EarlyContact {
    bool any = false;
    int64_t server_ms = 0;
    Instant at{};
  } early_;
  std::optional<core::EffectiveClock> clock_;  // once it is open
  vault::VaultCounts counts_;
  uint64_t users_version_ = 0;
  bool failed_ = false;  // the cache can't be opened
  bool keeping_ = false;
  bool tidying_ = false;
  Instant tidy_at_ = Instant::never();
  Instant keep_at_{};
};

}  // namespace holdfast::client
