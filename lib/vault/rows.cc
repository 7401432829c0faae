// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/rows.h"

#include <algorithm>
#include <utility>

#include "codec/bytes.h"
#include "core/mutants.h"

namespace holdfast::vault {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kHeader_bytes = 1 + 1 + 4 + kAeadNonce_bytes;
// In the place of the keys, between their end and that of the rest.
constexpr std::string_view kWiped = "wiped";

}  // namespace

Rows::Rows(const VaultPorts& ports, bool aes_only)
    : ports_(ports), suite_(aes_only ? AeadSuite::aes_256_gcm : ports.crypto->preferred_suite()) {}

// ---- one row

Purpose Rows::purpose_of(Space space) {
  if (space == kMetaSpace) return Purpose::meta;
  return space == kAuditSpace ? Purpose::audit : Purpose::record;
}

uint32_t Rows::root_of(std::string_view value) {
  if (value.size() < kHeader_bytes + kAeadTag_bytes) return 0;
  codec::ByteReader in(value.substr(kRootAt));
  return in.number32();
}

// `root` 0: not bound to one, the credentials' case. The meta row is bound to the very bytes of the
// keys' row: that row has no seal of its own.
std::string Rows::associated(Space space, std::string_view key, uint32_t root) const {
  codec::ByteWriter out;
  out.text("holdfast vault row");
  out.number(kFormat, 1);
  out.raw(keys_->uuid());
  out.number(space, 1);
  out.number(root, 4);
  out.text(key);
  return out.take();
}

Result<std::string> Rows::seal(const Keys& keys, const Key256& key, Space space,
                               std::string_view row, std::string_view plain, bool by_root) const {
  AeadNonce nonce;
  const Status drawn = ports_.random->fill(nonce.data(), nonce.size());
  if (!drawn.ok()) return failure(drawn);
  std::string bound = associated(space, row, by_root ? keys.current() : 0);
  if (space == kMetaSpace) bound += keys.stored();
  Result<std::string> sealed = ports_.crypto->seal(suite_, key, nonce, bound, std::string(plain));
  if (!sealed) return failure(sealed.error());
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.number(static_cast<uint8_t>(suite_), 1);
  out.number(keys.current(), 4);
  out.raw({reinterpret_cast<const char*>(nonce.data()), nonce.size()});
  out.raw(*sealed);
  return out.take();
}

Result<std::string> Rows::unseal(const Key256* key, Space space, const Row& row, bool by_root) {
  const uint32_t root = root_of(row.value);
  codec::ByteReader in(row.value);
  const auto format = static_cast<uint8_t>(in.number(1));
  const auto suite = static_cast<uint8_t>(in.number(1));
  const bool known = suite == static_cast<uint8_t>(AeadSuite::chacha20_poly1305) ||
                     suite == static_cast<uint8_t>(AeadSuite::aes_256_gcm);
  if (root == 0 || key == nullptr || format != kFormat || !known) {
    usable_ = false;
    return failure(Code::corrupt);
  }
  AeadNonce nonce;
  const std::string_view value = row.value;
  const std::string_view drawn = value.substr(kHeader_bytes - nonce.size(), nonce.size());
  std::copy(drawn.begin(), drawn.end(), nonce.begin());
  std::string bound = associated(space, row.key, by_root ? root : 0);
  if (space == kMetaSpace) bound += keys_->stored();
  Result<std::string> plain = ports_.crypto->open(static_cast<AeadSuite>(suite), *key, nonce, bound,
                                                  std::string(value.substr(kHeader_bytes)));
  if (plain || plain.error().code() != Code::refused) return plain;
  usable_ = false;
  return failure(Code::corrupt);
}

Result<std::string> Rows::open(Space space, const Row& row) {
  return unseal(keys_->key(root_of(row.value), purpose_of(space)), space, row, true);
}

Result<std::string> Rows::open_with(const Key256& key, Space space, const Row& row) {
  return unseal(&key, space, row, false);
}

Result<std::string> Rows::get(Space space, std::string_view key) {
  Result<std::string> value = ports_.database->get(space, key);
  if (!value) return value;
  return open(space, {std::string(key), std::move(*value)});
}

Result<Row> Rows::seek(Space space, std::string_view from) {
  return ports_.database->seek(space, from);
}

Result<Sha256Digest> Rows::term(const Keys& keys, Space space, std::string_view key,
                                std::string_view value) const {
  const Key256* sum_key = keys.key(root_of(value), Purpose::sum);
  if (sum_key == nullptr) return failure(Code::corrupt);
  codec::ByteWriter text;
  text.number(space, 1);
  text.text(key);
  text.raw(value);
  return ports_.crypto->hmac_sha256(sum_key->data(), sum_key->size(),
                                    reinterpret_cast<const uint8_t*>(text.bytes().data()),
                                    text.bytes().size());
}

// ---- the whole store

bool Rows::empty() {
  for (Space space = kMetaSpace; space <= kLastSpace; ++space) {
    const Result<Row> row = ports_.database->seek(space, {});
    if (row || row.error().code() != Code::not_found) return false;
  }
  return true;
}

Status Rows::load(std::string* words) {
  usable_ = false;
  Status status = load_keys(words);
  if (status.ok()) status = load_meta(words);
  if (status.ok()) status = check_counter(words);
  if (status.ok()) status = check_sum(words);
  if (!status.ok()) return status;
  usable_ = true;
  if (!counts_) return {};
  // From here on what was there before this start is an older copy.
  Change change(*this);
  status = change.commit(true);
  if (status.code() == Code::corrupt) *words = "the database is damaged";
  return status;
}

