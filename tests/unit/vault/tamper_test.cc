// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The store in an attacker's hands.
#include "device.h"
#include "holdfast/ports/database.h"

namespace holdfast {
namespace {

using namespace test;
using Rows = FakeDatabase::Rows;

void fill(Device& device) {
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 1,
                    {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")}),
                     device.put("bob",
                                {device.verifier(CredentialKind::password, "pw", "bobs-own-salt")}),
                     device.put("gone", {device.verifier(CredentialKind::card, "CAFE06")})})
              .ok());
  REQUIRE(device.learn(pin("4711"), user("alice")).ok());
  REQUIRE(device.learn(password("carol", "pw"), user("carol")).ok());
  REQUIRE(device.sync(false, 2, {Device::removal("gone")}).ok());
  CHECK(device.refusal(password("carol", "no")) == OfflineRefusal::wrong_secret);
}

// What nobody may do, whatever happened to the store.
bool anybody_wrong(Device& device) {
  return device.granted(card("CAFE06")) || device.granted(card("CAFE02")) ||
         device.granted(pin("4712")) || device.granted(password("carol", "no")) ||
         device.granted(password("alice", "pw")) || device.granted(password("bob", ""));
}

// Whoever is granted is who he should be.
bool someone_else(Device& device) {
  const auto other = [&](Credential who, const char* uid) {
    const OfflineLogin login = device.login(std::move(who));
    return login.refusal == OfflineRefusal::none && login.user.user_uid != uid;
  };
  return other(card("CAFE01"), "u-alice") || other(pin("4711"), "u-alice") ||
         other(password("bob", "pw"), "u-bob") || other(password("carol", "pw"), "u-carol");
}

TEST_CASE("each byte of each row changed: refused while it runs, cleared when it starts") {
  Device device;
  fill(device);
  const Rows rows = device.database->content();
  const uint64_t count = device.key.count;
  for (const auto& row : rows) {
    for (size_t byte = 0; byte < row.second.size(); ++byte) {
      const auto mask = static_cast<unsigned char>(1u << byte % 8);
      Device other(device.crypto);
      other.key.count = count;
      other.database = std::make_unique<FakeDatabase>(rows);
      REQUIRE(other.database->flip(row.first.first, row.first.second, byte, mask));
      REQUIRE(other.open().ok());
      const bool cleared = !other.words.empty() && other.vault->counts().users == 0 &&
                           other.events(AuditKind::cache_damaged) == 1;
      if (!cleared) {
        CAPTURE(int{row.first.first});
        CAPTURE(byte);
        CHECK(cleared);
      }
    }
  }
  // And under the feet of a vault that runs.
  for (const auto& row : rows) {
    for (size_t byte = 0; byte < row.second.size(); byte += 7) {
      Device other(device.crypto);
      other.key.count = count;
      other.database = std::make_unique<FakeDatabase>(rows);
      REQUIRE(other.open().ok());
      REQUIRE(other.database->flip(row.first.first, row.first.second, byte, 0x80));
      CHECK_FALSE(someone_else(other));
      CHECK_FALSE(anybody_wrong(other));
      (void)other.vault->tidy();
      (void)other.vault->audit(0, 100);
      (void)other.learn(card("CAFE01"), user("alice"));
      (void)other.unlearn(pin("4711"), "unknown-credential");
      CHECK_FALSE(anybody_wrong(other));
    }
  }
}

TEST_CASE("rows that change places under the feet of a vault open nowhere else") {
  Device device;
  fill(device);
  const Rows rows = device.database->content();
  for (const auto& row : rows) {
    for (const auto& second : rows) {
      if (row.first.first != second.first.first || !(row.first < second.first)) continue;
      Device other(device.crypto);
      other.key.count = device.key.count;
      other.database = std::make_unique<FakeDatabase>(rows);
      REQUIRE(other.open().ok());
      Rows swapped = other.database->content();
      std::swap(swapped[row.first], swapped[second.first]);
      other.database->restore(swapped);
      CHECK_FALSE(someone_else(other));
      CHECK_FALSE(anybody_wrong(other));
      // Two rows of one kind: whoever was led to either of them wasn't let in.
      if (row.first.first != 2) continue;
      int in = other.granted(card("CAFE01")) + other.granted(password("bob", "pw")) +
               other.granted(password("carol", "pw"));
      CHECK(in < 3);
    }
  }
}

