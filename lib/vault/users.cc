// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/users.h"

#include <algorithm>
#include <utility>

#include "core/mutants.h"

namespace holdfast::vault {
namespace {

constexpr int64_t kDay_ms = 86400000;
// How long "revoked" is told apart from "unknown" (own): longer than any outage that logins may
// outlast (14 days).
constexpr int64_t kRevokedKept_ms = 30 * kDay_ms;
constexpr int kEvictionTries = 16;

std::string user_key(const Tag& tag, uint64_t generation) {
  return tag + ordered(~generation, 8);  // the newest first
}

bool begins_with(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

// ---- finding

Result<Tag> Users::keyed(std::string_view label, std::string_view text) const {
  std::string input(label);
  input.push_back('\0');
  input += text;
  const Key256& key = rows_.keys().index_key();
  const Result<Sha256Digest> digest = rows_.ports().crypto->hmac_sha256(
      key.data(), key.size(), reinterpret_cast<const uint8_t*>(input.data()), input.size());
  if (!digest) return failure(digest.error());
  return Tag(reinterpret_cast<const char*>(digest->data()), kTag_bytes);
}

Result<Tag> Users::tag_of(std::string_view user_uid) const { return keyed("uid", user_uid); }
Result<Tag> Users::tag_of_name(std::string_view name) const { return keyed("name", name); }

Result<Found> Users::opened(const Row& row, uint64_t generation) {
  const Result<std::string> plain = rows_.open(kUserSpace, row);
  if (!plain) return failure(plain.error());
  Found found;
  found.there = true;
  found.generation = generation;
  if (!decode(*plain, found.row)) return failure(Code::corrupt);
  return found;
}

Result<Found> Users::newest(const Tag& tag, uint64_t from) {
  if (core::mutant(core::Mutant::generation_ignored)) from = UINT64_MAX;
  std::string at = user_key(tag, from);
  for (;;) {
    const Result<Row> row = rows_.seek(kUserSpace, at);
    if (!row && row.error().code() == Code::not_found) return Found{};
    if (!row) return failure(row.error());
    if (!begins_with(row->key, tag) || row->key.size() != kTag_bytes + 8) return Found{};
    const uint64_t generation = ~number_of(std::string_view(row->key).substr(kTag_bytes));
    if (generation < rows_.meta().floor) return Found{};
    if (!rows_.meta().is_dead(generation)) return opened(*row, generation);
    at = row->key + '\0';
  }
}

Result<Found> Users::pending(const Tag& tag) {
  if (!taking_in) return Found{};
  const uint64_t generation = rows_.meta().pending;
  std::string key = user_key(tag, generation);
  Result<std::string> value = rows_.ports().database->get(kUserSpace, key);
  if (!value && value.error().code() == Code::not_found) return Found{};
  if (!value) return failure(value.error());
  return opened({std::move(key), std::move(*value)}, generation);
}

Result<std::vector<Row>> Users::under(Space space, std::string_view prefix) {
  std::vector<Row> rows;
  std::string at(prefix);
  while (rows.size() <= kMostUnder) {
    Result<Row> row = rows_.seek(space, at);
    if (!row && row.error().code() == Code::not_found) break;
    if (!row) return failure(row.error());
    if (!begins_with(row->key, prefix) || row->key.size() != 2 * kTag_bytes) break;
    at = row->key + '\0';
    rows.push_back(std::move(*row));
  }
  return rows;
}

// Names are unique in a list, but a spelling that home once took for one user may have become the
// name of another: the name goes before the alias, and who can log in before who no longer can.
Result<Found> Users::by_name(const std::string& name, Tag& tag) {
  const Result<Tag> name_tag = tag_of_name(name);
  if (!name_tag) return failure(name_tag.error());
  const Result<std::vector<Row>> rows = under(kNameSpace, *name_tag);
  if (!rows) return failure(rows.error());
  Found best;
  int best_rank = 0;
  for (const Row& row : *rows) {
    Result<Found> found = visible(tag_in(row));
    if (!found) return found;
    if (!found->there || !found->row.goes_by(name)) continue;
    const int rank = 1 + (found->row.user.name == name ? 1 : 0) + (found->row.revoked ? 0 : 2);
    if (rank <= best_rank) continue;
    best_rank = rank;
    best = std::move(*found);
    tag = tag_in(row);
  }
  return best;
}

Result<bool> Users::shared(const Index& index, const Tag& tag) {
  const Result<std::vector<Row>> rows = under(kCredentialSpace, bytes_of(index));
  if (!rows) return failure(rows.error());
  for (const Row& row : *rows) {
    const Tag other = tag_in(row);
    if (other == tag) continue;
    Result<Found> found = pending(other);
    if (found && !found->there && !(taking_in && rows_.meta().pending_full)) {
      found = visible(other);
    }
    if (!found) return failure(found.error());
    if (!found->row.revoked && found->row.find(CredentialKind::pin, index) != nullptr) return true;
  }
  return false;
}

// ---- changing

// A user who isn't in the list that is taken in, and a list that only says what changed: then he is
// after it as he is now.
void Users::retally(Change& change, const Tag& tag, const Tally& before, const Tally& after) {
  Meta& meta = change.meta();
  meta.now.subtract(before);
  meta.now.add(after);
  if (!taking_in || meta.pending_full) return;
  const Result<Found> coming = pending(tag);
  if (!change.take(coming) || coming->there) return;
  meta.next.subtract(before);
  meta.next.add(after);
}

void Users::set(Change& change, const Tag& tag, const Found& old, const UserRow& row) {
  const uint64_t generation = old.there ? old.generation : change.meta().active;
  change.put(kUserSpace, user_key(tag, generation), encode(row));
  retally(change, tag, old.there ? old.row.tally() : Tally(), row.tally());
}

void Users::set_pending(Change& change, const Tag& tag, const UserRow& row) {
  Meta& meta = change.meta();
  Result<Found> old = pending(tag);
  if (change.take(old) && !old->there && !meta.pending_full) old = visible(tag);
  if (!change.take(old)) return;
  if (old->there) meta.next.subtract(old->row.tally());
  meta.next.add(row.tally());
  meta.untidy = true;
  change.put(kUserSpace, user_key(tag, meta.pending), encode(row));
}

void Users::revoke(Change& change, const std::string& user_uid, const Tag& tag, int64_t now_ms) {
  const auto gone = [&](UserRow row) {
    row.user.user_uid = user_uid;
    row.revoked = true;
    row.revoked_ms = now_ms;
    return row;
  };
  const Result<Found> old = visible(tag);
  if (!change.take(old)) return;
  const bool late = taking_in && core::mutant(core::Mutant::late_tombstones);
  if (!old->row.revoked && !late) set(change, tag, *old, gone(old->row));
  if (taking_in) set_pending(change, tag, gone(old->row));
  change.meta().untidy = true;
}

// Older generations would come to light again if only the visible row went.
void Users::drop(Change& change, const Tag& tag, const Found& old) {
  std::string at = user_key(tag, change.meta().active);
  for (;;) {
    Result<Row> row = rows_.seek(kUserSpace, at);
    if (!row && row.error().code() == Code::not_found) break;
    if (!change.take(row)) return;
    if (!begins_with(row->key, tag)) break;
    change.erase(kUserSpace, row->key);
    if (!change.status().ok()) return;
    at = std::move(row->key);
  }
  retally(change, tag, old.row.tally(), {});
  change.meta().untidy = true;
}

bool Users::exists(Change& change, Space space, const std::string& key) {
  const Result<std::string> value = rows_.ports().database->get(space, key);
  if (!value && value.error().code() != Code::not_found) change.fail(value.error());
  return value.has_value();
}

void Users::link_name(Change& change, const std::string& name, const Tag& tag) {
  if (name.empty()) return;
  const Result<Tag> name_tag = tag_of_name(name);
  if (!change.take(name_tag)) return;
  const std::string key = *name_tag + tag;
  if (!exists(change, kNameSpace, key)) change.put(kNameSpace, key, {});
}

// What a row of a credential says follows from its key: one that is there needs no second writing.
void Users::link(Change& change, const Proof& proof, CredentialKind kind,
                 const std::string& user_uid, const Tag& tag) {
  const std::string key = std::string(bytes_of(proof.index)) + tag;
  if (exists(change, kCredentialSpace, key)) return;
  change.put_with(proof.record.bytes, key, encode_credential(kind, user_uid));
}

// ---- failures and ages

Result<UserState> Users::state(const Tag& tag) {
  const Result<std::string> plain = rows_.get(kStateSpace, tag);
  UserState state;
  if (!plain && plain.error().code() == Code::not_found) return state;
  if (!plain) return failure(plain.error());
  if (!decode(*plain, state)) return failure(Code::corrupt);
  return state;
}

void Users::set_state(Change& change, const Tag& tag, const UserState& state) {
  change.put(kStateSpace, tag, encode(state));
}

core::PageLease Users::lease_of(const Found& user, const UserState& state) {
  const bool same =
      state.spent_generation == user.generation && state.spent_renewal == user.row.renewal;
  return {user.row.user.offline_pages, same ? state.spent : 0};
}

void Users::used(Change& change, const Tag& tag, UserState& state, int64_t now_ms) {
  const auto day = static_cast<uint32_t>(std::max<int64_t>(now_ms / kDay_ms, 1));
  if (state.day == day) return;
  if (state.day != 0) change.erase(kAgeSpace, ordered(state.day, 4) + tag);
  state.day = day;
  change.put(kAgeSpace, ordered(day, 4) + tag, {});
  set_state(change, tag, state);
}

bool Users::evict(Change& change) {
  for (int i = 0; i < kEvictionTries && change.status().ok(); ++i) {
    const Result<Row> age = rows_.seek(kAgeSpace, {});
    if (!age) {
      if (age.error().code() != Code::not_found) change.fail(age.error());
      return false;
    }
    const Tag tag = age->key.substr(4);
    const Result<Found> found = visible(tag);
    Result<UserState> known = state(tag);
    if (!change.take(found) || !change.take(known)) return false;
    change.erase(kAgeSpace, age->key);
    if (ordered(known->day, 4) != age->key.substr(0, 4)) continue;
    // Who is listed stays, or the list wouldn't be whole.
    if (!found->there || found->row.revoked || found->row.listed) {
      known->day = 0;
      set_state(change, tag, *known);
      continue;
    }
    change.erase(kStateSpace, tag);
    drop(change, tag, *found);
    return true;
  }
  return false;
}

// ---- what nobody would miss

Result<bool> Users::user_is_garbage(const Row& row) {
  const Meta& meta = rows_.meta();
  if (row.key.size() != kTag_bytes + 8) return true;
  const Tag tag = row.key.substr(0, kTag_bytes);
  const uint64_t generation = ~number_of(std::string_view(row.key).substr(kTag_bytes));
  if (generation == meta.pending) return !taking_in;
  if (generation > meta.active || generation < meta.floor || meta.is_dead(generation)) return true;
  const Result<Found> seen = visible(tag);
  if (!seen) return failure(seen.error());
  if (seen->generation != generation) return true;
  const bool old =
      seen->row.revoked && meta.clock.high_water_ms - seen->row.revoked_ms > kRevokedKept_ms;
  if (!old || generation == 0) return false;
  // As long as it hides an older row it stays.
  const Result<Found> hidden = newest(tag, generation - 1);
  if (!hidden) return failure(hidden.error());
  return !hidden->there;
}

Result<bool> Users::is_garbage(Space space, const Row& row) {
  if (space == kUserSpace) return user_is_garbage(row);
  const size_t tag_at = space == kStateSpace ? 0 : space == kAgeSpace ? 4 : kTag_bytes;
  if (row.key.size() != tag_at + kTag_bytes) return true;
  const Tag tag = row.key.substr(tag_at);
  const Result<Found> seen = visible(tag);
  if (!seen) return failure(seen.error());
  const Result<Found> coming = pending(tag);
  if (!coming) return failure(coming.error());
  if (space == kStateSpace) return !seen->there && !coming->there && tag != Tag(kTag_bytes, '\0');
  if (space == kAgeSpace) {
    const Result<UserState> known = state(tag);
    if (!known) return failure(known.error());
    return !seen->there || ordered(known->day, 4) != row.key.substr(0, 4);
  }
  for (const Found* found : {&*seen, &*coming}) {
    for (const HeldCredential& held : found->row.credentials) {
      if (space == kCredentialSpace && bytes_of(held.index) == row.key.substr(0, kTag_bytes)) {
        return false;
      }
    }
    for (const std::string* name : {&found->row.user.name, &found->row.alias}) {
      if (space != kNameSpace || name->empty()) continue;
      const Result<Tag> name_tag = tag_of_name(*name);
      if (!name_tag) return failure(name_tag.error());
      if (*name_tag == row.key.substr(0, kTag_bytes)) return false;
    }
  }
  return true;
}

}  // namespace holdfast::vault
