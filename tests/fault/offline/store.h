// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The cache on real SQLite files that come and go. ann was learnt, bob and eve came by list.
#pragma once

#include <filesystem>

#include "core/offline.h"
#include "fault/offline/offline_world.h"
#include "holdfast/adapters/sqlite_database.h"
#include "support/temporary_directory.h"
#include "vault/vault.h"

namespace holdfast::test {

constexpr int64_t kNow = 1800000000000;
constexpr uint32_t kIterations = 10000;

struct Files {
  std::string db, wal;
};

inline Credential card(const std::string& number) {
  Credential credential;
  credential.secret = Secret(std::string(number));
  return credential;
}

// One device's key, clock and cryptography; the files come and go.
class Store {
 public:
  Store() {
    policy.cache = CacheMode::flash;
    policy.sync = UserSync::all;
    policy.max_audit = 100;
  }

  const TemporaryDirectory directory;
  const std::string path = directory / "cred.db";
  RememberingCrypto crypto;
  FakeDeviceKey key{1, KeyTier::secure_element};
  FakeRandom random{7};
  OfflinePolicy policy;
  uint64_t max_bytes = 0;
  bool check_on_open = true;

  std::unique_ptr<Database> database;
  std::unique_ptr<vault::Vault> vault;
  std::string words;

  void close() {
    vault.reset();
    database.reset();
  }
  Status open_database() {
    close();
    SqliteOptions options;
    options.path = path;
    options.max_bytes = max_bytes;
    options.check_on_open = check_on_open;
    auto opened = sqlite_database(options);
    if (!opened) return opened.error();
    database = std::move(*opened);
    return {};
  }
  Status open() {
    const Status status = open_database();
    if (!status.ok()) return status;
    auto opened = vault::Vault::open({database.get(), &crypto, &key, &random}, policy,
                                     core::scope_of(policy, 3, true), kIterations, kNow, &words);
    if (!opened) return opened.error();
    vault = std::move(*opened);
    return {};
  }
  // What a host does with a database that is refused.
  Status open_or_set_aside() {
    Status status = open();
    if (status.ok() || status.code() != Code::corrupt) return status;
    close();
    REQUIRE(sqlite_set_aside(path).ok());
    return open();
  }

  // The files of a database in use, as a thief finds them.
  Files files() const {
    return {read_file(path), file_exists(path + "-wal") ? read_file(path + "-wal") : ""};
  }
  void put_back(const Files& files) {
    close();
    for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
      std::filesystem::remove(entry.path());
    write_file(path, files.db);
    if (!files.wal.empty()) write_file(path + "-wal", files.wal);
  }

  std::string who(const std::string& number) {
    Credential credential = card(number);
    const vault::OfflineLogin login = vault->login(credential, kNow, kNow);
    return login.refusal == core::OfflineRefusal::none ? login.user.user_uid : "";
  }
  core::OfflineRefusal why(const std::string& number) {
    Credential credential = card(number);
    return vault->login(credential, kNow, kNow).refusal;
  }
  Verifier verifier(const std::string& number) {
    return {CredentialKind::card, "tenant-salt", kIterations,
            *crypto.pbkdf2_sha256(number, "tenant-salt", kIterations)};
  }
  UserChange put(const std::string& name, const std::string& number) {
    return {false, {"u-" + name, name, name, {"print"}}, false, {verifier(number)}};
  }
  void list(bool full, uint64_t version, const std::vector<UserChange>& changes) {
    REQUIRE(vault->begin(full, {version, "inc"}).ok());
    REQUIRE(vault->change(changes, kNow).ok());
    REQUIRE(vault->activate(kNow).ok());
  }
  size_t events(AuditKind kind) {
    size_t n = 0;
    for (const AuditEvent& event : vault->audit(0, 1000)) n += event.kind == kind ? 1u : 0u;
    return n;
  }

  Files before;  // eve's removal
  void fill() {
    REQUIRE(open().ok());
    Credential ann = card("1234");
    list(true, 5, {put("bob", "AA11"), put("eve", "BB22")});
    REQUIRE(vault->learn(ann, {"u-ann", "ann", "Ann", {"print"}}, kNow).ok());
    while (*vault->tidy()) {
    }
    close();
    before = files();
    REQUIRE(open().ok());
  }
  void remove_eve() {
    UserChange gone;
    gone.removed = true;
    gone.user.user_uid = "u-eve";
    list(false, 6, {gone});
  }
};

}  // namespace holdfast::test
