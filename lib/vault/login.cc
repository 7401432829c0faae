// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One login: bound, limits, count, durable, derive, verdict. Two commits.
//
// The first counts the attempt, against the device and, with a password, against the user. It is
// durable before anything is derived from the secret: whoever cuts the power to get an attempt back
// has none to cut it for. The second takes back, after a grant, this one attempt from the device's
// count (which others' failures stay in) and all of the user's; and writes what happened. Between
// the two an honest user's attempt may stay counted by a power cut, a guesser's always does. A
// grant that can't be recorded isn't given.
//
// Known and unknown cost the same: the same derivations, device calls, commits and rows written.
#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "core/mutants.h"
#include "vault/vault_impl.h"

namespace holdfast::vault {

using core::OfflineRefusal;

namespace {

// Attempts of a kind that an older copy of the store may hide, at most, for each start of the
// device (own). Not none: an honest login would use up the counter, of which some elements have
// only so much. Not more: whoever restarts the device with a copy has so many guesses each time.
constexpr uint32_t kUncounted = 1;

// Written in the place of a user's state when the name is nobody's.
Tag nobody() { return Tag(kTag_bytes, '\0'); }

uint32_t seconds_of(int64_t wait_ms) {
  if (wait_ms == INT64_MAX) return 0;
  return static_cast<uint32_t>(std::min<int64_t>((wait_ms + 999) / 1000, UINT32_MAX));
}

}  // namespace

struct VaultImpl::Attempt {
  Credential input;
  int64_t contact_ms = 0;
  int64_t now_ms = 0;
  bool break_glass = false;

  size_t bucket() const {
    return break_glass ? kBreakGlassBucket : static_cast<size_t>(input.kind);
  }

  // The user: by name before the secret is tried, by card or PIN after.
  Tag tag;
  Found user;
  UserState state;
  bool counted_user = false;
  bool device_full = false;
  bool user_full = false;

