// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The credential cache: who may log in without a server. Everything here blocks (key derivations,
// commits) and runs on the executor's worker, one call at a time; it knows no client and no
// network.
//
// What is on flash is worth nothing without the device key: rows are found by what only the secret
// and the device give (verifier.h), sealed under keys derived from a wrapped root (keys.h), bound
// to their place, and accounted for in one sealed sum, so that no row can be swapped, removed or
// put back by itself (rows.h). docs/security.md argues it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/offline.h"
#include "holdfast/audit.h"
#include "holdfast/config.h"
#include "holdfast/ports/crypto.h"
#include "holdfast/ports/database.h"
#include "holdfast/ports/device_key.h"
#include "holdfast/ports/protocol.h"
#include "holdfast/ports/random.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast::vault {

struct VaultPorts {
  Database* database = nullptr;
  Crypto* crypto = nullptr;
  DeviceKey* device_key = nullptr;
  Random* random = nullptr;
};

// ---- logins

struct OfflineLogin {
  core::OfflineRefusal refusal = core::OfflineRefusal::off;
  User user;  // when granted; rights as the outage left them
  uint32_t retry_after_s = 0;
  bool break_glass = false;
  // Of the user whose credential it was, also when refused, for the audit; empty: nobody's.
  std::string user_uid;
};

// ---- pages

// What reserve_pages() has reserved, for settle_pages().
struct PageReservation {
  Status status;  // refused: fewer are left, or the user may do nothing here; not_found: not cached
  int64_t left = 0;  // of the lease; -1: no limit
  std::string user_uid;
  uint32_t pages = 0;       // reserved; 0 also where there is no limit
  uint64_t generation = 0;  // of the lease
  uint32_t renewal = 0;
};

// ---- synchronisation

struct SyncPosition {
  uint64_t version = 0;     // users_version that is held whole; 0: none
  std::string incarnation;  // of the server it came from
};

struct VaultCounts {
  uint64_t users = 0;
  uint64_t credentials = 0;
  uint64_t audit_waiting = 0;
  uint64_t audit_dropped = 0;
  uint64_t ambiguous_pins = 0;
};

constexpr const char* kBreakGlassUser = "break-glass";

class Vault {
 public:
  // Opens or makes the cache and checks every row against the sum. What was damaged, is another
  // device's or an older copy is cleared and audited: the vault is then an empty one, and `*words`
  // says why (else it is empty). What can't be read, unwrapped or cleared now is that port's
  // status, and nothing is lost. `iterations`: of the derivations for what is learnt here, of a
  // cache that is made now (calibrate.h); one that exists keeps its own.
  static Result<std::unique_ptr<Vault>> open(const VaultPorts& ports, const OfflinePolicy& policy,
                                             const core::CacheScope& scope, uint32_t iterations,
                                             int64_t now_ms, std::string* words);
  virtual ~Vault() = default;

  // The whole order of a login: limits, count, durable, the same derivation for known and unknown,
  // verdict, the user's own count cleared. Audits what it decided, in the same commits: the caller
  // notes nothing. `now_ms`: effective time. Wipes the credential's secret.
  //
  // Break-glass, where the policy has it: kind password, user kBreakGlassUser, the code as secret.
  // The name is reserved then: nobody of that name is looked up here.
  virtual OfflineLogin login(Credential& credential, int64_t contact_ms, int64_t now_ms) = 0;
  // Home has granted this login: remember it, and the user's failures are forgiven. ok also when
  // the policy lets nothing be remembered of it. A user whose removal was synchronised stays
  // removed until a list names him again: this grant may be older than the removal.
  virtual Status learn(Credential& credential, const User& user, int64_t now_ms) = 0;
  // Home has denied it: what the cache held of this credential is gone (`reason` of the protocol;
  // revoked and disabled: the whole user; locked: nothing). learn() and unlearn() wipe the secret.
  virtual Status unlearn(Credential& credential, const std::string& reason, int64_t now_ms) = 0;

  // Pages that home lets the user spend while it isn't heard (User::offline_pages), counted durably
  // and, where the device has a counter, so that no older store gives them back. What was reserved
  // and never settled stays spent. Each learn() and each list that names the user begins a new
  // lease: to it nothing is given back that was reserved of an earlier one.
  virtual PageReservation reserve_pages(const std::string& user_uid, uint32_t pages) = 0;
  // Once for each reservation. Only `status` and `left` of what it returns mean something.
  virtual PageReservation settle_pages(const PageReservation& reserved, uint32_t used) = 0;

  // begin - change ... - activate. Removals hold from the moment change() returns; all the rest is
  // seen by logins at once with activate() and never before. A begin() forgets an unfinished one;
  // busy: too many such are left, tidy() first. A change is refused whole: `refused` when it holds
  // what no server may ask for (iterations, salts, more than 4 pairs of them for cards or PINs),
  // no_space when the list has more users than the scope allows. A put replaces all that was held
  // of the user, also what was learnt. activate() right after begin(false, ...) confirms the list:
  // the age of what was synchronised counts from there.
  virtual SyncPosition position() const = 0;
  virtual Status begin(bool full, const SyncPosition& to) = 0;
  virtual Status change(const std::vector<UserChange>& changes, int64_t now_ms) = 0;
  virtual Status activate(int64_t now_ms) = 0;
  // Removes some of what nobody can see any more; true when there is more. Bounded work (256 rows).
  virtual Result<bool> tidy() = 0;

  virtual core::ClockMemory clock() const = 0;
  virtual Status keep(const core::ClockMemory& clock) = 0;

  // Durable with the call. Over the limit the oldest leave, counted: where some left that nobody
  // has taken, audit() begins with one `dropped` event in the place of the last of them.
  virtual Status note(AuditEvent event) = 0;
  virtual std::vector<AuditEvent> audit(uint64_t after_sequence, size_t limit) = 0;
  virtual Status audit_taken(uint64_t up_to_sequence) = 0;
  virtual std::string audit_epoch() const = 0;  // 32 hex digits, drawn when the cache was made

  // Forgets everything, keys first; the cache is then a new, empty one.
  virtual Status wipe() = 0;
  // A new root: rows sealed under the old one are sealed anew, some with each tidy().
  virtual Status rotate() = 0;
  virtual VaultCounts counts() const = 0;
};

}  // namespace holdfast::vault