TEST_CASE("rows removed, doubled, swapped or put back alone") {
  Device device;
  fill(device);
  const Rows rows = device.database->content();
  const uint64_t count = device.key.count;
  const auto cleared = [&](Rows changed) {
    Device other(device.crypto);
    other.key.count = count;
    other.database = std::make_unique<FakeDatabase>(std::move(changed));
    return other.open().ok() && !other.words.empty() && !anybody_wrong(other) &&
           other.vault->counts().users == 0;
  };
  for (const auto& row : rows) {
    CAPTURE(int{row.first.first});
    Rows changed = rows;
    changed.erase(row.first);
    CHECK(cleared(changed));

    changed = rows;
    changed[{row.first.first, row.first.second + "x"}] = row.second;
    if (row.first.first != 1) CHECK(cleared(changed));  // of the meta space, two rows are looked at

    for (const auto& other : rows) {
      if (other.first.first != row.first.first || other.second == row.second) continue;
      changed = rows;
      std::swap(changed[row.first], changed[other.first]);
      CHECK(cleared(changed));
    }
  }
  CHECK(cleared({{{3, "nothing but this"}, "junk"}}));

  // Any single row of an hour ago.
  device.now += kHour;
  REQUIRE(device.learn(password("carol", "changed"), user("carol")).ok());
  REQUIRE(device.sync(false, 3, {Device::removal("alice")}).ok());
  CHECK(device.refusal(password("carol", "no")) == OfflineRefusal::wrong_secret);
  const Rows later = device.database->content();
  size_t differing = 0;
  for (const auto& row : rows) {
    Rows changed = later;
    if (changed[row.first] == row.second) continue;
    changed[row.first] = row.second;
    ++differing;
    Device other(device.crypto);
    other.key.count = device.key.count;
    other.database = std::make_unique<FakeDatabase>(changed);
    REQUIRE(other.open().ok());
    CHECK_FALSE(other.words.empty());
    CHECK_FALSE(other.granted(card("CAFE01")));
  }
  CHECK(differing >= 3);  // meta, the user, carol's failures
}

TEST_CASE("an older store put back is noticed where the device counts, and only there") {
  using Deed = void (*)(Device&);
  const std::pair<const char*, Deed> deeds[] = {
      {"a removal", [](Device& d) { REQUIRE(d.sync(false, 3, {Device::removal("alice")}).ok()); }},
      {"home's denial", [](Device& d) { REQUIRE(d.unlearn(card("CAFE01"), "revoked").ok()); }},
      {"home's denial of a password",
       [](Device& d) { REQUIRE(d.unlearn(password("bob", "pw"), "revoked").ok()); }},
      {"a removal in a list that isn't whole",
       [](Device& d) {
         REQUIRE(d.vault->begin(false, {3, "incarnation-1"}).ok());
         REQUIRE(d.vault->change({Device::removal("alice")}, d.now).ok());
       }},
      {"a start", [](Device& d) { REQUIRE(d.restart().ok()); }},
      {"eight failures, which are the most that it hides",
       [](Device& d) {
         for (int i = 0; i < 8; ++i) d.refusal(card("CAFE05"));
       }},
      {"a lock-out",
       [](Device& d) {
         for (int i = 0; i < 4; ++i) d.refusal(password("carol", "no"));
         CHECK(d.refusal(password("carol", "pw")) == OfflineRefusal::user_paused);
       }},
      {"it was wiped", [](Device& d) { REQUIRE(d.vault->wipe().ok()); }},
      {"it was rotated", [](Device& d) { REQUIRE(d.vault->rotate().ok()); }},
  };
  for (const auto& one : deeds) {
    for (const bool counts : {true, false}) {
      CAPTURE(std::string(one.first));
      CAPTURE(counts);
      Device device;
      device.key.has_counter = counts;
      fill(device);
      const Rows before = device.database->content();
      one.second(device);
      device.database = std::make_unique<FakeDatabase>(before);
      REQUIRE(device.open().ok());
      CHECK(device.words.empty() == !counts);
      CHECK(device.granted(card("CAFE01")) == !counts);
    }
  }
}