  core::CredentialFacts facts;
  bool has_revoked = false;
  OfflineLogin out;
};

bool VaultImpl::whole_list(CredentialKind kind) const {
  if (rows_.meta().position.version == 0) return false;
  return kind == CredentialKind::pin ? scope_.pin_verifiers : scope_.verifiers;
}

// A guess of so many digits can only be a PIN of as many, or one whose length nobody knows.
bool VaultImpl::pin_allowed(const std::string& pin, uint64_t more) const {
  const Tally& now = rows_.meta().now;
  const uint64_t cached = now.pins[pin.size()] + now.pins_of_any_length + more;
  return core::pin_alone_allowed(policy_, cached, static_cast<uint32_t>(pin.size()));
}

std::vector<Family> VaultImpl::families_of(CredentialKind kind) const {
  std::vector<Family> families;
  for (const Family& family : rows_.meta().families) {
    if (family.kind == kind && (family.own || family.first <= rows_.meta().active)) {
      families.push_back(family);
    }
  }
  return families;
}

OfflineLogin VaultImpl::login(Credential& credential, int64_t contact_ms, int64_t now_ms) {
  OfflineLogin out = attempt(credential, contact_ms, now_ms);
  credential.secret = Secret();
  return out;
}

OfflineLogin VaultImpl::attempt(const Credential& credential, int64_t contact_ms, int64_t now_ms) {
  Attempt a;
  a.contact_ms = contact_ms;
  a.now_ms = now_ms;
  const auto refused = [&a](OfflineRefusal why) {
    a.out.refusal = why;
    a.out.user = User();
    return std::move(a.out);
  };
  if (!core::accepts(policy_, scope_, credential.kind)) return refused(OfflineRefusal::off);
  if (!rows_.usable()) return refused(OfflineRefusal::not_writable);
  if (!normalise(credential, a.input).ok()) {
    return refused(whole_list(credential.kind) ? OfflineRefusal::unknown
                                               : OfflineRefusal::not_cached);
  }
  if (a.input.kind == CredentialKind::pin && !pin_allowed(a.input.secret.reveal(), 0)) {
    return refused(OfflineRefusal::off);
  }
  a.break_glass = a.input.kind == CredentialKind::password && a.input.user == kBreakGlassUser &&
                  !policy_.break_glass.verifier.empty();
  const OfflineRefusal limited = limits(a);
  if (limited != OfflineRefusal::none) return refused(limited);
  const bool late = core::mutant(core::Mutant::count_after_secret);
  if (!late && !count(a).ok()) return refused(OfflineRefusal::not_writable);
  if (!try_secret(a).ok()) return refused(OfflineRefusal::not_writable);
  if (late && !count(a).ok()) return refused(OfflineRefusal::not_writable);
  const Status concluded = conclude(a);
  if (a.out.refusal != OfflineRefusal::none) return refused(a.out.refusal);
  if (!concluded.ok()) return refused(OfflineRefusal::not_writable);
  return std::move(a.out);
}

// ---- before the secret

OfflineRefusal VaultImpl::limits(Attempt& a) {
  if (a.input.kind == CredentialKind::password && !a.break_glass) {
    Result<Found> found = users_.by_name(a.input.user, a.tag);
    if (!found) return OfflineRefusal::not_writable;
    a.user = std::move(*found);
    if (a.user.there) {
      const Result<UserState> state = users_.state(a.tag);
      if (!state) return OfflineRefusal::not_writable;
      a.state = *state;
      a.out.user_uid = a.user.row.user.user_uid;
    }
  }
  if (!settle(a).ok()) return OfflineRefusal::not_writable;
  const Meta& meta = rows_.meta();
  const auto wait = [&a](int64_t wait_ms) {
    if (wait_ms > 0) a.out.retry_after_s = seconds_of(wait_ms);
    return wait_ms > 0;
  };
  if (wait(core::wait_of(meta.failures[a.bucket()], policy_, a.now_ms))) {
    return OfflineRefusal::device_locked;
  }
  if (a.break_glass && wait(core::wait_of(meta.break_glass, policy_, a.now_ms))) {
    return OfflineRefusal::user_paused;
  }
  const int64_t pause_ms = core::wait_of(a.state.failures, policy_, a.now_ms);
  if (!wait(pause_ms)) return OfflineRefusal::none;
  return pause_ms == INT64_MAX ? OfflineRefusal::online_only : OfflineRefusal::user_paused;
}

// Times from the future become now, once, and durably: they would hold for ever otherwise.
Status VaultImpl::settle(Attempt& a) {
  core::DeviceFailures bucket = rows_.meta().failures[a.bucket()];
  core::BreakGlassUses uses = rows_.meta().break_glass;
  const bool device = core::rebase(bucket, a.now_ms);
  const bool glass = core::rebase(uses, a.now_ms);
  const bool user = core::rebase(a.state.failures, a.now_ms);
  if (!device && !glass && !user) return {};
  Change change(rows_);
  change.meta().failures[a.bucket()] = bucket;
  change.meta().break_glass = uses;
  if (user) users_.set_state(change, a.tag, a.state);
  return change.commit();
}

Status VaultImpl::count(Attempt& a) {
  Change change(rows_);
  core::DeviceFailures& bucket = change.meta().failures[a.bucket()];
  bucket = core::counted(bucket, policy_, a.now_ms);
  a.device_full = core::wait_of(bucket, policy_, a.now_ms) > 0;
  UserState after = a.state;
  after.failures = core::counted(a.state.failures, a.now_ms);
  if (a.input.kind == CredentialKind::password) {
    a.counted_user = a.user.there;
    a.user_full = a.user.there && core::wait_of(after.failures, policy_, a.now_ms) > 0;
    users_.set_state(change, a.user.there ? a.tag : nobody(), after);
  }
  return change.commit(a.device_full || a.user_full || bucket.count > kUncounted);
}

// ---- the secret

Status VaultImpl::try_secret(Attempt& a) {
  a.facts.kind = a.input.kind;
  a.facts.whole_list = whole_list(a.input.kind);
  if (a.break_glass) return try_break_glass(a);
  const Status status = a.input.kind == CredentialKind::password ? try_password(a) : try_lookup(a);
  if (!status.ok()) return status;
  a.facts.failures = a.state.failures;
  a.facts.revoked = a.user.row.revoked;
  a.facts.disabled = a.user.row.disabled;
  a.out.refusal = core::judge(a.facts, policy_, scope_, a.contact_ms, a.now_ms);
  if (a.user.there) a.out.user_uid = a.user.row.user.user_uid;
  if (a.facts.ambiguous) a.out.user_uid.clear();
  if (a.out.refusal == OfflineRefusal::user_paused) {
    a.out.retry_after_s = seconds_of(core::wait_of(a.state.failures, policy_, a.now_ms));
  }
  if (a.out.refusal != OfflineRefusal::none) return {};
  a.out.user = a.user.row.user;
  a.out.user.rights = core::rights_left(a.user.row.user.rights, policy_, a.contact_ms, a.now_ms);
  a.out.user.offline_pages = core::left_of(Users::lease_of(a.user, a.state));
  return {};
}

// Card or PIN: all families, whether or not one has hit already.
Status VaultImpl::try_lookup(Attempt& a) {
  for (const Family& family : families_of(a.input.kind)) {
    const Result<Proof> proof = derive(ports_, rows_.keys().uuid(), a.input.kind,
                                       a.input.secret.reveal(), family.salt, family.iterations);
    if (!proof) return proof.error();
    const Status status = look(a, *proof);
    if (!status.ok()) return status;
  }
  if (!a.user.there) return {};
  const Result<UserState> state = users_.state(a.tag);
  if (!state) return state.error();
  a.state = *state;
  // No limit has seen this user's times yet; as with those of the past, now is the latest.
  core::rebase(a.state.failures, a.now_ms);
  return {};
}

Status VaultImpl::look(Attempt& a, const Proof& proof) {
  const Result<std::vector<Row>> rows = users_.under(kCredentialSpace, bytes_of(proof.index));
  if (!rows) return rows.error();
  if (rows->size() > Users::kMostUnder) a.facts.ambiguous = true;
  for (const Row& row : *rows) {
    const Tag tag = Users::tag_in(row);
    Result<Found> found = users_.visible(tag);
    if (!found) return found.error();
    const HeldCredential* held = found->row.find(a.input.kind, proof.index);
    if (held == nullptr) continue;
    const Result<std::string> plain = rows_.open_with(proof.record.bytes, kCredentialSpace, row);
    if (!plain) return plain.error();
    CredentialKind kind;
    std::string user_uid;
    if (!decode_credential(*plain, kind, user_uid) || kind != a.input.kind ||
        user_uid != found->row.user.user_uid) {
      return Code::corrupt;
    }
    const bool first = !a.facts.found || (a.user.row.revoked && !found->row.revoked);
    if (!first && tag != a.tag && !found->row.revoked) a.facts.ambiguous = true;
    if (!first) continue;
    a.facts.found = true;
    a.facts.opened = true;
    a.facts.good_at_ms = held->synchronised ? std::max(held->good_at_ms, rows_.meta().confirmed_ms)
                                            : held->good_at_ms;
    a.tag = tag;
    a.user = std::move(*found);
  }
  return {};
}

// As many iterations as the password with the most would take, whoever it is and if it is anybody.
Status VaultImpl::try_password(Attempt& a) {
  const HeldCredential* held = a.user.there ? a.user.row.password() : nullptr;
  const uint32_t most = rows_.meta().password_iterations;
  const std::string& secret = a.input.secret.reveal();
  const std::string dummy(16, '\0');
  const uint32_t iterations = held != nullptr ? held->iterations : most;
  const Result<Proof> proof = derive(ports_, rows_.keys().uuid(), a.input.kind, secret,
                                     held != nullptr ? held->salt : dummy, iterations);
  if (!proof) return proof.error();
  if (iterations < most) {
    Result<Key256> rest = ports_.crypto->pbkdf2_sha256(secret, dummy, most - iterations);
    if (!rest) return rest.error();
    holdfast::wipe(rest->data(), rest->size());
  }
  const Tag tag = a.user.there ? a.tag : nobody();
  const std::string key = std::string(bytes_of(proof->index)) + tag;
  Result<std::string> value = ports_.database->get(kCredentialSpace, key);
  if (!value && value.error().code() != Code::not_found) return value.error();
  if (held == nullptr) return {};
  a.facts.found = true;
  a.facts.good_at_ms =
      held->synchronised ? std::max(held->good_at_ms, rows_.meta().confirmed_ms) : held->good_at_ms;
  const bool right = equal(held->index.data(), proof->index.data(), proof->index.size());
  if (!right || !value) return {};
  const Result<std::string> plain =
      rows_.open_with(proof->record.bytes, kCredentialSpace, {key, std::move(*value)});
  if (!plain) return plain.error();
  CredentialKind kind;
  std::string user_uid;
  a.facts.opened = decode_credential(*plain, kind, user_uid) && kind == a.input.kind &&
                   user_uid == a.user.row.user.user_uid;
  return a.facts.opened ? Status() : Status(Code::corrupt);
}

// No age, no expiry: it is for when nothing else works. A code that was let through is counted in
// the second commit, without which nobody is let through.
Status VaultImpl::try_break_glass(Attempt& a) {
  const BreakGlass& glass = policy_.break_glass;
  std::string salt(glass.salt.size() / 2, '\0');
  WipedKey expected;
  if (!hex_decode(glass.salt, reinterpret_cast<uint8_t*>(&salt[0]), salt.size()) ||
      !hex_decode(glass.verifier, expected.bytes.data(), expected.bytes.size())) {
    return Code::invalid_argument;
  }
  Result<Key256> slow =
      ports_.crypto->pbkdf2_sha256(a.input.secret.reveal(), salt, glass.iterations);
  if (!slow) return slow.error();
  const WipedKey derived(*slow);
  if (!equal(derived.bytes.data(), expected.bytes.data(), derived.bytes.size())) {
    a.out.refusal = OfflineRefusal::wrong_secret;
    return {};
  }
  a.out.refusal = OfflineRefusal::none;
  a.out.break_glass = true;
  a.out.user_uid = kBreakGlassUser;
  a.out.user = {kBreakGlassUser, kBreakGlassUser, kBreakGlassUser, glass.rights};
  return {};
}

// ---- after it

Status VaultImpl::conclude(Attempt& a) {
  const bool granted = a.out.refusal == OfflineRefusal::none;
  Change change(rows_);
  const auto event = [&](AuditKind kind, const char* what) {
    AuditEvent noted;
    noted.kind = kind;
    noted.unix_ms = a.now_ms;
    noted.user_uid = a.out.user_uid;
    noted.credential = to_string(a.input.kind);
    noted.what = what;
    note_in(change, std::move(noted));
  };
  if (!granted) {
    event(AuditKind::login_refused, core::to_string(a.out.refusal));
    if (a.device_full) event(AuditKind::device_locked, "too many failures at this device");
    if (a.user_full) event(AuditKind::user_paused, "too many failures of this user");
    return change.commit();
  }
  core::DeviceFailures& bucket = change.meta().failures[a.bucket()];
  bucket = core::succeeded(bucket);
  if (a.break_glass) {
    core::count(change.meta().break_glass, policy_, a.now_ms);
    event(AuditKind::break_glass, "the code was right");
    return change.commit(true);
  }
  const bool had_failed = a.state.failures.count > 0 || a.counted_user;
  a.state.failures = {};
  if (had_failed) users_.set_state(change, a.tag, a.state);
  if (!a.user.row.listed) users_.used(change, a.tag, a.state, a.now_ms);
  event(AuditKind::login_granted, "by the cache");
  return change.commit();
}

}  // namespace holdfast::vault
