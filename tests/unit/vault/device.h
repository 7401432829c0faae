// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A device with a vault: its key, its database, and real cryptography whose work is counted.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/offline.h"
#include "holdfast/adapters/mbedtls_crypto.h"
#include "support/fake_database.h"
#include "support/fake_device_key.h"
#include "support/fake_random.h"
#include "vault/vault.h"

namespace holdfast::test {

using core::OfflineRefusal;
using vault::OfflineLogin;
using vault::SyncPosition;
using vault::Vault;

constexpr int64_t kNow = 1800000000000;
constexpr int64_t kMinute = 60000;
constexpr int64_t kHour = 3600000;
constexpr int64_t kDay = 24 * kHour;
constexpr uint32_t kLocalIterations = 3;
constexpr uint32_t kServerIterations = 10000;

// Remembers derivations, so that tests that repeat a login a thousand times stay quick; counts them
// all the same.
class CountingCrypto final : public Crypto {
 public:
  CountingCrypto() : real_(*mbedtls_crypto()) {}

  uint64_t iterations = 0;
  int derivations = 0;
  Status fails;  // of derivations

  Result<std::unique_ptr<Sha256>> sha256() override { return real_->sha256(); }
  Status verify_p256(const std::string& key, const std::string& message,
                     const std::string& signature) override {
    return real_->verify_p256(key, message, signature);
  }
  Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                   size_t size) override {
    return real_->hmac_sha256(key, key_size, data, size);
  }
  Result<Key256> pbkdf2_sha256(const std::string& secret, const std::string& salt,
                               uint32_t n) override {
    ++derivations;
    iterations += n;
    if (!fails.ok()) return failure(fails);
    const auto key = std::make_tuple(secret, salt, n);
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    Result<Key256> derived = real_->pbkdf2_sha256(secret, salt, n);
    if (derived) known_[key] = *derived;
    return derived;
  }
  AeadSuite preferred_suite() const override { return real_->preferred_suite(); }
  Result<std::string> seal(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& plain) override {
    return real_->seal(suite, key, nonce, associated, plain);
  }
  Result<std::string> open(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& sealed) override {
    return real_->open(suite, key, nonce, associated, sealed);
  }

 private:
  std::unique_ptr<Crypto> real_;
  std::map<std::tuple<std::string, std::string, uint32_t>, Key256> known_;
};

inline Credential credential(CredentialKind kind, const std::string& secret,
                             const std::string& user = "") {
  Credential out;
  out.kind = kind;
  out.user = user;
  out.secret = Secret(std::string(secret));
  return out;
}
inline Credential card(const std::string& number) {
  return credential(CredentialKind::card, number);
}
inline Credential pin(const std::string& digits) { return credential(CredentialKind::pin, digits); }
inline Credential password(const std::string& user, const std::string& secret) {
  return credential(CredentialKind::password, secret, user);
}

// "u-alice", alice, who may print and in colour.
inline User user(const std::string& name) {
  return {"u-" + name, name, "The user " + name, {"print", "color"}};
}

inline OfflinePolicy test_policy() {
  OfflinePolicy policy;
  policy.cache = CacheMode::flash;
  policy.sync = UserSync::all;
  policy.pin_guess_permille = 1000;
  return policy;
}

struct Device {
  // The device whose flash and counter `other` has: after a restart, say.
  static std::unique_ptr<Device> after(Device& other) {
    auto next = std::make_unique<Device>(other.crypto);
    next->policy = other.policy;
    next->key.count = other.key.count;
    next->key.has_counter = other.key.has_counter;
    other.vault.reset();
    next->database = other.database->reopened();
    return next;
  }

  Device() : Device(std::make_shared<CountingCrypto>()) {}
  explicit Device(std::shared_ptr<CountingCrypto> with)
      : crypto(std::move(with)), random(++seeds()) {}

  std::shared_ptr<CountingCrypto> crypto;
  FakeDeviceKey key;
  FakeRandom random;
  OfflinePolicy policy = test_policy();
  std::unique_ptr<FakeDatabase> database = std::make_unique<FakeDatabase>();
  std::string words;
  std::unique_ptr<Vault> vault;
  int64_t now = kNow;
  int64_t contact = kNow - kMinute;

  vault::VaultPorts ports() { return {database.get(), crypto.get(), &key, &random}; }
  core::CacheScope scope() { return core::scope_of(policy, 1, true); }

  Status open() {
    vault.reset();
    auto opened = Vault::open(ports(), policy, scope(), kLocalIterations, now, &words);
    if (!opened) return opened.error();
    vault = std::move(*opened);
    return {};
  }
  // Power off and on.
  Status restart() {
    vault.reset();
    database = database->reopened();
    return open();
  }

  OfflineLogin login(Credential who) { return vault->login(who, contact, now); }
  OfflineRefusal refusal(Credential who) { return login(std::move(who)).refusal; }
  bool granted(Credential who) { return refusal(std::move(who)) == OfflineRefusal::none; }
  Status learn(Credential who, const User& of) { return vault->learn(who, of, now); }
  Status unlearn(Credential who, const std::string& why) { return vault->unlearn(who, why, now); }
  size_t events(AuditKind kind) {
    size_t n = 0;
    for (const AuditEvent& event : vault->audit(0, 10000)) n += event.kind == kind ? 1u : 0u;
    return n;
  }

  // ---- what a server hands out
  Verifier verifier(CredentialKind kind, const std::string& secret,
                    const std::string& salt = "tenant-salt", uint32_t n = kServerIterations) {
    return {kind, salt, n, *crypto->pbkdf2_sha256(secret, salt, n)};
  }
  UserChange put(const std::string& name, std::vector<Verifier> verifiers) {
    return {false, user(name), false, std::move(verifiers)};
  }
  static UserChange removal(const std::string& name) {
    UserChange change;
    change.removed = true;
    change.user.user_uid = "u-" + name;
    return change;
  }
  Status sync(bool full, uint64_t version, const std::vector<UserChange>& changes) {
    Status status = vault->begin(full, {version, "incarnation-1"});
    if (status.ok()) status = vault->change(changes, now);
    return status.ok() ? vault->activate(now) : status;
  }
  Status tidy_all() {
    for (int i = 0; i < 1000; ++i) {
      const Result<bool> more = vault->tidy();
      if (!more) return more.error();
      if (!*more) return {};
    }
    return Code::timed_out;
  }

 private:
  static uint64_t& seeds() {
    static uint64_t seed = 0;
    return seed;
  }
};

}  // namespace holdfast::test
