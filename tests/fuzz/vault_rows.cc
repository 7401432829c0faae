// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The rows of the credential cache behind their seal: what a broken seal, or another version of
// the library, could put there. The first letter says which: 'u' a user, 's' his state, 'c' a
// credential, 'e' an audit event, 'm' the meta row. Each row has one form only.
#include <algorithm>

#include "fuzz.h"
#include "vault/meta.h"
#include "vault/records.h"

using namespace holdfast;

namespace {

void check_user(std::string_view bytes) {
  vault::UserRow row;
  if (!vault::decode(bytes, row)) return;
  HOLDFAST_MUST(vault::encode(row) == bytes);
  HOLDFAST_MUST(row.credentials.size() <= vault::kMostCredentials);
  HOLDFAST_MUST(row.user.rights.size() <= vault::kMostRights);
  const vault::Tally tally = row.tally();  // must not look beyond its table
  HOLDFAST_MUST(tally.credentials <= row.credentials.size());
  for (const vault::HeldCredential& held : row.credentials) {
    HOLDFAST_MUST(held.kind <= CredentialKind::password);
    HOLDFAST_MUST(held.digits <= vault::kMostPinDigits);
    HOLDFAST_MUST(held.salt.size() <= vault::kLongestSalt_bytes);
    HOLDFAST_MUST(row.find(held.kind, held.index) != nullptr);
  }
}

void check_state(std::string_view bytes) {
  vault::UserState state;
  if (vault::decode(bytes, state)) HOLDFAST_MUST(vault::encode(state) == bytes);
}

void check_credential(std::string_view bytes) {
  CredentialKind kind = CredentialKind::card;
  std::string user_uid;
  if (!vault::decode_credential(bytes, kind, user_uid)) return;
  HOLDFAST_MUST(kind <= CredentialKind::password);
  HOLDFAST_MUST(vault::encode_credential(kind, user_uid) == bytes);
}

// But for its texts, which are made fit for a panel when they are written.
void check_event(std::string_view bytes) {
  AuditEvent event;
  if (!vault::decode(bytes, event)) return;
  HOLDFAST_MUST(event.kind <= AuditKind::dropped);
  const std::string once = vault::encode(event);
  AuditEvent again;
  HOLDFAST_MUST(vault::decode(once, again) && again.kind == event.kind);
  HOLDFAST_MUST(vault::encode(again) == once);
}

void check_meta(std::string_view bytes) {
  vault::Meta meta;
  if (!meta.decode(bytes)) return;
  HOLDFAST_MUST(meta.encode() == bytes);
  HOLDFAST_MUST(meta.floor <= meta.active && meta.audit_first <= meta.audit_next);
  HOLDFAST_MUST(meta.dead.size() <= vault::kMostDeadGenerations);
  HOLDFAST_MUST(std::all_of(meta.families.begin(), meta.families.end(), [](const auto& family) {
    return family.kind <= CredentialKind::password;
  }));
  vault::Tally tally = meta.now;
  tally.subtract(meta.next);
  HOLDFAST_MUST(tally.users <= meta.now.users);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::bytes_of(data, size);
  switch (fuzz::take_byte(rest)) {
    case 'u':
      check_user(rest);
      break;
    case 's':
      check_state(rest);
      break;
    case 'c':
      check_credential(rest);
      break;
    case 'e':
      check_event(rest);
      break;
    case 'm':
      check_meta(rest);
      break;
    default:
      break;
  }
  return 0;
}
