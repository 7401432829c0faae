// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/keys.h"

#include <algorithm>
#include <utility>

#include "codec/bytes.h"

namespace holdfast::vault {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kMostWrapped_bytes = 4096;
constexpr size_t kDigest_bytes = 32;
constexpr const char* kInfo[kPurposes] = {"meta/v1", "record/v1", "audit/v1", "sum/v1"};

const uint8_t* data_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

Result<std::string> new_wrapped_key(DeviceKey& device, Random& random) {
  WipedKey key;
  const Status drawn = random.fill(key.bytes.data(), key.bytes.size());
  if (!drawn.ok()) return failure(drawn);
  return device.wrap(key.bytes);
}

// What isn't this device's is damage to the caller, and no failure of the device.
Result<WipedKey> unwrap(DeviceKey& device, const std::string& wrapped) {
  Result<Key256> key = device.unwrap(wrapped);
  if (!key && key.error().code() == Code::refused) return failure(Code::corrupt);
  if (!key) return failure(key.error());
  return WipedKey(*key);
}

}  // namespace

Result<std::string> hkdf_sha256(Crypto& crypto, std::string_view secret, std::string_view salt,
                                std::string_view info, size_t size) {
  if (size > 255 * kDigest_bytes) return failure(Code::invalid_argument);
  // RFC 5869, 2.2: no salt is one of 32 zero bytes, which HMAC pads an empty key to anyway.
  Result<Sha256Digest> extracted =
      crypto.hmac_sha256(data_of(salt), salt.size(), data_of(secret), secret.size());
  if (!extracted) return failure(extracted.error());
  const WipedKey prk(*extracted);
  std::string out;
  out.reserve(size + kDigest_bytes);
  std::string block;
  block.reserve(kDigest_bytes + info.size() + 1);
  for (uint8_t n = 1; out.size() < size; ++n) {
    block += info;
    block.push_back(static_cast<char>(n));
    Result<Sha256Digest> digest =
        crypto.hmac_sha256(prk.bytes.data(), prk.bytes.size(), data_of(block), block.size());
    wipe(block);
    if (!digest) {
      wipe(out);
      return failure(digest.error());
    }
    block.assign(reinterpret_cast<const char*>(digest->data()), digest->size());
    wipe(digest->data(), digest->size());
    out += block;
  }
  wipe(block);
  wipe(&out[size], out.size() - size);
  out.resize(size);
  return out;
}

Result<WipedKey> hkdf_key(Crypto& crypto, const Key256& secret, std::string_view salt,
                          std::string_view info) {
  const std::string_view bytes(reinterpret_cast<const char*>(secret.data()), secret.size());
  Result<std::string> derived = hkdf_sha256(crypto, bytes, salt, info, secret.size());
  if (!derived) return failure(derived.error());
  WipedKey key;
  std::copy(derived->begin(), derived->end(), key.bytes.begin());
  wipe(*derived);
  return key;
}

std::string Keys::encode(const std::string& uuid, const std::string& anchor,
                         const std::vector<Wrapped>& roots) {
  codec::ByteWriter out;
  out.number(kFormat, 1);
  out.raw(uuid);
  out.text(anchor);
  out.number(roots.size(), 1);
  for (const Wrapped& root : roots) {
    out.number(root.id, 4);
    out.text(root.bytes);
  }
  return out.take();
}

bool Keys::decode(const std::string& stored, std::vector<Wrapped>& roots) {
  codec::ByteReader in(stored);
  in.require(in.number(1) == kFormat);
  uuid_ = std::string(in.raw(kUuid_bytes));
  anchor_ = in.text(kMostWrapped_bytes);
  const size_t count = in.count(1, 2);
  in.require(count >= 1);
  for (size_t i = 0; i < count; ++i) {
    Wrapped root;
    root.id = in.number32();
    root.bytes = in.text(kMostWrapped_bytes);
    in.require(roots.empty() || root.id > roots.back().id);
    roots.push_back(std::move(root));
  }
  return in.ok() && in.at_end();
}

Result<Keys> Keys::load(Crypto& crypto, DeviceKey& device, const std::string& stored) {
  Keys keys;
  if (!keys.decode(stored, keys.wrapped_)) return failure(Code::corrupt);
  keys.stored_ = stored;
  Result<WipedKey> anchor = unwrap(device, keys.anchor_);
  if (!anchor) return failure(anchor.error());
  Result<WipedKey> index = hkdf_key(crypto, anchor->bytes, keys.uuid_, "index/v1");
  if (!index) return failure(index.error());
  keys.index_ = std::move(*index);
  for (const Wrapped& wrapped : keys.wrapped_) {
    Result<WipedKey> secret = unwrap(device, wrapped.bytes);
    if (!secret) return failure(secret.error());
    Root root;
    root.id = wrapped.id;
    for (size_t i = 0; i < kPurposes; ++i) {
      Result<WipedKey> key = hkdf_key(crypto, secret->bytes, keys.uuid_, kInfo[i]);
      if (!key) return failure(key.error());
      root.keys[i] = std::move(*key);
    }
    keys.roots_.push_back(std::move(root));
  }
  return keys;
}

Result<Keys> Keys::make(Crypto& crypto, DeviceKey& device, Random& random) {
  std::string uuid(kUuid_bytes, '\0');
  const Status drawn = random.fill(reinterpret_cast<uint8_t*>(&uuid[0]), uuid.size());
  if (!drawn.ok()) return failure(drawn);
  Result<std::string> anchor = new_wrapped_key(device, random);
  if (!anchor) return failure(anchor.error());
  Result<std::string> root = new_wrapped_key(device, random);
  if (!root) return failure(root.error());
  return load(crypto, device, encode(uuid, *anchor, {{1, std::move(*root)}}));
}

const Key256* Keys::key(uint32_t id, Purpose purpose) const {
  for (const Root& root : roots_) {
    if (root.id == id) return &root.keys[static_cast<size_t>(purpose)].bytes;
  }
  return nullptr;
}

Result<Keys> Keys::with_new_root(Crypto& crypto, DeviceKey& device, Random& random) const {
  if (rotating() || current() == UINT32_MAX) return failure(Code::busy);
  Result<std::string> fresh = new_wrapped_key(device, random);
  if (!fresh) return failure(fresh.error());
  std::vector<Wrapped> roots = wrapped_;
  roots.push_back({current() + 1, std::move(*fresh)});
  return load(crypto, device, encode(uuid_, anchor_, roots));
}

Result<Keys> Keys::with_one_root(Crypto& crypto, DeviceKey& device) const {
  return load(crypto, device, encode(uuid_, anchor_, {wrapped_.back()}));
}

}  // namespace holdfast::vault
