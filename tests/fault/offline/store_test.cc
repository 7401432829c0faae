// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// cred.db in the hands of somebody who can read and write the flash. That eve was removed is the
// last thing that happened.
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>

#include "fault/offline/store.h"
#include "holdfast/adapters/posix.h"

// Nothing of this needs a disk that is in step.
extern "C" int fsync(int) { return 0; }
extern "C" int fdatasync(int) { return 0; }

namespace holdfast::test {
namespace {

// Nobody gets in who may not, and who does is who he is. True when the cache knows somebody.
bool sound(Store& store) {
  const std::string ann = store.who("1234");
  const std::string bob = store.who("AA11");
  CHECK((ann.empty() || ann == "u-ann"));
  CHECK((bob.empty() || bob == "u-bob"));
  CHECK(store.who("BB22").empty());
  CHECK(store.who("9999").empty());
  return !(ann + bob).empty();
}

struct Tally {
  size_t tried = 0, refused = 0, cleared = 0, known = 0;
};

Tally flip(Store& store, const Files& files, bool in_log, size_t stride, unsigned char mask) {
  const std::string& original = in_log ? files.wal : files.db;
  const uint64_t count = store.key.count;
  Tally tally;
  for (size_t at = 0; at < original.size(); at += stride, ++tally.tried) {
    CAPTURE(at);
    Files bad = files;
    std::string& bytes = in_log ? bad.wal : bad.db;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ mask);
    store.put_back(bad);
    store.key.count = count;
    const Status status = store.open();
    if (!status.ok()) {
      CHECK((status.code() == Code::corrupt || status.code() == Code::unsupported));
      ++tally.refused;
      continue;
    }
    if (store.events(AuditKind::cache_damaged) > 0) {
      ++tally.cleared;
      CHECK_FALSE(store.words.empty());
      REQUIRE(store.vault->counts().users == 0);
      continue;
    }
    // The four logins take most of the time: for most bytes, only who was removed tries.
    const bool known = at % 64 == 0 ? sound(store) : store.vault->counts().users == 2;
    if (at % 64 != 0) CHECK(store.who("BB22").empty());
    tally.known += known ? 1u : 0u;
  }
  store.key.count = count;
  return tally;
}

}  // namespace

TEST_CASE("each byte of the file and of its log changed: refused, cleared, or of no meaning") {
  Store store;
  store.fill();
  store.remove_eve();
  const Files files = store.files();
  REQUIRE_FALSE(files.wal.empty());
  const Tally db = flip(store, files, false, 1, 0x01);
  CHECK(db.tried == files.db.size());
  CHECK(db.refused > 100);
  // Most of what is in the file now is in the log as well; what isn't is cleared or means nothing.
  CHECK(db.known + db.refused + db.cleared >= db.tried);
  const Tally wal = flip(store, files, true, 3, 0x80);
  // A log with a wrong sum ends there: an older state, which the counter tells.
  CHECK(wal.cleared > wal.tried / 4);
  CHECK(wal.refused == 0);
  MESSAGE("file: ", db.tried, " refused ", db.refused, " cleared ", db.cleared, " known ",
          db.known);
  MESSAGE("log: ", wal.tried, " refused ", wal.refused, " cleared ", wal.cleared, " known ",
          wal.known);
}

TEST_CASE("each byte of the file alone, without SQLite's own check: the sum notices") {
  Store store;
  store.fill();
  store.remove_eve();
  store.close();  // everything is in the file now
  store.check_on_open = false;
  const Tally tally = flip(store, store.files(), false, 1, 0xff);
  CHECK(tally.cleared > 100);
  CHECK(tally.refused > 50);
  MESSAGE("file: ", tally.tried, " refused ", tally.refused, " cleared ", tally.cleared, " known ",
          tally.known);
}

namespace {

std::vector<std::pair<int, std::string>> keys_of(sqlite3* handle) {
  std::vector<std::pair<int, std::string>> keys;
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(handle, "SELECT space, hex(key) FROM entries", -1, &statement,
                             nullptr) == SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW)
    keys.emplace_back(sqlite3_column_int(statement, 0),
                      reinterpret_cast<const char*>(sqlite3_column_text(statement, 1)));
  sqlite3_finalize(statement);
  return keys;
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  char* problem = nullptr;
  const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &problem);
  CHECK_MESSAGE(code == SQLITE_OK, sql, ": ", std::string(problem == nullptr ? "" : problem));
  sqlite3_free(problem);
  sqlite3_close(handle);
}

std::string row(const std::pair<int, std::string>& key) {
  return "space=" + std::to_string(key.first) + " AND key=x'" + key.second + "'";
}

}  // namespace

