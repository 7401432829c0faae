// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every DeviceKey must do. Counts up five times where there is a counter.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "holdfast/ports/device_key.h"

namespace holdfast::conformance {

struct DeviceKeyBench {
  // The same device's key each time, as after a restart: it has nothing but what the device keeps.
  std::function<std::unique_ptr<DeviceKey>()> open;
  // Another device's key (a second board, or a software key of the same kind). Without one nothing
  // is said about a copied flash chip, and that has to be tested by hand.
  std::function<std::unique_ptr<DeviceKey>()> open_other;
};

inline Sha256Digest device_hmac(DeviceKey& key, const std::string& label, const std::string& data) {
  const auto* bytes = data.empty() ? nullptr : reinterpret_cast<const uint8_t*>(data.data());
  const Result<Sha256Digest> digest = key.hmac(label, bytes, data.size());
  REQUIRE(digest.has_value());
  return *digest;
}

inline void device_key_hmac(const DeviceKeyBench& bench) {
  const auto key = bench.open();
  const auto again = bench.open();
  REQUIRE(key);
  REQUIRE(again);
  CHECK(key->tier() == again->tier());
  CHECK(std::string(to_string(key->tier())) != "?");

  // Labels that a careless joining of label and data, or a C string, would take for one another.
  const std::string labels[] = {"",
                                "a",
                                "ab",
                                "abc",
                                "A",
                                "ver/v1",
                                "ver/v1/",
                                "ver/v2",
                                "b",
                                "wrap",
                                "wrap/v1",
                                "hmac",
                                "ver",
                                std::string("ver\0v1", 6),
                                std::string(64, 'l'),
                                std::string(63, 'l')};
  const std::string texts[] = {"",
                               "a",
                               "c",
                               "bc",
                               std::string(1, '\0'),
                               std::string(31, 'x'),
                               std::string(32, 'x'),
                               std::string(64, 'x'),
                               std::string(65, 'x'),
                               std::string(1024, 'x')};
  std::set<Sha256Digest> seen;
  size_t asked = 0;
  for (const std::string& label : labels) {
    for (const std::string& text : texts) {
      CAPTURE(label);
      CAPTURE(text.size());
      const Sha256Digest digest = device_hmac(*key, label, text);
      CHECK(device_hmac(*again, label, text) == digest);
      seen.insert(digest);
      ++asked;
    }
  }
  CHECK(seen.size() == asked);

  if (!bench.open_other) return;
  const auto other = bench.open_other();
  REQUIRE(other);
  for (const std::string& label : labels) {
    CHECK(seen.count(device_hmac(*other, label, "a")) == 0);
  }
}

// Reports what `wrapped` opens to; ok: a key.
inline Code unwrap_code(DeviceKey& key, const std::string& wrapped) {
  const Result<Key256> opened = key.unwrap(wrapped);
  return opened ? Code::ok : opened.error().code();
}

inline void device_key_wrap(const DeviceKeyBench& bench) {
  const auto key = bench.open();
  REQUIRE(key);
  Key256 secret{};
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<uint8_t>(0xc0 + i);
  const Key256 zeros{};
  const Result<std::string> wrapped = key->wrap(secret);
  const Result<std::string> wrapped_zeros = key->wrap(zeros);
  REQUIRE(wrapped.has_value());
  REQUIRE(wrapped_zeros.has_value());
  CHECK(wrapped->size() > secret.size());
  CHECK(wrapped->size() <= 1024);
  CHECK(*wrapped != *wrapped_zeros);
  for (size_t at = 0; at + 4 <= secret.size(); at += 4) {  // nothing of it shows
    const std::string part(secret.begin() + static_cast<std::ptrdiff_t>(at),
                           secret.begin() + static_cast<std::ptrdiff_t>(at) + 4);
    CHECK(wrapped->find(part) == std::string::npos);
  }
  const auto again = bench.open();
  REQUIRE(again);
  for (DeviceKey* each : {key.get(), again.get()}) {
    const Result<Key256> opened = each->unwrap(*wrapped);
    REQUIRE(opened.has_value());
    CHECK(*opened == secret);
    const Result<Key256> opened_zeros = each->unwrap(*wrapped_zeros);
    REQUIRE(opened_zeros.has_value());
    CHECK(*opened_zeros == zeros);
  }

  for (size_t at = 0; at < wrapped->size(); ++at) {
    std::string changed = *wrapped;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    CAPTURE(at);
    CHECK(unwrap_code(*key, changed) == Code::refused);
  }
  for (size_t size = 0; size < wrapped->size(); size += size < 8 ? 1 : 7) {
    CHECK(unwrap_code(*key, wrapped->substr(0, size)) == Code::refused);
  }
  CHECK(unwrap_code(*key, wrapped->substr(0, wrapped->size() - 1)) == Code::refused);
  CHECK(unwrap_code(*key, wrapped->substr(1)) == Code::refused);
  CHECK(unwrap_code(*key, *wrapped + '\0') == Code::refused);
  CHECK(unwrap_code(*key, *wrapped + *wrapped) == Code::refused);
  CHECK(unwrap_code(*key, std::string(wrapped->size(), '\0')) == Code::refused);
  CHECK(unwrap_code(*key, std::string(100000, '\xff')) == Code::refused);
  // Halves of two that belong to this device.
  const size_t half = wrapped->size() / 2;
  CHECK(unwrap_code(*key, wrapped->substr(0, half) + wrapped_zeros->substr(half)) == Code::refused);
  CHECK(unwrap_code(*key, *wrapped) == Code::ok);  // no refusal left anything behind

  if (!bench.open_other) return;
  const auto other = bench.open_other();
  REQUIRE(other);
  CHECK(unwrap_code(*other, *wrapped) == Code::refused);
  const Result<std::string> foreign = other->wrap(secret);
  REQUIRE(foreign.has_value());
  CHECK(unwrap_code(*key, *foreign) == Code::refused);
}

inline void device_key_counter(const DeviceKeyBench& bench) {
  auto key = bench.open();
  REQUIRE(key);
  const Result<uint64_t> first = key->counter();
  if (!first) {
    CHECK(first.error().code() == Code::unsupported);
    const Result<uint64_t> counted = key->count_up();
    CHECK_FALSE(counted.has_value());
    if (!counted) CHECK(counted.error().code() == Code::unsupported);
    return;
  }
  uint64_t last = *first;
  for (int i = 0; i < 5; ++i) {
    const Result<uint64_t> counted = key->count_up();
    REQUIRE(counted.has_value());
    CHECK(*counted == last + 1);
    last = *counted;
    if (i % 2 == 0) key = bench.open();
    REQUIRE(key);
    CHECK(key->counter().value_or(0) == last);
    CHECK(key->counter().value_or(0) == last);  // reading doesn't count
  }
}

inline void device_key(const DeviceKeyBench& bench) {
  device_key_hmac(bench);
  device_key_wrap(bench);
  device_key_counter(bench);
}

}  // namespace holdfast::conformance
