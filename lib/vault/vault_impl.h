// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Vault in its parts: login.cc, learn.cc, pages.cc, sync.cc, upkeep.cc (tidying, rotation, audit),
// vault.cc.
#pragma once

#include <string>
#include <vector>

#include "vault/rows.h"
#include "vault/users.h"
#include "vault/vault.h"

namespace holdfast::vault {

class VaultImpl final : public Vault {
 public:
  VaultImpl(const VaultPorts& ports, const OfflinePolicy& policy, const core::CacheScope& scope)
      : ports_(ports),
        policy_(policy),
        scope_(scope),
        rows_(ports, policy.aes_only),
        users_(rows_) {}
  Status start(uint32_t iterations, int64_t now_ms, std::string* words);

  OfflineLogin login(Credential& credential, int64_t contact_ms, int64_t now_ms) override;
  Status learn(Credential& credential, const User& user, int64_t now_ms) override;
  Status unlearn(Credential& credential, const std::string& reason, int64_t now_ms) override;

  PageReservation reserve_pages(const std::string& user_uid, uint32_t pages) override;
  PageReservation settle_pages(const PageReservation& reserved, uint32_t used) override;

  SyncPosition position() const override { return rows_.meta().position; }
  Status begin(bool full, const SyncPosition& to) override;
  Status change(const std::vector<UserChange>& changes, int64_t now_ms) override;
  Status activate(int64_t now_ms) override;
  Result<bool> tidy() override;

  core::ClockMemory clock() const override { return rows_.meta().clock; }
  Status keep(const core::ClockMemory& clock) override;

  Status note(AuditEvent event) override;
  std::vector<AuditEvent> audit(uint64_t after_sequence, size_t limit) override;
  Status audit_taken(uint64_t up_to_sequence) override;
  std::string audit_epoch() const override;

  Status wipe() override;
  Status rotate() override;
  VaultCounts counts() const override;

 private:
  struct Attempt;
  struct Learnt;

  // vault.cc
  Status create(uint32_t iterations, const core::ClockMemory& clock, int64_t now_ms);
  bool whole_list(CredentialKind kind) const;
  bool pin_allowed(const std::string& pin, uint64_t more) const;
  void stir(Change& change) {  // there is something to tidy, also for a pass that is under way
    change.meta().untidy = true;
    pass_again_ = true;
  }
  std::vector<Family> families_of(CredentialKind kind) const;

  // login.cc
  OfflineLogin attempt(const Credential& credential, int64_t contact_ms, int64_t now_ms);
  core::OfflineRefusal limits(Attempt& a);
  Status settle(Attempt& a);
  Status count(Attempt& a);
  Status try_secret(Attempt& a);
  Status try_lookup(Attempt& a);
  Status try_password(Attempt& a);
  Status try_break_glass(Attempt& a);
  Status look(Attempt& a, const Proof& proof);
  Status conclude(Attempt& a);

  // learn.cc
  Status remember(const Credential& input, const User& user, int64_t now_ms);
  Status recognise(Learnt& learnt);
  Status recognise_password(Learnt& learnt);
  void make_room(Learnt& learnt);
  Status write(Learnt& learnt);
  void take_from_others(Change& change, const Learnt& learnt);
  Status forget(const Credential& input, const std::string& reason, int64_t now_ms);
  Status forget_password(const Credential& input, const std::string& reason, int64_t now_ms);
  void forget_of(Change& change, const Tag& tag, CredentialKind kind, const Index& index,
                 const std::string& reason, int64_t now_ms);

  // pages.cc
  struct Holder;
  Status find_holder(const std::string& user_uid, Holder& holder);
  Status write_lease(Holder& holder, bool count);

  // sync.cc
  Status acceptable(const UserChange& change) const;
  bool admit_family(Change& change, const Verifier& verifier);
  void put_user(Change& change, const UserChange& user, int64_t now_ms, uint64_t& collisions);
  bool wanted(const Verifier& verifier) const;

  // upkeep.cc
  void note_in(Change& change, AuditEvent event);

  VaultPorts ports_;
  OfflinePolicy policy_;
  core::CacheScope scope_;
  Rows rows_;
  Users users_;

  Space pass_space_ = kFirstSummed;  // where tidying goes on
  std::string pass_from_;
  bool pass_again_ = false;
  bool changed_ = false;  // anything, since begin()
};

}  // namespace holdfast::vault