TEST_CASE("rows swapped, copied, erased and moved by SQL: cleared, each time") {
  Store store;
  store.fill();
  store.remove_eve();
  store.close();
  const Files files = store.files();
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(store.path.c_str(), &handle) == SQLITE_OK);
  const auto keys = keys_of(handle);
  sqlite3_close(handle);
  REQUIRE(keys.size() > 10);
  const uint64_t count = store.key.count;
  size_t tried = 0;
  const auto try_sql = [&](const std::string& sql) {
    CAPTURE(sql);
    store.put_back(files);
    run_sql(store.path, sql);
    store.key.count = count;
    REQUIRE(store.open().ok());
    CHECK(store.events(AuditKind::cache_damaged) == 1);
    CHECK_FALSE(sound(store));
    ++tried;
  };
  for (const auto& one : keys) {
    try_sql("DELETE FROM entries WHERE " + row(one));
    try_sql("UPDATE entries SET value=x'' WHERE " + row(one));
    for (const auto& other : keys) {
      if (one == other || one.first != other.first) continue;
      try_sql("UPDATE entries SET value=(SELECT value FROM entries WHERE " + row(other) +
              ") WHERE " + row(one));
    }
    if (one.first > 1)  // what stands beside the meta row and the keys is nobody's
      try_sql(
          "INSERT INTO entries SELECT space, CAST(key||x'00' AS BLOB), value FROM entries WHERE " +
          row(one));
  }
  try_sql("DELETE FROM entries WHERE space>1");
  CHECK(tried > 40);
}

TEST_CASE("an older file put back: told where the device counts, and only there") {
  Store store;
  SUBCASE("with a counter") {}
  SUBCASE("without") { store.key.has_counter = false; }
  store.fill();
  CHECK(store.who("BB22") == "u-eve");
  store.remove_eve();
  CHECK(store.why("BB22") == core::OfflineRefusal::revoked);
  store.put_back(store.before);
  REQUIRE(store.open().ok());
  if (store.key.has_counter) {
    CHECK(store.words == "an older copy was put back");
    CHECK_FALSE(sound(store));
  } else {
    CHECK(store.words.empty());
    CHECK(store.who("BB22") == "u-eve");  // docs/security.md says so
  }
}

// Right logins don't move the counter, so one attempt can be taken back by an older file; a second
// can't. A start moves it, so that a copy serves once.
TEST_CASE("guesses given back by an older file: one for each start, where the device counts") {
  Store store;
  store.fill();
  for (int round = 0; round < 3; ++round) {
    const Files files = store.files();
    CHECK(store.who("7710").empty());
    store.put_back(files);
    REQUIRE(store.open().ok());
    CHECK(store.words.empty());
  }
  const Files files = store.files();
  for (int i = 0; i < 2; ++i) CHECK(store.who("77" + std::to_string(10 + i)).empty());
  store.put_back(files);
  REQUIRE(store.open().ok());
  CHECK(store.words == "an older copy was put back");
  CHECK(store.vault->counts().users == 0);
}

TEST_CASE("files deleted in parts") {
  Store store;
  store.fill();
  store.remove_eve();
  const Files files = store.files();
  Files parts = files;
  SUBCASE("without the log: what was there before it") { parts.wal.clear(); }
  SUBCASE("the log alone") { parts.db.clear(); }
  SUBCASE("the log of another time") { parts.db = store.before.db; }
  SUBCASE("a log cut short") { parts.wal.resize(parts.wal.size() / 2); }
  SUBCASE("a file cut short") { parts.db.resize(parts.db.size() / 2); }
  SUBCASE("a file of zeros") { parts.db.assign(parts.db.size(), '\0'); }
  SUBCASE("neither") { parts = {}; }
  store.put_back(parts);
  if (parts.db.empty()) std::filesystem::remove(store.path);
  REQUIRE(store.open_or_set_aside().ok());
  (void)sound(store);
  // It can be filled again.
  store.list(true, 7, {store.put("bob", "AA11")});
  CHECK(store.who("AA11") == "u-bob");
}

TEST_CASE("the directory on another device: nothing opens, nothing is left") {
  Store store;
  store.fill();
  store.close();
  FakeDeviceKey mine = store.key;
  store.key = FakeDeviceKey(2, KeyTier::secure_element);
  REQUIRE(store.open().ok());
  CHECK(store.words == "the keys are another device's, or were changed");
  CHECK_FALSE(sound(store));
  store.close();
  store.key = mine;
  REQUIRE(store.open().ok());
  CHECK_FALSE(sound(store));
}