TEST_CASE("the counter itself") {
  Device device;
  fill(device);
  const Rows rows = device.database->content();
  const uint64_t count = device.key.count;
  const auto words = [&](uint64_t shown, bool has) {
    Device other(device.crypto);
    other.key.count = shown;
    other.key.has_counter = has;
    other.database = std::make_unique<FakeDatabase>(rows);
    REQUIRE(other.open().ok());
    CHECK(other.words.empty() == other.granted(card("CAFE01")));
    return other.words;
  };
  CHECK(words(count, true).empty());
  CHECK(words(count - 1, true).empty());  // power failed between the commit and the count
  CHECK_FALSE(words(count - 2, true).empty());
  CHECK_FALSE(words(0, true).empty());
  CHECK_FALSE(words(count + 1, true).empty());
  CHECK_FALSE(words(count, false).empty());

  // It can't be read now: nothing is lost.
  Device later(device.crypto);
  later.key.count = count;
  later.key.counter_fails = Code::io_error;
  later.database = std::make_unique<FakeDatabase>(rows);
  CHECK(later.open().code() == Code::io_error);
  later.key.counter_fails = {};
  REQUIRE(later.open().ok());
  CHECK(later.words.empty());
  CHECK(later.granted(card("CAFE01")));

  // It doesn't count now: what asked for it isn't done, or not said to be; then all goes on.
  for (const bool moves : {false, true}) {
    later.key.count_up_fails = Code::io_error;
    later.key.counts_and_fails = moves;
    CHECK_FALSE(later.sync(false, 3, {Device::removal("nobody")}).ok());
    later.key.count_up_fails = {};
    REQUIRE(later.sync(false, 4, {Device::removal("nobody")}).ok());
    REQUIRE(later.restart().ok());
    CHECK(later.words.empty());
    CHECK(later.granted(card("CAFE01")));
  }
}

TEST_CASE("a count that failed is made up for before the next one") {
  Device device;
  fill(device);
  device.key.count_up_fails = Code::io_error;
  CHECK_FALSE(device.unlearn(password("carol", "pw"), "disabled").ok());
  const Rows uncounted = device.database->content();
  device.key.count_up_fails = {};
  REQUIRE(device.unlearn(card("CAFE01"), "revoked").ok());
  device.database = std::make_unique<FakeDatabase>(uncounted);
  REQUIRE(device.open().ok());
  CHECK_FALSE(device.words.empty());
  CHECK_FALSE(device.granted(card("CAFE01")));
}

TEST_CASE("another device's store, keys that can't be unwrapped") {
  Device device;
  fill(device);
  Device other(device.crypto);
  other.key = FakeDeviceKey(2);
  other.key.count = device.key.count;
  other.database = std::make_unique<FakeDatabase>(device.database->content());
  REQUIRE(other.open().ok());
  CHECK_FALSE(other.words.empty());
  CHECK_FALSE(other.granted(card("CAFE01")));

  Device same(device.crypto);
  same.key.count = device.key.count;
  same.key.unwrap_fails = Code::crypto_failed;
  same.database = std::make_unique<FakeDatabase>(device.database->content());
  CHECK(same.open().code() == Code::crypto_failed);
  same.key.unwrap_fails = {};
  REQUIRE(same.open().ok());
  CHECK(same.words.empty());
  CHECK(same.granted(card("CAFE01")));

  for (const Code code : {Code::io_error, Code::read_only}) {
    Device unreadable(device.crypto);
    unreadable.key.count = device.key.count;
    unreadable.database = std::make_unique<FakeDatabase>(device.database->content());
    unreadable.database->fail_at(3, code);
    CHECK(unreadable.open().code() == code);
    CHECK(unreadable.database->content() == device.database->content());
  }
}

}  // namespace
}  // namespace holdfast
