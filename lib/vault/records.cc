// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/records.h"

#include <algorithm>

#include "base/text.h"
#include "codec/bytes.h"

namespace holdfast::vault {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kLongestText_bytes = 256;
constexpr size_t kLongestRight_bytes = 64;
constexpr size_t kLongestWords_bytes = 512;

constexpr unsigned kListed = 1;
constexpr unsigned kDisabled = 2;
constexpr unsigned kRevoked = 4;

void write(codec::ByteWriter& out, const HeldCredential& held) {
  out.number(static_cast<uint8_t>(held.kind), 1);
  out.number(held.synchronised ? 1 : 0, 1);
  out.number(held.digits, 1);
  out.raw(bytes_of(held.index));
  out.signed_number(held.good_at_ms);
  if (held.kind != CredentialKind::password) return;
  out.text(held.salt);
  out.number(held.iterations, 4);
}

void read(codec::ByteReader& in, HeldCredential& held) {
  held.kind = static_cast<CredentialKind>(in.count(1, kKinds - 1));
  held.synchronised = in.count(1, 1) != 0;
  held.digits = static_cast<uint8_t>(in.count(1, kMostPinDigits));
  const std::string_view index = in.raw(held.index.size());
  std::copy(index.begin(), index.end(), held.index.begin());
  held.good_at_ms = in.signed_number();
  if (held.kind != CredentialKind::password) return;
  held.salt = in.text(kLongestSalt_bytes);
  held.iterations = in.number32();
}

}  // namespace

HeldCredential* UserRow::find(CredentialKind kind, const Index& index) {
  for (HeldCredential& held : credentials) {
    if (held.kind == kind && equal(held.index.data(), index.data(), index.size())) return &held;
  }
  return nullptr;
}

const HeldCredential* UserRow::password() const {
  for (const HeldCredential& held : credentials) {
    if (held.kind == CredentialKind::password) return &held;
  }
  return nullptr;
}

Tally UserRow::tally() const {
  Tally tally;
  if (revoked) return tally;
  tally.users = 1;
  tally.credentials = credentials.size();
  for (const HeldCredential& held : credentials) {
    if (held.kind != CredentialKind::pin) continue;
    ++(held.digits == 0 ? tally.pins_of_any_length : tally.pins[held.digits]);
  }
  return tally;
}

bool storable(const User& user) {
  const auto text = [](const std::string& value) {
    return value.size() <= kLongestText_bytes && is_utf8(value);
  };
  return is_id(user.user_uid) && text(user.name) && text(user.display_name) &&
         user.offline_pages >= -1 && user.offline_pages <= kMostOfflinePages &&
         user.rights.size() <= kMostRights &&
         std::all_of(user.rights.begin(), user.rights.end(), [](const std::string& right) {
           return right.size() <= kLongestRight_bytes && is_visible_ascii(right);
         });
}

std::string encode(const UserRow& row) {
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.number(
      (row.listed ? kListed : 0u) | (row.disabled ? kDisabled : 0u) | (row.revoked ? kRevoked : 0u),
      1);
  out.signed_number(row.revoked_ms);
  out.text(row.user.user_uid);
  out.text(row.user.name);
  out.text(row.user.display_name);
  out.text(row.alias);
  out.number(row.user.rights.size(), 1);
  for (const std::string& right : row.user.rights) out.text(right);
  out.signed_number(row.user.offline_pages);
  out.number(row.renewal, 4);
  out.number(row.credentials.size(), 1);
  for (const HeldCredential& held : row.credentials) write(out, held);
  return out.take();
}

bool decode(std::string_view bytes, UserRow& row) {
  codec::ByteReader in(bytes);
  in.require(in.number(1) == kFormat);
  const size_t flags = in.count(1, kListed | kDisabled | kRevoked);
  row.listed = (flags & kListed) != 0;
  row.disabled = (flags & kDisabled) != 0;
  row.revoked = (flags & kRevoked) != 0;
  row.revoked_ms = in.signed_number();
  row.user.user_uid = in.text(kMaxIdBytes);
  row.user.name = in.text(kLongestText_bytes);
  row.user.display_name = in.text(kLongestText_bytes);
  row.alias = in.text(kLongestText_bytes);
  row.user.rights.resize(in.count(1, kMostRights));
  for (std::string& right : row.user.rights) right = in.text(kLongestRight_bytes);
  row.user.offline_pages = in.signed_number();
  in.require(row.user.offline_pages >= -1 && row.user.offline_pages <= kMostOfflinePages);
  row.renewal = in.number32();
  row.credentials.resize(in.count(1, kMostCredentials));
  for (HeldCredential& held : row.credentials) read(in, held);
  return in.ok() && in.at_end();
}

std::string encode(const UserState& state) {
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.number(state.failures.count, 4);
  out.signed_number(state.failures.last_ms);
  out.number(state.day, 4);
  out.number(state.spent, 8);
  out.number(state.spent_generation, 8);
  out.number(state.spent_renewal, 4);
  return out.take();
}

bool decode(std::string_view bytes, UserState& state) {
  codec::ByteReader in(bytes);
  in.require(in.number(1) == kFormat);
  state.failures.count = in.number32();
  state.failures.last_ms = in.signed_number();
  state.day = in.number32();
  state.spent = in.number(8);
  state.spent_generation = in.number(8);
  state.spent_renewal = in.number32();
  return in.ok() && in.at_end();
}

std::string encode_credential(CredentialKind kind, const std::string& user_uid) {
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.number(static_cast<uint8_t>(kind), 1);
  out.text(user_uid);
  return out.take();
}

bool decode_credential(std::string_view bytes, CredentialKind& kind, std::string& user_uid) {
  codec::ByteReader in(bytes);
  in.require(in.number(1) == kFormat);
  kind = static_cast<CredentialKind>(in.count(1, kKinds - 1));
  user_uid = in.text(kMaxIdBytes);
  return in.ok() && in.at_end();
}

std::string encode(const AuditEvent& event) {
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.number(static_cast<uint8_t>(event.kind), 1);
  out.signed_number(event.unix_ms);
  out.text(printable(event.user_uid, kMaxIdBytes));
  out.text(printable(event.credential, kMaxIdBytes));
  out.text(printable(event.what, kLongestWords_bytes));
  return out.take();
}

bool decode(std::string_view bytes, AuditEvent& event) {
  codec::ByteReader in(bytes);
  in.require(in.number(1) == kFormat);
  event.kind = static_cast<AuditKind>(in.count(1, static_cast<size_t>(AuditKind::dropped)));
  event.unix_ms = in.signed_number();
  event.user_uid = in.text(kMaxIdBytes);
  event.credential = in.text(kMaxIdBytes);
  event.what = in.text(kLongestWords_bytes);
  return in.ok() && in.at_end();
}

std::string ordered(uint64_t number, size_t bytes) {
  std::string out(bytes, '\0');
  for (size_t i = bytes; i-- > 0; number >>= 8) out[i] = static_cast<char>(number & 0xff);
  return out;
}

uint64_t number_of(std::string_view ordered) {
  uint64_t number = 0;
  for (const char c : ordered) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

}  // namespace holdfast::vault
