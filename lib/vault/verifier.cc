// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/verifier.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace holdfast::vault {
namespace {

constexpr size_t kShortestCard = 4;
constexpr size_t kLongestCard = 128;

bool is_separator(char c) { return c == ' ' || c == ':' || c == '-'; }

bool normal_card(const std::string& text, std::string& out) {
  if (text.size() > kLongestSecret_bytes) return false;
  out.reserve(text.size());  // one block, so that no copy of it is left anywhere
  for (const char c : text) {
    if (is_separator(c)) continue;
    out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out.size() >= kShortestCard && out.size() <= kLongestCard && is_visible_ascii(out);
}

bool normal_pin(const std::string& text, std::string& out) {
  if (text.size() < kFewestPinDigits || text.size() > kMostPinDigits) return false;
  out = text;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool normal_password(const std::string& text, std::string& out) {
  if (text.empty() || text.size() > kLongestSecret_bytes) return false;
  out = text;
  return true;
}

}  // namespace

Status normalise(const Credential& credential, Credential& out) {
  const std::string& text = credential.secret.reveal();
  std::string secret;
  bool good = false;
  out.kind = credential.kind;
  switch (credential.kind) {
    case CredentialKind::card:
      good = normal_card(text, secret);
      break;
    case CredentialKind::pin:
      good = normal_pin(text, secret);
      break;
    case CredentialKind::password:
      good = !credential.user.empty() && credential.user.size() <= kLongestUser_bytes &&
             is_utf8(credential.user) && normal_password(text, secret);
      if (good) out.user = credential.user;
      break;
  }
  out.secret = Secret(std::move(secret));
  return good ? Status() : Status(Code::invalid_argument);
}

Result<Proof> prove(const VaultPorts& ports, const std::string& uuid, CredentialKind kind,
                    const Key256& derived) {
  Result<Sha256Digest> bound = ports.device_key->hmac("ver/v1", derived.data(), derived.size());
  if (!bound) return failure(bound.error());
  const WipedKey v(*bound);
  const std::string name = to_string(kind);
  Result<WipedKey> index = hkdf_key(*ports.crypto, v.bytes, uuid, name + " index/v1");
  if (!index) return failure(index.error());
  Result<WipedKey> record = hkdf_key(*ports.crypto, v.bytes, uuid, name + " record/v1");
  if (!record) return failure(record.error());
  Proof proof;
  std::copy_n(index->bytes.begin(), proof.index.size(), proof.index.begin());
  proof.record = std::move(*record);
  return proof;
}

Result<Proof> derive(const VaultPorts& ports, const std::string& uuid, CredentialKind kind,
                     const std::string& secret, const std::string& salt, uint32_t iterations) {
  Result<Key256> slow = ports.crypto->pbkdf2_sha256(secret, salt, iterations);
  if (!slow) return failure(slow.error());
  const WipedKey derived(*slow);
  return prove(ports, uuid, kind, derived.bytes);
}

bool equal(const uint8_t* a, const uint8_t* b, size_t size) {
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < size; ++i) difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace holdfast::vault
