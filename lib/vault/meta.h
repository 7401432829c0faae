// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The one sealed row that says what the store holds, written with each commit: without it, or with
// an older one, nothing else counts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/offline.h"
#include "holdfast/ports/crypto.h"
#include "vault/vault.h"
#include "vault/verifier.h"

namespace holdfast::vault {

constexpr size_t kKinds = 3;  // of credentials
// Failures are counted by kind, and those of the emergency code by themselves: it begins locked,
// which must not lock anybody's password.
constexpr size_t kBreakGlassBucket = kKinds;
constexpr size_t kBuckets = kKinds + 1;
constexpr size_t kMostFamilies = 4;
constexpr size_t kMostDeadGenerations = 16;

// Salt and iterations that cards, or PINs, have in common: they are looked up by nothing else.
struct Family {
  CredentialKind kind = CredentialKind::card;
  bool own = false;  // this device's, of what is learnt
  std::string salt;
  uint32_t iterations = 0;
  uint64_t first = 0;  // generations in which it came and was last named
  uint64_t last = 0;
};

struct Tally {
  uint64_t users = 0;
  uint64_t credentials = 0;
  uint64_t ambiguous_pins = 0;                      // seen while the list was taken in
  uint64_t pins_of_any_length = 0;                  // synchronised: the device can't tell
  std::array<uint64_t, kMostPinDigits + 1> pins{};  // by digits

  void add(const Tally& other);
  void subtract(const Tally& other);  // never below 0
};

// Modulo 2^256, the least byte first.
struct Sum {
  std::array<uint8_t, 32> bytes{};

  void add(const Sha256Digest& term);
  void subtract(const Sha256Digest& term);
};

struct Meta {
  Sum sum;               // of all rows but this one and the keys'
  bool counted = false;  // the device has a counter
  uint64_t counter = 0;

  // Rows of users are visible from `floor` to `active`, but those of `dead`.
  uint64_t active = 1;
  uint64_t floor = 0;
  uint64_t pending = 0;  // generation of the list that is being taken in; 0: none
  bool pending_full = false;
  std::vector<uint64_t> dead;  // lists that were given up; until tidied
  SyncPosition position;
  SyncPosition next_position;
  int64_t confirmed_ms = 0;  // when the list last became valid, or was said to be
  Tally now;
  Tally next;
  bool untidy = false;

  uint32_t iterations = 0;  // of what is learnt here
  std::vector<Family> families;
  // The most iterations that a password may take; each attempt takes as many.
  uint32_t password_iterations = 0;
  uint32_t next_password_iterations = 0;

  std::array<core::DeviceFailures, kBuckets> failures;
  core::BreakGlassUses break_glass;
  core::ClockMemory clock;

  std::string audit_epoch;   // 16 bytes
  uint64_t audit_first = 1;  // sequence of the oldest that is held
  uint64_t audit_next = 1;
  uint64_t audit_dropped = 0;  // that nobody has taken

  bool is_dead(uint64_t generation) const;
  std::string encode() const;
  bool decode(std::string_view bytes);
};

}  // namespace holdfast::vault