Status Rows::load_keys(std::string* words) {
  Result<std::string> stored = ports_.database->get(kMetaSpace, kKeysKey);
  if (!stored && stored.error().code() == Code::not_found) {
    if (empty()) return Code::not_found;
    *words = "the keys are missing";
    return Code::corrupt;
  }
  if (!stored) {
    *words = "the database is damaged";
    return stored.error();
  }
  if (*stored == kWiped) {
    const Status cleared = ports_.database->clear();
    return cleared.ok() ? Status(Code::not_found) : cleared;
  }
  Result<Keys> keys = Keys::load(*ports_.crypto, *ports_.device_key, *stored);
  if (!keys) {
    *words = "the keys are another device's, or were changed";
    return keys.error();
  }
  keys_ = std::make_unique<Keys>(std::move(*keys));
  return {};
}

Status Rows::load_meta(std::string* words) {
  *words = "the sum of all rows is missing or was changed";
  Result<std::string> plain = get(kMetaSpace, kMetaKey);
  if (!plain) return plain.error().code() == Code::not_found ? Code::corrupt : plain.error();
  Meta meta;
  if (!meta.decode(*plain)) return Code::corrupt;
  meta_ = std::move(meta);
  words->clear();
  return {};
}

Status Rows::check_counter(std::string* words) {
  const Result<uint64_t> shown = ports_.device_key->counter();
  const bool has = shown.has_value();
  if (!has && shown.error().code() != Code::unsupported) return shown.error();
  counts_ = has;
  if (!has && !meta_.counted) return {};
  *words = "the device's counter is gone";
  if (!has) return Code::corrupt;
  // A store from before the device had a counter can't be told from a copy.
  *words = "an older copy was put back";
  const bool older = meta_.counter < *shown;
  if (older && core::mutant(core::Mutant::older_store)) meta_.counter = *shown;
  if (!meta_.counted || meta_.counter < *shown) return Code::corrupt;
  *words = "the device's counter was set back";
  if (meta_.counter - *shown > 1) return Code::corrupt;
  counter_ = *shown;
  behind_ = meta_.counter != counter_;
  words->clear();
  return {};
}

Status Rows::check_sum(std::string* words) {
  Sum total;
  for (Space space = kFirstSummed; space <= kLastSpace; ++space) {
    std::string from;
    for (;;) {
      Result<Row> row = ports_.database->seek(space, from);
      if (!row && row.error().code() == Code::not_found) break;
      if (!row) {
        *words = "the database is damaged";
        return row.error();
      }
      const Result<Sha256Digest> one = term(*keys_, space, row->key, row->value);
      if (!one) {
        *words = "a row isn't one";
        return one.error();
      }
      total.add(*one);
      from = std::move(row->key);
      from.push_back('\0');
    }
  }
  if (core::mutant(core::Mutant::sum_ignored)) meta_.sum.bytes = total.bytes;
  if (total.bytes == meta_.sum.bytes) return {};
  *words = "a row was changed, removed, added or put back";
  return Code::corrupt;
}

Status Rows::make(Meta meta) {
  Result<Keys> keys = Keys::make(*ports_.crypto, *ports_.device_key, *ports_.random);
  if (!keys) return keys.error();
  const Result<uint64_t> shown = ports_.device_key->counter();
  if (!shown && shown.error().code() != Code::unsupported) return shown.error();
  counts_ = shown.has_value();
  counter_ = shown.value_or(0);
  behind_ = false;
  keys_ = std::make_unique<Keys>(*std::move(keys));

  meta.counted = counts_;
  meta.password_iterations = meta.iterations;
  meta.audit_epoch.assign(16, '\0');
  std::string salts(2 * 16, '\0');
  Status drawn = ports_.random->fill(reinterpret_cast<uint8_t*>(&meta.audit_epoch[0]), 16);
  if (drawn.ok()) {
    drawn = ports_.random->fill(reinterpret_cast<uint8_t*>(&salts[0]), salts.size());
  }
  if (!drawn.ok()) return drawn;
  for (const CredentialKind kind : {CredentialKind::card, CredentialKind::pin}) {
    Family own;
    own.kind = kind;
    own.own = true;
    own.salt = salts.substr(16 * static_cast<size_t>(kind), 16);
    own.iterations = meta.iterations;
    meta.families.push_back(own);
  }
  meta_ = std::move(meta);
  usable_ = true;
  Change change(*this);
  change.keys_too_ = true;
  return change.commit(true);
}

Status Rows::destroy_keys() {
  usable_ = false;
  Transaction transaction(*ports_.database);
  Status status = transaction.begun();
  if (status.ok()) status = ports_.database->put(kMetaSpace, kKeysKey, kWiped);
  if (status.ok()) status = transaction.commit();
  return status;
}

Status Rows::catch_up() {
  if (!behind_) return {};
  // A count that failed may have been made.
  const Result<uint64_t> before = ports_.device_key->counter();
  if (!before) return before.error();
  if (*before > counter_) {
    counter_ = *before;
    behind_ = false;
    return {};
  }
  const Result<uint64_t> shown = ports_.device_key->count_up();
  if (!shown) return shown.error();
  counter_ = *shown;
  behind_ = false;
  return {};
}

}  // namespace holdfast::vault
