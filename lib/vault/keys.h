// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The keys of one store. A random root, wrapped by the device key, gives by HKDF one key for each
// purpose; a second root may be there while rows are sealed anew. Beside them stands an anchor that
// never changes: it gives the key under which names and ids of users are looked up, so that a new
// root leaves each row in its place. What that key hides, names and ids, is on no paper a secret.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/ports/crypto.h"
#include "holdfast/ports/device_key.h"
#include "holdfast/ports/random.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast::vault {

// A key that is wiped when it goes.
struct WipedKey {
  Key256 bytes{};

  WipedKey() = default;
  explicit WipedKey(Key256& from) : bytes(from) { wipe(from.data(), from.size()); }
  WipedKey(const WipedKey&) = delete;
  WipedKey& operator=(const WipedKey&) = delete;
  WipedKey(WipedKey&& other) noexcept : WipedKey(other.bytes) {}
  WipedKey& operator=(WipedKey&& other) noexcept {
    bytes = other.bytes;
    if (this != &other) wipe(other.bytes.data(), other.bytes.size());
    return *this;
  }
  ~WipedKey() { wipe(bytes.data(), bytes.size()); }
};

// HKDF-SHA256 (RFC 5869), extract and expand; `size` at most 8160. The caller wipes the result.
Result<std::string> hkdf_sha256(Crypto& crypto, std::string_view secret, std::string_view salt,
                                std::string_view info, size_t size);
Result<WipedKey> hkdf_key(Crypto& crypto, const Key256& secret, std::string_view salt,
                          std::string_view info);

enum class Purpose : uint8_t { meta, record, audit, sum };
constexpr size_t kPurposes = 4;

class Keys {
 public:
  static constexpr size_t kUuid_bytes = 16;

  // Draws everything anew.
  static Result<Keys> make(Crypto& crypto, DeviceKey& device, Random& random);
  // corrupt: these bytes aren't keys, or not this device's. Another status: the device key can't be
  // used now, which says nothing about them.
  static Result<Keys> load(Crypto& crypto, DeviceKey& device, const std::string& stored);
  const std::string& stored() const { return stored_; }

  const std::string& uuid() const { return uuid_; }
  uint32_t current() const { return roots_.back().id; }
  bool rotating() const { return roots_.size() > 1; }
  // Null: there is no root of that id (any more).
  const Key256* key(uint32_t id, Purpose purpose) const;
  const Key256& index_key() const { return index_.bytes; }

  // A new root beside the newest one.
  Result<Keys> with_new_root(Crypto& crypto, DeviceKey& device, Random& random) const;
  // The newest root alone.
  Result<Keys> with_one_root(Crypto& crypto, DeviceKey& device) const;

 private:
  struct Wrapped {
    uint32_t id = 0;
    std::string bytes;
  };
  struct Root {
    uint32_t id = 0;
    std::array<WipedKey, kPurposes> keys;
  };

  static std::string encode(const std::string& uuid, const std::string& anchor,
                            const std::vector<Wrapped>& roots);
  bool decode(const std::string& stored, std::vector<Wrapped>& roots);

  std::string stored_;
  std::string uuid_;
  std::string anchor_;  // wrapped
  std::vector<Wrapped> wrapped_;
  std::vector<Root> roots_;
  WipedKey index_;
};

}  // namespace holdfast::vault
