// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Users in their generations, what leads to them, and who leaves when there is no room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vault/records.h"
#include "vault/rows.h"

namespace holdfast::vault {

struct Found {
  bool there = false;
  uint64_t generation = 0;
  UserRow row;
};

class Users {
 public:
  // Rows that one name or one index leads to. More are nobody's in particular.
  static constexpr size_t kMostUnder = 64;

  explicit Users(Rows& rows) : rows_(rows) {}

  // A list is being taken in by this run. One that an earlier run left is nothing any more.
  bool taking_in = false;

  Result<Tag> tag_of(std::string_view user_uid) const;
  Result<Tag> tag_of_name(std::string_view name) const;

  // The row that logins see.
  Result<Found> visible(const Tag& tag) { return newest(tag, rows_.meta().active); }
  // Of the list that is being taken in.
  Result<Found> pending(const Tag& tag);
  Result<Found> by_name(const std::string& name, Tag& tag);
  // The rows of `space` whose key begins with 16 bytes; one more than kMostUnder at most.
  Result<std::vector<Row>> under(Space space, std::string_view prefix);
  static Tag tag_in(const Row& row) { return row.key.substr(kTag_bytes); }

  // `old`: what is visible.
  void set(Change& change, const Tag& tag, const Found& old, const UserRow& row);
  void set_pending(Change& change, const Tag& tag, const UserRow& row);
  // Leaves a row that says so, in the list that is taken in as well; what led to the user stays for
  // a while, to tell "revoked" from "unknown".
  void revoke(Change& change, const std::string& user_uid, const Tag& tag, int64_t now_ms);
  void link_name(Change& change, const std::string& name, const Tag& tag);
  void link(Change& change, const Proof& proof, CredentialKind kind, const std::string& user_uid,
            const Tag& tag);
  // Is another user, visible or to come, listed under this PIN?
  Result<bool> shared(const Index& index, const Tag& tag);

  Result<UserState> state(const Tag& tag);
  void set_state(Change& change, const Tag& tag, const UserState& state);
  // What was spent of an earlier lease isn't spent of this one.
  static core::PageLease lease_of(const Found& user, const UserState& state);
  // Notes the day of the last use, of one who was learnt.
  void used(Change& change, const Tag& tag, UserState& state, int64_t now_ms);
  // The one who was here longest ago leaves. False: there is none who may.
  bool evict(Change& change);

  // Would nobody miss this row? Of any space but the audit's.
  Result<bool> is_garbage(Space space, const Row& row);

 private:
  Result<Tag> keyed(std::string_view label, std::string_view text) const;
  Result<Found> newest(const Tag& tag, uint64_t from);
  Result<Found> opened(const Row& row, uint64_t generation);
  Result<bool> user_is_garbage(const Row& row);
  void drop(Change& change, const Tag& tag, const Found& old);
  void retally(Change& change, const Tag& tag, const Tally& before, const Tally& after);
  bool exists(Change& change, Space space, const std::string& key);

  Rows& rows_;
};

}  // namespace holdfast::vault
