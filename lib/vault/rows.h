// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Sealed rows and the sum over them.
//
// A stored value is: format (1 byte), AEAD suite (1), id of the root (4), nonce (12), ciphertext
// and tag. The associated data names store, space and key, and a key names all that a row stands
// for (whose it is, of which generation): a row opens in its own place only. A user's credential is
// sealed under what only the secret and the device give; there the id says no more than which sum
// key the row is accounted under, so that a new root needs no secret.
//
// Nonces are 96 random bits. Their chance to meet is below 2^-32 as long as one key seals less than
// 2^32 rows (SP 800-38D, 8.3). A busy device commits 10,000 times a day, each time the meta row and
// one or two others; a list of 100,000 users is 400,000 rows. With a full one each day that is 2^32
// after 28 years, and a new root begins anew. A counter would save the randomness, and would
// repeat itself whenever an older copy of the store is put back.
//
// The sum: HMAC(sum key, space, key, value) of each row, added modulo 2^256 (a multiset hash in the
// manner of Bellare and Micciancio; the terms are secret, so there is nothing to search for terms
// that cancel out). Its total is in the meta row, which each commit seals anew: a row that was
// removed, doubled or put back alone is noticed when the store is opened. Audit events are in the
// same sum: it costs them nothing, since the meta row is written for them anyway, and an event that
// vanished is as telling as a user.
//
// The whole store put back is told by a counter that the device key keeps, where it has one. The
// meta row with the new number is committed first, then the counter goes up, and on opening
// the row may be one ahead of the counter, never behind. So a power cut between the two is no
// alarm, and whatever was committed before a count that has returned is refused. (Counting first
// would have to accept a row that is one behind: the copy from before the last revocation.)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/ports/database.h"
#include "vault/keys.h"
#include "vault/meta.h"
#include "vault/vault.h"

namespace holdfast::vault {

constexpr Space kMetaSpace = 1;
constexpr Space kUserSpace = 2;
constexpr Space kCredentialSpace = 3;
constexpr Space kNameSpace = 4;
constexpr Space kStateSpace = 5;
constexpr Space kAgeSpace = 6;
constexpr Space kAuditSpace = 7;
constexpr Space kFirstSummed = kUserSpace;
constexpr Space kLastSpace = kAuditSpace;

class Rows {
 public:
  Rows(const VaultPorts& ports, bool aes_only);

  // not_found: there is nothing. corrupt: `words` says what isn't as it was stored.
  Status load(std::string* words);
  // In an empty database, beginning with what `meta` says of iterations, failures and clock.
  Status make(Meta meta);
  // Overwrites the keys, durably; then all the rest may take its time.
  Status destroy_keys();

  const Meta& meta() const { return meta_; }
  const Keys& keys() const { return *keys_; }
  const VaultPorts& ports() const { return ports_; }
  // False: a row wasn't what was stored, or the medium failed in a commit. Until the store is
  // opened again nothing is believed and nothing written.
  bool usable() const { return usable_; }

  // The plain value. corrupt: not what was stored there.
  Result<std::string> get(Space space, std::string_view key);
  // As stored; open it.
  Result<Row> seek(Space space, std::string_view from);
  Result<std::string> open(Space space, const Row& row);
  Result<std::string> open_with(const Key256& key, Space space, const Row& row);
  // Which root a stored value belongs to; 0: it isn't one.
  static uint32_t root_of(std::string_view value);

 private:
  friend class Change;

  static constexpr size_t kRootAt = 2;  // where a stored value names its root
  static constexpr std::string_view kKeysKey = "keys";
  static constexpr std::string_view kMetaKey = "meta";

  static Purpose purpose_of(Space space);
  std::string associated(Space space, std::string_view key, uint32_t root) const;
  Result<std::string> seal(const Keys& keys, const Key256& key, Space space, std::string_view row,
                           std::string_view plain, bool by_root) const;
  Result<std::string> unseal(const Key256* key, Space space, const Row& row, bool by_root);
  Result<Sha256Digest> term(const Keys& keys, Space space, std::string_view key,
                            std::string_view value) const;
  Status load_keys(std::string* words);
  Status load_meta(std::string* words);
  Status check_counter(std::string* words);
  Status check_sum(std::string* words);
  Status catch_up();
  bool empty();

  VaultPorts ports_;
  AeadSuite suite_;
  std::unique_ptr<Keys> keys_;
  Meta meta_;
  bool usable_ = false;
  bool counts_ = false;   // the device has a counter
  uint64_t counter_ = 0;  // what it shows
  bool behind_ = false;   // it is one behind the meta row
};

// One transaction over rows, sum and meta row. The first error stays: what follows does nothing,
// and commit() returns it. Not committed: nothing happened.
class Change {
 public:
  explicit Change(Rows& rows);
  ~Change();
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  Meta& meta() { return rows_.meta_; }
  Status status() const { return status_; }
  void fail(Status status) {
    if (status_.ok()) status_ = status;
  }
  // False, and the error kept, when there is none.
  template <class T>
  bool take(const Result<T>& result) {
    if (!result) fail(result.error());
    return result.has_value();
  }

  void put(Space space, std::string_view key, std::string_view plain);
  void put_with(const Key256& record_key, std::string_view key, std::string_view plain);
  void erase(Space space, std::string_view key);
  // The same row under the newest root.
  void reseal(Space space, const Row& row);
  // From this commit on. Before any put.
  void set_keys(Keys&& keys) { new_keys_ = std::make_unique<Keys>(std::move(keys)); }

  // `count`: and let no older store be put back from now on. Then an error may also mean that the
  // change is durable but not counted.
  Status commit(bool count = false);

 private:
  friend class Rows;

  const Keys& keys() const { return new_keys_ ? *new_keys_ : *rows_.keys_; }
  void store(Space space, std::string_view key, Result<std::string> value);
  void account(Space space, std::string_view key, std::string_view value, bool added);
  Status write_meta();

  Rows& rows_;
  Meta before_;
  std::unique_ptr<Keys> new_keys_;
  Status status_;
  bool begun_ = false;
  bool done_ = false;
  bool keys_too_ = false;
};

}  // namespace holdfast::vault
