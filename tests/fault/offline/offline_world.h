// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A client with a credential cache on a database whose power can be cut. Home is "a" of cluster-1,
// "b" is another cluster's.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "support/fake_database.h"
#include "support/fake_device_key.h"
#include "unit/client/world.h"

namespace holdfast::test {

// Remembers derivations over all worlds: a test that repeats a login a hundred times stays quick.
class RememberingCrypto final : public Crypto {
 public:
  RememberingCrypto() : real_(*mbedtls_crypto()) {}

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
    static std::map<std::tuple<std::string, std::string, uint32_t>, Key256> known;
    const auto key = std::make_tuple(secret, salt, n);
    const auto found = known.find(key);
    if (found != known.end()) return found->second;
    Result<Key256> derived = real_->pbkdf2_sha256(secret, salt, n);
    if (derived) known[key] = *derived;
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
};

struct OfflineWorld : World {
  std::unique_ptr<FakeDatabase> database = std::make_unique<FakeDatabase>();
  FakeDeviceKey key{1, KeyTier::secure_element};

  OfflineWorld() {
    crypto = std::make_unique<RememberingCrypto>();
    device_key = &key;
    config.offline.cache = CacheMode::automatic;
    config.offline.kdf_iterations = 10000;
    config.offline.pin_guess_permille = 1000;
  }

  void begin() {
    credentials = database.get();
    start();
    REQUIRE(client != nullptr);
  }
  // Power off and on; the medium keeps what was durable.
  void restart() {
    stop();
    executor.forget();
    database = database->reopened();
    begin();
  }

  void lose_servers() {
    a.refuses = b.refuses = true;
    until([&] { return client->snapshot().route.kind == RouteKind::none; }, seconds(120));
  }
  void find_servers() {
    a.refuses = b.refuses = false;
    until([&] { return client->snapshot().route.kind == RouteKind::server; }, seconds(900));
  }

  LoginResult enter(CredentialKind kind, const std::string& secret, const std::string& user = "") {
    Credential credential;
    credential.kind = kind;
    credential.user = user;
    credential.secret = Secret(std::string(secret));
    const size_t before = told.logins.size();
    if (!client->login(std::move(credential), now)) return {};
    until([&] { return told.logins.size() > before; });
    LoginResult result = told.logins.size() > before ? told.logins.back() : LoginResult{};
    if (result.session != SessionId::none) (void)client->logout(result.session, now);
    return result;
  }
  bool enters(const std::string& card) {
    return enter(CredentialKind::card, card).verdict == Verdict::granted;
  }
  size_t audited(AuditKind kind) const {
    return static_cast<size_t>(
        std::count_if(told.audit.begin(), told.audit.end(),
                      [&](const AuditEvent& event) { return event.kind == kind; }));
  }

  // ---- lists of users
  void synchronise(UserSync sync = UserSync::all) {
    config.offline.sync = sync;
    for (ServerConfig& server : config.servers) {
      server.tls.client_certificate_file = "device.pem";
      server.tls.client_key_file = "device.key";
    }
  }
  std::string verifier(const std::string& kind, const std::string& secret) {
    const std::string salt = "tenant's salt 16";
    const auto derived = crypto->pbkdf2_sha256(secret, salt, 10000);
    return R"({"kind":")" + kind + R"(","salt":")" +
           hex_encode(reinterpret_cast<const uint8_t*>(salt.data()), salt.size()) +
           R"(","iterations":10000,"verifier":")" + hex_encode(derived->data(), derived->size()) +
           "\"}";
  }
  std::string put(const std::string& uid, const std::vector<std::string>& verifiers) {
    std::string all;
    for (const std::string& one : verifiers) all += (all.empty() ? "" : ",") + one;
    return R"({"op":"put","user_uid":")" + uid + R"(","name":")" + uid +
           R"(","display_name":"D","rights":["print"],"disabled":false,"verifiers":[)" + all +
           "]}\n";
  }
  std::string put_card(const std::string& uid, const std::string& card) {
    return put(uid, {verifier("card", card)});
  }
  static std::string removal(const std::string& uid) {
    return "{\"op\":\"delete\",\"user_uid\":\"" + uid + "\"}\n";
  }
  // What home offers from now on: one chunk for each text.
  void offer(uint64_t version, uint64_t base, const std::vector<std::string>& chunks,
             const std::string& more = "") {
    std::string list;
    for (size_t i = 0; i < chunks.size(); ++i) {
      const std::string id = "v" + std::to_string(version) + "-" + std::to_string(i);
      a.chunks[id] = chunks[i];
      list += (i == 0 ? "" : ",") + (R"({"id":")" + id + R"(","sha256":")") +
              sha256_hex(chunks[i]) + R"(","bytes":)" + std::to_string(chunks[i].size()) +
              R"(,"entries":)" +
              std::to_string(std::count(chunks[i].begin(), chunks[i].end(), '\n')) + "}";
    }
    a.users_version = version;
    a.users_manifest = R"({"version":)" + std::to_string(version) + R"(,"base_version":)" +
                       std::to_string(base) + R"(,"full":)" + (base == 0 ? "true" : "false") +
                       R"(,"chunks":[)" + list + "]" + more + "}";
  }
  uint64_t synchronised() const { return client->snapshot().offline.users_version; }
  bool reaches(uint64_t version, Duration limit = seconds(60)) {
    until([&] { return synchronised() == version; }, limit);
    return synchronised() == version;
  }
};

}  // namespace holdfast::test
