// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// From what somebody types to the place of a row and the key that opens it: slow first, device
// last.
//
//   T = PBKDF2(secret, salt, iterations)    slow, and all that a server ever hands out
//   V = DeviceKey::hmac("ver/v1", T)        only on this device
//   HKDF(V) = index (16 bytes), record key
//
// The index isn't a fast hash under a key that could be exported: whoever has the flash and even
// the unwrapped root still needs this very device for each guess, and the slow step as well.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/types.h"
#include "vault/keys.h"
#include "vault/vault.h"

namespace holdfast::vault {

using Index = std::array<uint8_t, 16>;

constexpr size_t kFewestPinDigits = 4;
constexpr size_t kMostPinDigits = 16;
constexpr size_t kShortestSalt_bytes = 8;
constexpr size_t kLongestSalt_bytes = 64;
constexpr size_t kLongestSecret_bytes = 1024;
constexpr size_t kLongestUser_bytes = 256;

// Bounds the credential before anything is done with it, and gives its one form. Card: visible
// ASCII, upper case, without the separators that readers put in (space, colon, hyphen), 4 to 128
// characters; as a server computes it. PIN: 4 to 16 digits. Password: as it is, at most 1024 bytes.
// User name: as it is, 1 to 256 bytes of UTF-8. Upper and lower case differ, for PBKDF2 sees the
// difference and a server may: who is let in by a server under another spelling is remembered
// under that one, too. invalid_argument: nobody's credential.
Status normalise(const Credential& credential, Credential& out);

// What proves the secret on this device. Wiped when it goes.
struct Proof {
  Index index{};
  WipedKey record;
};

// V and what follows from it.
Result<Proof> prove(const VaultPorts& ports, const std::string& uuid, CredentialKind kind,
                    const Key256& derived);
// T and what follows from it.
Result<Proof> derive(const VaultPorts& ports, const std::string& uuid, CredentialKind kind,
                     const std::string& secret, const std::string& salt, uint32_t iterations);

// In a time that doesn't depend on where they differ.
bool equal(const uint8_t* a, const uint8_t* b, size_t size);

inline std::string_view bytes_of(const Index& index) {
  return {reinterpret_cast<const char*>(index.data()), index.size()};
}

}  // namespace holdfast::vault
