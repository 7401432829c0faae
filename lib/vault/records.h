// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the sealed rows say.
//
//   space       key                       value
//   users       tag of the uid, ~generation   UserRow; the newest visible one counts
//   credentials index, tag                kind and uid, sealed by the secret (verifier.h)
//   names       tag of a name, tag        nothing: it only leads to the user
//   states      tag                       UserState
//   ages        day, tag                  nothing: who was here longest ago
//   audit       sequence                  AuditEvent
//
// Only users have generations. Their row lists all that is valid of them, so that a credential or a
// name that isn't listed in the visible row is nothing, whichever row of it is still there.
// Failures stand apart: a new list must not give attempts back. Pages spent stand there, too, with
// the generation and the renewal of the lease that they were spent of: a list renews the leases of
// all its users in the one commit that activates it, without touching their states.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/offline.h"
#include "holdfast/audit.h"
#include "holdfast/types.h"
#include "vault/meta.h"
#include "vault/verifier.h"

namespace holdfast::vault {

using Tag = std::string;  // 16 bytes
constexpr size_t kTag_bytes = 16;
constexpr size_t kMostCredentials = 32;  // of one user
constexpr size_t kMostRights = 64;
constexpr int64_t kMostOfflinePages = 1000000000;

struct HeldCredential {
  CredentialKind kind = CredentialKind::card;
  bool synchronised = false;
  uint8_t digits = 0;  // of a PIN; 0: not known
  Index index{};
  int64_t good_at_ms = 0;
  std::string salt;  // password only
  uint32_t iterations = 0;
};

struct UserRow {
  User user;
  std::string alias;    // another spelling of the name, under which home let him in
  bool listed = false;  // in a synchronised list
  bool disabled = false;
  bool revoked = false;
  int64_t revoked_ms = 0;
  uint32_t renewal = 0;  // of the lease, since this generation
  std::vector<HeldCredential> credentials;

  HeldCredential* find(CredentialKind kind, const Index& index);
  const HeldCredential* password() const;
  bool goes_by(std::string_view name) const { return user.name == name || alias == name; }
  Tally tally() const;  // of what counts towards limits
};

// Is there room for this user in a row, and is each text what it should be?
bool storable(const User& user);
std::string encode(const UserRow& row);
bool decode(std::string_view bytes, UserRow& row);

struct UserState {
  core::UserFailures failures;
  uint32_t day = 0;  // of the last use, since 1970; 0: isn't one of those who leave
  uint64_t spent = 0;
  uint64_t spent_generation = 0;
  uint32_t spent_renewal = 0;
};
std::string encode(const UserState& state);
bool decode(std::string_view bytes, UserState& state);

std::string encode_credential(CredentialKind kind, const std::string& user_uid);
bool decode_credential(std::string_view bytes, CredentialKind& kind, std::string& user_uid);

std::string encode(const AuditEvent& event);  // but the sequence, which is the key
bool decode(std::string_view bytes, AuditEvent& event);

// Big-endian, so that keys stand in the order of the numbers.
std::string ordered(uint64_t number, size_t bytes);
uint64_t number_of(std::string_view ordered);

}  // namespace holdfast::vault
