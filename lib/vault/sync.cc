// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Taking in a list of users. Each list has a generation of its own, above the one that logins see;
// activate() makes it the one they see, in one commit. A list that is given up leaves rows of a
// dead generation, which is never seen and tidied away.
#include <algorithm>
#include <string>
#include <utility>

#include "core/mutants.h"

#include "vault/calibrate.h"
#include "vault/vault_impl.h"

namespace holdfast::vault {

Status VaultImpl::begin(bool full, const SyncPosition& to) {
  if (!scope_.on) return Code::unsupported;
  if (to.version == 0 || to.incarnation.size() > 128) return Code::invalid_argument;
  if (!full && rows_.meta().position.version == 0) return Code::invalid_argument;
  Change change(rows_);
  Meta& meta = change.meta();
  if (meta.pending != 0) {
    if (meta.dead.size() >= kMostDeadGenerations) return Code::busy;
    meta.dead.push_back(meta.pending);
    stir(change);
  }
  meta.pending = std::max(meta.active, meta.pending) + 1;
  meta.pending_full = full;
  meta.next_position = to;
  meta.next = full ? Tally() : meta.now;
  meta.next.ambiguous_pins = full ? 0 : meta.now.ambiguous_pins;
  meta.next_password_iterations = full ? meta.iterations : meta.password_iterations;
  std::vector<Family> seen;
  for (Family& family : meta.families) {
    if (!family.own && family.first > meta.active) continue;
    family.last = std::min(family.last, meta.active);
    seen.push_back(std::move(family));
  }
  meta.families = std::move(seen);
  const Status status = change.commit();
  users_.taking_in = status.ok();
  changed_ = false;
  return status;
}

// Verifiers that nobody asked for are left out, not believed to be harmless.
bool VaultImpl::wanted(const Verifier& verifier) const {
  return scope_.verifiers && core::accepts(policy_, scope_, verifier.kind) &&
         (verifier.kind != CredentialKind::pin || scope_.pin_verifiers);
}

Status VaultImpl::acceptable(const UserChange& change) const {
  const User& user = change.user;
  if (change.removed) {
    User named;
    named.user_uid = user.user_uid;
    return storable(named) ? Code::ok : Code::refused;
  }
  if (!storable(user) || user.name.empty() || user.user_uid == kBreakGlassUser) {
    return Code::refused;
  }
  size_t passwords = 0;
  for (const Verifier& verifier : change.verifiers) {
    passwords += verifier.kind == CredentialKind::password ? 1 : 0;
    if (verifier.iterations < kLeastIterations || verifier.iterations > kMostIterations ||
        verifier.salt.size() < kShortestSalt_bytes || verifier.salt.size() > kLongestSalt_bytes) {
      return Code::refused;
    }
  }
  return passwords > 1 || change.verifiers.size() > kMostCredentials ? Code::refused : Code::ok;
}

// Every login by card or PIN derives all families that there are, so there can't be many.
bool VaultImpl::admit_family(Change& change, const Verifier& verifier) {
  Meta& meta = change.meta();
  size_t held = 0;
  for (Family& family : meta.families) {
    if (family.kind != verifier.kind) continue;
    if (family.iterations == verifier.iterations && family.salt == verifier.salt) {
      family.last = meta.pending;
      return true;
    }
    const bool stays = family.own || !meta.pending_full || family.last == meta.pending;
    held += stays ? 1 : 0;
  }
  if (held >= kMostFamilies) return false;
  Family family;
  family.kind = verifier.kind;
  family.salt = verifier.salt;
  family.iterations = verifier.iterations;
  family.first = family.last = meta.pending;
  meta.families.push_back(std::move(family));
  return true;
}

void VaultImpl::put_user(Change& change, const UserChange& user, int64_t now_ms,
                         uint64_t& collisions) {
  const Result<Tag> tag = users_.tag_of(user.user.user_uid);
  if (!change.take(tag)) return;
  if (core::mutant(core::Mutant::put_forgives)) users_.set_state(change, *tag, {});
  UserRow row;
  row.user = user.user;
  row.listed = true;
  row.disabled = user.disabled;
  for (const Verifier& verifier : user.verifiers) {
    if (!wanted(verifier)) continue;
    HeldCredential held;
    held.kind = verifier.kind;
    held.synchronised = true;
    held.good_at_ms = now_ms;
    if (verifier.kind == CredentialKind::password) {
      held.salt = verifier.salt;
      held.iterations = verifier.iterations;
      uint32_t& most = change.meta().next_password_iterations;
      most = std::max(most, verifier.iterations);
    } else if (!admit_family(change, verifier)) {
      return change.fail(Code::refused);
    }
    const Result<Proof> proof = prove(ports_, rows_.keys().uuid(), verifier.kind, verifier.derived);
    if (!change.take(proof)) return;
    if (row.find(verifier.kind, proof->index) != nullptr) continue;
    held.index = proof->index;
    users_.link(change, *proof, verifier.kind, user.user.user_uid, *tag);
    row.credentials.push_back(std::move(held));
    if (verifier.kind != CredentialKind::pin || !change.status().ok()) continue;
    const Result<bool> shared = users_.shared(proof->index, *tag);
    if (change.take(shared) && *shared) ++collisions;
  }
  users_.set_pending(change, *tag, row);
  users_.link_name(change, row.user.name, *tag);
}

Status VaultImpl::change(const std::vector<UserChange>& changes, int64_t now_ms) {
  if (!users_.taking_in) return Code::invalid_argument;
  changed_ = true;
  for (const UserChange& user : changes) {
    const Status status = acceptable(user);
    if (!status.ok()) return status;
  }
  Change change(rows_);
  uint64_t removed = 0;
  uint64_t collisions = 0;
  AuditEvent event;
  event.unix_ms = now_ms;
  for (const UserChange& user : changes) {
    if (!user.removed) {
      put_user(change, user, now_ms, collisions);
      continue;
    }
    const Result<Tag> tag = users_.tag_of(user.user.user_uid);
    if (change.take(tag)) users_.revoke(change, user.user.user_uid, *tag, now_ms);
    if (removed++ == 0) event.user_uid = user.user.user_uid;
  }
  while (change.status().ok() && change.meta().next.users > scope_.max_users) {
    // Who was learnt makes room for who is listed; for a full list he is gone anyway.
    if (change.meta().pending_full || !users_.evict(change)) change.fail(Code::no_space);
  }
  if (removed > 0) {
    event.kind = AuditKind::revoked;
    if (removed > 1) event.user_uid.clear();
    event.what = std::to_string(removed) + " removed by home's list";
    note_in(change, event);
  }
  if (collisions > 0) {
    change.meta().next.ambiguous_pins += collisions;
    event.kind = AuditKind::pin_ambiguous;
    event.user_uid.clear();
    event.credential = to_string(CredentialKind::pin);
    event.what = std::to_string(collisions) + " PINs in home's list are another user's as well";
    note_in(change, event);
  }
  if (change.status().ok()) stir(change);
  return change.commit(removed > 0);
}

Status VaultImpl::activate(int64_t now_ms) {
  if (!users_.taking_in) return Code::invalid_argument;
  Change change(rows_);
  Meta& meta = change.meta();
  // Each hour of each device: neither an event nor a pass over all rows.
  const bool confirms =
      !meta.pending_full && !changed_ && meta.next_position.version == meta.position.version;
  meta.active = meta.pending;
  meta.pending = 0;
  meta.position = std::move(meta.next_position);
  meta.next_position = {};
  meta.now = meta.next;
  meta.next = {};
  meta.password_iterations = meta.next_password_iterations;
  meta.confirmed_ms = now_ms;
  if (meta.pending_full) {
    meta.floor = meta.active;
    meta.families.erase(std::remove_if(meta.families.begin(), meta.families.end(),
                                       [&](const Family& family) {
                                         return !family.own && family.last < meta.floor;
                                       }),
                        meta.families.end());
  }
  if (!confirms) {
    stir(change);
    AuditEvent event;
    event.kind = AuditKind::users_synchronised;
    event.unix_ms = now_ms;
    event.what = "version " + std::to_string(meta.position.version) + ", " +
                 std::to_string(meta.now.users) + " users";
    note_in(change, std::move(event));
  }
  const Status status = change.commit(true);
  users_.taking_in = rows_.meta().pending != 0;
  return status;
}

}  // namespace holdfast::vault
