// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What home's own verdicts teach the cache.
#include <algorithm>
#include <utility>

#include "vault/vault_impl.h"

namespace holdfast::vault {
namespace {

// A login isn't worth a commit when all it would change is younger (own); expiries count in hours.
constexpr int64_t kWorthKeeping_ms = 600000;

bool same(const User& a, const User& b) {
  return a.user_uid == b.user_uid && a.name == b.name && a.display_name == b.display_name &&
         a.rights == b.rights && a.offline_pages == b.offline_pages;
}

void remove_passwords(UserRow& row) {
  row.credentials.erase(std::remove_if(row.credentials.begin(), row.credentials.end(),
                                       [](const HeldCredential& held) {
                                         return held.kind == CredentialKind::password;
                                       }),
                        row.credentials.end());
}

bool removes_user(const std::string& reason) { return reason == "revoked" || reason == "disabled"; }

}  // namespace

struct VaultImpl::Learnt {
  const Credential& input;
  int64_t now_ms;
  Tag tag;
  Found found;
  UserRow row;
  UserState state;
  bool changed = false;
  bool fresh = false;   // a credential that wasn't held
  bool litter = false;  // rows are left that lead nowhere
  HeldCredential held;
  Proof proof;  // of a fresh one
};

Status VaultImpl::learn(Credential& credential, const User& user, int64_t now_ms) {
  Credential input;
  const Status normal = normalise(credential, input);
  credential.secret = Secret();
  if (!scope_.on) return {};
  return normal.ok() ? remember(input, user, now_ms) : normal;
}

Status VaultImpl::unlearn(Credential& credential, const std::string& reason, int64_t now_ms) {
  Credential input;
  const Status normal = normalise(credential, input);
  credential.secret = Secret();
  const bool known =
      removes_user(reason) || reason == "wrong-secret" || reason == "unknown-credential";
  if (!scope_.on || !known || !normal.ok()) return {};  // nothing can be held of it
  if (!rows_.usable()) return Code::corrupt;
  return input.kind == CredentialKind::password ? forget_password(input, reason, now_ms)
                                                : forget(input, reason, now_ms);
}

Status VaultImpl::remember(const Credential& input, const User& user, int64_t now_ms) {
  if (!storable(user) || user.user_uid == kBreakGlassUser) return Code::invalid_argument;
  if (!rows_.usable()) return Code::corrupt;
  const Result<Tag> tag = users_.tag_of(user.user_uid);
  if (!tag) return tag.error();
  Result<Found> found = users_.visible(*tag);
  if (!found) return found.error();
  if (found->row.revoked && rows_.meta().position.version > 0) return {};
  const Result<UserState> state = users_.state(*tag);
  if (!state) return state.error();

  Learnt learnt{input, now_ms, *tag, std::move(*found), {}, *state, false, false, false, {}, {}};
  if (!learnt.found.row.revoked) learnt.row = learnt.found.row;
  const std::string& spelling = input.kind == CredentialKind::password && input.user != user.name
                                    ? input.user
                                    : learnt.row.alias;
  learnt.changed = !same(learnt.row.user, user) || learnt.row.disabled ||
                   learnt.row.alias != spelling || learnt.state.failures.count > 0;
  learnt.litter =
      learnt.found.there && (learnt.row.alias != spelling || learnt.row.user.name != user.name);
  learnt.row.alias = spelling;
  learnt.row.user = user;
  learnt.row.renewal = learnt.found.row.renewal;
  if (Users::lease_of(learnt.found, learnt.state).spent > 0) {
    ++learnt.row.renewal;
    learnt.changed = true;
  }
  learnt.row.disabled = false;
  if (core::accepts(policy_, scope_, input.kind)) {
    const Status status =
        input.kind == CredentialKind::password ? recognise_password(learnt) : recognise(learnt);
    if (!status.ok()) return status;
  }
  // Somebody of whom nothing would let him in isn't worth a place.
  if (learnt.row.credentials.empty() && !learnt.found.there) return {};
  return learnt.changed ? write(learnt) : Status();
}

// Is this card or PIN held already, be it learnt or synchronised?
Status VaultImpl::recognise(Learnt& learnt) {
  const CredentialKind kind = learnt.input.kind;
  const std::string& secret = learnt.input.secret.reveal();
  const bool listed = std::any_of(
      learnt.row.credentials.begin(), learnt.row.credentials.end(),
      [&](const HeldCredential& held) { return held.kind == kind && held.synchronised; });
  for (const Family& family : families_of(kind)) {
    if (!family.own && !listed) continue;
    Result<Proof> proof =
        derive(ports_, rows_.keys().uuid(), kind, secret, family.salt, family.iterations);
    if (!proof) return proof.error();
    HeldCredential* held = learnt.row.find(kind, proof->index);
    if (held != nullptr) {
      const int64_t age_ms = learnt.now_ms - held->good_at_ms;
      if (age_ms < kWorthKeeping_ms && age_ms >= 0) return {};
      held->good_at_ms = learnt.now_ms;
      learnt.changed = true;
      return {};
    }
    if (family.own) learnt.proof = std::move(*proof);
  }
  if (kind == CredentialKind::pin && !pin_allowed(secret, 1)) return {};
  learnt.fresh = true;
  if (kind == CredentialKind::pin) learnt.held.digits = static_cast<uint8_t>(secret.size());
  make_room(learnt);
  return {};
}

// A user has one password: another that home accepts is the one that counts.
Status VaultImpl::recognise_password(Learnt& learnt) {
  const std::string& secret = learnt.input.secret.reveal();
  const std::string& uuid = rows_.keys().uuid();
  const HeldCredential* old = learnt.row.password();
  const bool had_one = old != nullptr;
  if (had_one) {
    Result<Proof> proof =
        derive(ports_, uuid, CredentialKind::password, secret, old->salt, old->iterations);
    if (!proof) return proof.error();
    HeldCredential* held = learnt.row.find(CredentialKind::password, proof->index);
    if (held != nullptr) {
      const int64_t age_ms = learnt.now_ms - held->good_at_ms;
      if (age_ms < kWorthKeeping_ms && age_ms >= 0) return {};
      held->good_at_ms = learnt.now_ms;
      learnt.changed = true;
      return {};
    }
  }
  remove_passwords(learnt.row);
  learnt.litter = learnt.litter || had_one;
  learnt.changed = true;
  learnt.fresh = true;
  learnt.held.salt.assign(16, '\0');
  learnt.held.iterations = rows_.meta().iterations;
  const Status drawn = ports_.random->fill(reinterpret_cast<uint8_t*>(&learnt.held.salt[0]), 16);
  if (!drawn.ok()) return drawn;
  Result<Proof> proof = derive(ports_, uuid, CredentialKind::password, secret, learnt.held.salt,
                               learnt.held.iterations);
  if (!proof) return proof.error();
  learnt.proof = std::move(*proof);
  make_room(learnt);
  return {};
}

// What was learnt longest ago leaves for what is learnt now, of the same kind if there is any; what
// was synchronised doesn't.
void VaultImpl::make_room(Learnt& learnt) {
  std::vector<HeldCredential>& all = learnt.row.credentials;
  if (all.size() >= kMostCredentials) {
    auto oldest = all.end();
    for (auto it = all.begin(); it != all.end(); ++it) {
      if (it->synchronised) continue;
      const bool same_kind = it->kind == learnt.input.kind;
      const bool had_same_kind = oldest != all.end() && oldest->kind == learnt.input.kind;
      if (had_same_kind && !same_kind) continue;
      if (oldest == all.end() || same_kind != had_same_kind ||
          it->good_at_ms < oldest->good_at_ms) {
        oldest = it;
      }
    }
    if (oldest == all.end()) {
      learnt.fresh = false;
      return;
    }
    all.erase(oldest);
    learnt.litter = true;
  }
  learnt.held.kind = learnt.input.kind;
  learnt.held.index = learnt.proof.index;
  learnt.held.good_at_ms = learnt.now_ms;
  all.push_back(learnt.held);
  learnt.changed = true;
}

Status VaultImpl::write(Learnt& learnt) {
  Change change(rows_);
  const bool counts = learnt.found.there && !learnt.found.row.revoked;
  if (!counts && rows_.meta().now.users >= scope_.max_users) {
    // Full of users who are listed: he logs in online, as he just did.
    if (!users_.evict(change)) return change.status();
    learnt.litter = true;
  }
  users_.set(change, learnt.tag, learnt.found, learnt.row);
  users_.link_name(change, learnt.row.user.name, learnt.tag);
  users_.link_name(change, learnt.row.alias, learnt.tag);
  if (learnt.fresh) {
    users_.link(change, learnt.proof, learnt.input.kind, learnt.row.user.user_uid, learnt.tag);
    if (learnt.input.kind != CredentialKind::password) take_from_others(change, learnt);
  }
  const bool had_failed = learnt.state.failures.count > 0;
  learnt.state.failures = {};
  if (had_failed) users_.set_state(change, learnt.tag, learnt.state);
  if (!learnt.row.listed) users_.used(change, learnt.tag, learnt.state, learnt.now_ms);
  if (learnt.litter) stir(change);
  return change.commit();
}

// Home has just said whose card or PIN this is. Who was only learnt to have it no longer has.
void VaultImpl::take_from_others(Change& change, const Learnt& learnt) {
  const Index& index = learnt.proof.index;
  const Result<std::vector<Row>> rows = users_.under(kCredentialSpace, bytes_of(index));
  if (!change.take(rows)) return;
  for (const Row& row : *rows) {
    const Tag tag = Users::tag_in(row);
    if (tag == learnt.tag) continue;
    forget_of(change, tag, learnt.input.kind, index, "unknown-credential", learnt.now_ms);
  }
}

// ---- denials

// Of one user who may have this credential.
void VaultImpl::forget_of(Change& change, const Tag& tag, CredentialKind kind, const Index& index,
                          const std::string& reason, int64_t now_ms) {
  const Result<Found> found = users_.visible(tag);
  if (!change.take(found) || !found->there || found->row.revoked) return;
  UserRow row = found->row;
  HeldCredential* held = row.find(kind, index);
  // A password names its user even when none is held.
  const bool named = kind == CredentialKind::password && removes_user(reason);
  if (held == nullptr && !named) return;
  if (reason == "revoked") {
    users_.revoke(change, row.user.user_uid, tag, now_ms);
  } else {
    row.disabled = row.disabled || reason == "disabled";
    if (!removes_user(reason))
      row.credentials.erase(row.credentials.begin() + (held - row.credentials.data()));
    users_.set(change, tag, *found, row);
  }
  stir(change);
  if (!removes_user(reason)) return;
  AuditEvent event;
  event.kind = AuditKind::revoked;
  event.unix_ms = now_ms;
  event.user_uid = row.user.user_uid;
  event.credential = to_string(kind);
  event.what = "home denied a login: " + reason;
  note_in(change, std::move(event));
}

Status VaultImpl::forget(const Credential& input, const std::string& reason, int64_t now_ms) {
  std::vector<Index> indexes;
  for (const Family& family : families_of(input.kind)) {
    const Result<Proof> proof = derive(ports_, rows_.keys().uuid(), input.kind,
                                       input.secret.reveal(), family.salt, family.iterations);
    if (!proof) return proof.error();
    indexes.push_back(proof->index);
  }
  Change change(rows_);
  bool any = false;
  for (const Index& index : indexes) {
    const Result<std::vector<Row>> rows = users_.under(kCredentialSpace, bytes_of(index));
    if (!rows) return rows.error();
    for (const Row& row : *rows) {
      forget_of(change, Users::tag_in(row), input.kind, index, reason, now_ms);
      any = true;
    }
  }
  return any || !change.status().ok() ? change.commit(removes_user(reason)) : Status();
}

// The name alone says whose it is; only whether this very secret is held takes a derivation.
Status VaultImpl::forget_password(const Credential& input, const std::string& reason,
                                  int64_t now_ms) {
  Tag tag;
  const Result<Found> found = users_.by_name(input.user, tag);
  if (!found) return found.error();
  const bool user_too = removes_user(reason);
  const HeldCredential* held = found->row.password();
  if (!found->there || (held == nullptr && !user_too)) return {};
  Index index{};
  if (held != nullptr) index = held->index;
  if (reason == "wrong-secret") {
    const Result<Proof> proof = derive(ports_, rows_.keys().uuid(), CredentialKind::password,
                                       input.secret.reveal(), held->salt, held->iterations);
    if (!proof) return proof.error();
    if (!equal(index.data(), proof->index.data(), index.size())) return {};
  }
  Change change(rows_);
  forget_of(change, tag, CredentialKind::password, index, reason, now_ms);
  return change.commit(user_too);
}

}  // namespace holdfast::vault