TEST_CASE("a key file of another device") {
  Store store;
  const std::string here = store.directory / "device.key";
  const std::string there = store.directory / "other.key";
  const auto open_with = [&](const std::string& file) {
    auto key = file_device_key(file, store.crypto);
    REQUIRE(key.has_value());
    REQUIRE(store.open_database().ok());
    std::string words;
    auto opened = vault::Vault::open(
        {store.database.get(), &store.crypto, key->get(), &store.random}, store.policy,
        core::scope_of(store.policy, 0, true), kIterations, kNow, &words);
    REQUIRE(opened.has_value());
    Credential right;
    right.kind = CredentialKind::password;
    right.user = "ann";
    right.secret = Secret(std::string("correct horse"));
    if (file == here && words.empty() && (*opened)->counts().users == 0) {
      Credential learnt;
      learnt.kind = CredentialKind::password;
      learnt.user = "ann";
      learnt.secret = Secret(std::string("correct horse"));
      CHECK((*opened)->learn(learnt, {"u-ann", "ann", "Ann", {}}, kNow).ok());
    }
    const bool in = (*opened)->login(right, kNow, kNow).refusal == core::OfflineRefusal::none;
    opened->reset();
    store.database.reset();
    return in;
  };
  CHECK(open_with(here));
  CHECK(open_with(here));
  CHECK_FALSE(open_with(there));
}

TEST_CASE("a device key that fails now says nothing about what is stored") {
  Store store;
  store.fill();
  store.close();
  for (const Code code : {Code::io_error, Code::crypto_failed, Code::timed_out}) {
    store.key.unwrap_fails = code;
    CHECK(store.open().code() == code);
    store.key.unwrap_fails = {};
  }
  store.key.counter_fails = Code::io_error;
  CHECK(store.open().code() == Code::io_error);
  store.key.counter_fails = {};
  REQUIRE(store.open().ok());
  CHECK(store.words.empty());
  CHECK(store.who("AA11") == "u-bob");
  store.key.hmac_fails = Code::io_error;
  CHECK(store.why("AA11") == core::OfflineRefusal::not_writable);
  store.key.hmac_fails = {};
  CHECK(store.who("AA11") == "u-bob");
}

TEST_CASE("no room for the counter: nobody gets in") {
  Store store;
  store.fill();
  CHECK(store.who("AA11") == "u-bob");
  SUBCASE("a file that may not grow") {
    store.close();
    store.max_bytes = std::filesystem::file_size(store.path);
    store.policy.max_audit = 100000;
    REQUIRE(store.open().ok());
    // Who can still be recorded gets in; once nothing can, nobody does.
    int granted = 0;
    while (store.why("AA11") == core::OfflineRefusal::none) REQUIRE(++granted < 500);
    for (int i = 0; i < 10; ++i) CHECK(store.why("AA11") == core::OfflineRefusal::not_writable);
    CHECK(store.events(AuditKind::login_granted) == static_cast<size_t>(granted) + 1);
  }
  SUBCASE("a disk that takes no more") {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit normal{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &normal) == 0);
    const rlimit none{1, normal.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
    const core::OfflineRefusal refusal = store.why("AA11");
    const core::OfflineRefusal wrong = store.why("9999");
    REQUIRE(setrlimit(RLIMIT_FSIZE, &normal) == 0);
    CHECK(refusal == core::OfflineRefusal::not_writable);
    CHECK(wrong == core::OfflineRefusal::not_writable);
    REQUIRE(store.open().ok());
    CHECK(store.words.empty());
    CHECK(store.who("AA11") == "u-bob");
  }
}

TEST_CASE("a copy of the file says nothing to who has no device") {
  Store store;
  store.fill();
  const Files files = store.files();
  for (const std::string& text :
       {std::string("1234"), std::string("AA11"), std::string("BB22"), std::string("u-ann"),
        std::string("u-bob"), std::string("bob"), std::string("tenant-salt")}) {
    if (text == "1234") continue;  // four digits may stand there by chance
    CAPTURE(text);
    CHECK(files.db.find(text) == std::string::npos);
    CHECK(files.wal.find(text) == std::string::npos);
  }
  for (const char* number : {"1234", "AA11", "BB22"}) {
    for (const char* salt : {"tenant-salt"}) {
      const auto derived = store.crypto.pbkdf2_sha256(number, salt, kIterations);
      const std::string bytes(derived->begin(), derived->end());
      CHECK(files.db.find(bytes) == std::string::npos);
      CHECK(files.wal.find(bytes) == std::string::npos);
    }
  }
}

}  // namespace holdfast::test
