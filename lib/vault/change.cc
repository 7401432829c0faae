// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "codec/bytes.h"
#include "vault/rows.h"

namespace holdfast::vault {

Change::Change(Rows& rows) : rows_(rows), before_(rows.meta_) {
  if (!rows.usable_) {
    status_ = Code::corrupt;
    return;
  }
  status_ = rows.ports_.database->begin();
  begun_ = status_.ok();
}

Change::~Change() {
  if (done_) return;
  if (begun_) rows_.ports_.database->rollback();
  rows_.meta_ = std::move(before_);
}

void Change::account(Space space, std::string_view key, std::string_view value, bool added) {
  const Result<Sha256Digest> term = rows_.term(keys(), space, key, value);
  if (!take(term)) {
    if (status_.code() == Code::corrupt) rows_.usable_ = false;
    return;
  }
  added ? meta().sum.add(*term) : meta().sum.subtract(*term);
}

void Change::store(Space space, std::string_view key, Result<std::string> value) {
  if (!status_.ok() || !take(value)) return;
  const Result<std::string> old = rows_.ports_.database->get(space, key);
  if (old) {
    account(space, key, *old, false);
  } else if (old.error().code() != Code::not_found) {
    return fail(old.error());
  }
  account(space, key, *value, true);
  if (status_.ok()) fail(rows_.ports_.database->put(space, key, *value));
}

void Change::put(Space space, std::string_view key, std::string_view plain) {
  if (!status_.ok()) return;
  const Key256* seal_key = keys().key(keys().current(), Rows::purpose_of(space));
  store(space, key, rows_.seal(keys(), *seal_key, space, key, plain, true));
}

void Change::put_with(const Key256& record_key, std::string_view key, std::string_view plain) {
  if (!status_.ok()) return;
  store(kCredentialSpace, key, rows_.seal(keys(), record_key, kCredentialSpace, key, plain, false));
}

void Change::erase(Space space, std::string_view key) {
  if (!status_.ok()) return;
  const Result<std::string> old = rows_.ports_.database->get(space, key);
  if (!old) {
    if (old.error().code() != Code::not_found) fail(old.error());
    return;
  }
  account(space, key, *old, false);
  if (status_.ok()) fail(rows_.ports_.database->erase(space, key));
}

void Change::reseal(Space space, const Row& row) {
  if (!status_.ok()) return;
  if (space != kCredentialSpace) {
    const Result<std::string> plain = rows_.open(space, row);
    if (take(plain)) put(space, row.key, *plain);
    return;
  }
  codec::ByteWriter root;
  root.number(keys().current(), 4);
  std::string value = row.value;
  value.replace(Rows::kRootAt, 4, root.bytes());
  store(space, row.key, std::move(value));
}

Status Change::write_meta() {
  Database& database = *rows_.ports_.database;
  const Key256* key = keys().key(keys().current(), Purpose::meta);
  const Result<std::string> sealed =
      rows_.seal(keys(), *key, kMetaSpace, Rows::kMetaKey, meta().encode(), true);
  if (!sealed) return sealed.error();
  Status status;
  if (new_keys_ || keys_too_) status = database.put(kMetaSpace, Rows::kKeysKey, keys().stored());
  if (status.ok()) status = database.put(kMetaSpace, Rows::kMetaKey, *sealed);
  return status;
}

Status Change::commit(bool count) {
  if (!status_.ok()) return status_;
  count = count && rows_.counts_;
  if (count) fail(rows_.catch_up());
  if (!status_.ok()) return status_;
  meta().counter = rows_.counter_ + (count || rows_.behind_ ? 1 : 0);
  fail(write_meta());
  if (!status_.ok()) return status_;
  begun_ = false;
  status_ = rows_.ports_.database->commit();
  if (!status_.ok()) {
    // Whether it is durable is known only when the store is opened again.
    if (status_.code() == Code::io_error) rows_.usable_ = false;
    return status_;
  }
  done_ = true;
  if (new_keys_) rows_.keys_ = std::move(new_keys_);
  if (!count) return {};
  rows_.behind_ = true;
  status_ = rows_.catch_up();
  return status_;
}

}  // namespace holdfast::vault
