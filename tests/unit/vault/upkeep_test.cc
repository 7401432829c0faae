// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "device.h"

namespace holdfast {
namespace {

using namespace test;

AuditEvent event(const std::string& what) {
  AuditEvent out;
  out.kind = AuditKind::clock_set_back;
  out.unix_ms = kNow;
  out.what = what;
  return out;
}

TEST_CASE("audit: in order, over a restart, taken, dropped when nobody takes") {
  Device device;
  device.policy.max_audit = 5;
  REQUIRE(device.open().ok());
  const std::string epoch = device.vault->audit_epoch();
  CHECK(epoch.size() == 32);
  for (int i = 1; i <= 5; ++i) REQUIRE(device.vault->note(event(std::to_string(i))).ok());
  REQUIRE(device.restart().ok());
  CHECK(device.vault->audit_epoch() == epoch);
  auto events = device.vault->audit(0, 3);
  REQUIRE(events.size() == 3);
  CHECK(events[0].sequence == 1);
  CHECK(events[2].what == "3");
  CHECK(device.vault->audit(3, 100).size() == 2);
  CHECK(device.vault->audit(5, 100).empty());
  CHECK(device.vault->audit(UINT64_MAX, 100).empty());

  for (int i = 6; i <= 8; ++i) REQUIRE(device.vault->note(event(std::to_string(i))).ok());
  CHECK(device.vault->counts().audit_waiting == 5);
  CHECK(device.vault->counts().audit_dropped == 3);
  events = device.vault->audit(0, 100);
  REQUIRE(events.size() == 6);
  CHECK(events[0].kind == AuditKind::dropped);
  CHECK(events[0].sequence == 3);
  CHECK(events[0].what == "3 events before this one didn't fit");
  CHECK(events[1].what == "4");
  // Taken: the news of the loss as well.
  REQUIRE(device.vault->audit_taken(3).ok());
  events = device.vault->audit(0, 100);
  REQUIRE(events.size() == 5);
  CHECK(events[0].sequence == 4);
  REQUIRE(device.vault->audit_taken(6).ok());
  REQUIRE(device.vault->audit_taken(2).ok());
  CHECK(device.vault->counts().audit_waiting == 2);
  REQUIRE(device.vault->audit_taken(1000).ok());
  CHECK(device.vault->audit(0, 100).empty());
  REQUIRE(device.vault->note(event("9\nsecond line")).ok());
  events = device.vault->audit(0, 100);
  REQUIRE(events.size() == 1);
  CHECK(events[0].sequence == 9);
  CHECK(events[0].what == "9 second line");
  REQUIRE(device.restart().ok());
  CHECK(device.words.empty());
  CHECK(device.vault->audit(0, 100).size() == 1);
}

TEST_CASE("what isn't tried isn't audited: a locked device can't be made to forget") {
  Device device;
  device.policy.device_failures = 4;
  REQUIRE(device.open().ok());
  for (int i = 0; i < 50; ++i) device.refusal(card("CAFE01"));
  CHECK(device.vault->counts().audit_waiting == 5);
}

TEST_CASE("a new root: everybody gets in meanwhile and afterwards, the old root goes") {
  Device device;
  REQUIRE(device.open().ok());
  std::vector<UserChange> users;
  for (int i = 0; i < 250; ++i) {
    const std::string n = std::to_string(100 + i);
    users.push_back(device.put("u" + n, {device.verifier(CredentialKind::card, "CAFE" + n)}));
  }
  REQUIRE(device.sync(true, 1, users).ok());
  REQUIRE(device.learn(password("alice", "pw"), user("alice")).ok());
  REQUIRE(device.tidy_all().ok());
  const auto before = device.database->content();
  REQUIRE(device.vault->rotate().ok());
  CHECK(device.vault->rotate().code() == Code::busy);
  const auto both = [&] {
    return device.granted(card("CAFE150")) && device.granted(password("alice", "pw"));
  };
  CHECK(both());
  int steps = 0;
  for (;; ++steps) {
    const Result<bool> more = device.vault->tidy();
    REQUIRE(more);
    if (!*more) break;
    CHECK(both());
    if (steps == 1) REQUIRE(device.restart().ok());
    REQUIRE(device.learn(card("BEEF" + std::to_string(steps)), user("alice")).ok());
  }
  CHECK(steps > 1);
  REQUIRE(device.restart().ok());
  CHECK(device.words.empty());
  CHECK(both());
  // The id of the root stands in bytes 2..5 of a row: nothing is left under the first.
  for (const auto& row : device.database->content()) {
    if (row.first == FakeDatabase::Key(1, "keys")) continue;
    CHECK(row.second.substr(2, 4) == std::string("\2\0\0\0", 4));
    const auto old = before.find(row.first);
    if (old != before.end()) CHECK(old->second != row.second);
  }
  REQUIRE(device.vault->rotate().ok());
  REQUIRE(device.tidy_all().ok());
  CHECK(both());
  CHECK(device.events(AuditKind::root_rotated) == 2);
}

TEST_CASE("wiped: nobody is known, nothing of the old store is left, time goes on") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  REQUIRE(device.vault->keep({kNow, kNow - 5}).ok());
  const auto before = device.database->content();
  const std::string epoch = device.vault->audit_epoch();
  REQUIRE(device.vault->wipe().ok());
  for (const auto& row : device.database->content()) {
    const auto old = before.find(row.first);
    if (old != before.end()) CHECK(old->second != row.second);
  }
  CHECK(device.vault->audit_epoch() != epoch);
  CHECK(device.vault->clock().high_water_ms == kNow);
  CHECK(device.vault->clock().contact_ms == kNow - 5);
  CHECK(device.events(AuditKind::wiped) == 1);
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_cached);
  REQUIRE(device.learn(card("CAFE01"), user("bob")).ok());
  REQUIRE(device.restart().ok());
  CHECK(device.login(card("CAFE01")).user.user_uid == "u-bob");
}

TEST_CASE("wiped where the rest can't be cleared: the keys are gone all the same") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  const size_t rows = device.database->content().size();
  device.database->fail_write_at(4, Code::io_error, true);  // begin, put, commit, clear
  CHECK(device.vault->wipe().code() == Code::io_error);
  CHECK(device.database->content().size() == rows);
  CHECK(device.database->content().at({1, "keys"}) == "wiped");
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_writable);
  REQUIRE(device.restart().ok());
  CHECK(device.words.empty());
  CHECK(device.vault->counts().users == 0);
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_cached);
}

TEST_CASE("tidying is bounded, and leaves what counts") {
  Device device;
  REQUIRE(device.open().ok());
  std::vector<UserChange> users;
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(1000 + i);
    users.push_back(device.put("u" + n, {device.verifier(CredentialKind::card, "CAFE" + n)}));
  }
  for (uint64_t version = 1; version <= 3; ++version) {
    REQUIRE(device.sync(version != 2, version, users).ok());
  }
  CHECK(device.database->rows_in(2) == 900);
  for (;;) {
    const size_t operations = device.database->operations();
    const Result<bool> more = device.vault->tidy();
    REQUIRE(more);
    CHECK(device.database->operations() - operations < 256 * 8);
    if (!*more) break;
  }
  CHECK(device.database->rows_in(2) == 300);
  CHECK(device.database->rows_in(3) == 300);
  CHECK(device.vault->counts().users == 300);
  CHECK(device.granted(card("CAFE1299")));
  const size_t commits = device.database->commits();
  CHECK(*device.vault->tidy() == false);
  CHECK(device.database->commits() == commits);
}

TEST_CASE(
    "tidying while a list is taken in takes nothing of it, and comes back for what it leaves") {
  Device device;
  REQUIRE(device.open().ok());
  std::vector<UserChange> users;
  for (int i = 0; i < 200; ++i) users.push_back(device.put("u" + std::to_string(i), {}));
  REQUIRE(device.sync(true, 1, users).ok());
  REQUIRE(device.vault->begin(true, {2, "incarnation-1"}).ok());
  REQUIRE(device.vault->change(users, device.now).ok());
  REQUIRE(device.tidy_all().ok());
  REQUIRE(device.vault->activate(device.now).ok());
  CHECK(device.vault->counts().users == 200);
  // A pass that is past the users, of whom another list then leaves some.
  REQUIRE(*device.vault->tidy());
  REQUIRE(*device.vault->tidy());
  REQUIRE(device.sync(true, 3, users).ok());
  REQUIRE(device.tidy_all().ok());
  CHECK(device.database->rows_in(2) == 200);
  REQUIRE(device.sync(false, 4, {Device::removal("u7")}).ok());
  CHECK(device.vault->counts().users == 199);
}

TEST_CASE("a full disk leaves everything as it was") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(
      device.sync(true, 1, {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")})})
          .ok());
  device.refusal(card("CAFE09"));
  for (size_t n = 1; n < 200; ++n) {
    device.database->fail_write_at(n, Code::no_space, true);
    const bool all = device.learn(card("CAFE02"), user("bob")).ok() &&
                     device.sync(false, 2, {Device::removal("bob")}).ok() &&
                     device.vault->note(event("x")).ok() && device.vault->keep({1, 1}).ok() &&
                     device.tidy_all().ok() && device.vault->rotate().ok() &&
                     device.tidy_all().ok();
    device.database->fail_no_more();
    CHECK(device.granted(card("CAFE01")));
    REQUIRE(device.restart().ok());
    CHECK(device.words.empty());
    // Lists that were given up, and events that nobody took, would make each round longer.
    REQUIRE(device.tidy_all().ok());
    REQUIRE(device.vault->audit_taken(UINT64_MAX).ok());
    if (all) break;
    REQUIRE(n < 199);
  }
}

TEST_CASE("the same with AES") {
  Device device;
  device.policy.aes_only = true;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  for (const auto& row : device.database->content()) {
    if (row.first != FakeDatabase::Key(1, "keys")) CHECK(row.second[1] == '\2');
  }
  // What one suite has sealed is read also when the other one seals.
  device.policy.aes_only = false;
  REQUIRE(device.restart().ok());
  CHECK(device.granted(card("CAFE01")));
}

TEST_CASE("nothing on flash tells a secret, a name or an id") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 1,
                    {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01CANARY"),
                                          device.verifier(CredentialKind::password, "pw-canary",
                                                          "alices-salt")})})
              .ok());
  REQUIRE(device.learn(pin("47114711"), user("alice")).ok());
  device.refusal(password("alice", "wrong-canary"));
  device.refusal(password("nobody-canary", "wrong-canary"));
  for (const auto& row : device.database->content()) {
    for (const char* canary :
         {"CANARY", "canary", "47114711", "alice", "u-alice", "alices-salt", "tenant-salt"}) {
      CHECK(row.first.second.find(canary) == std::string::npos);
      CHECK(row.second.find(canary) == std::string::npos);
    }
  }
  for (const AuditEvent& noted : device.vault->audit(0, 100)) {
    CHECK(noted.what.find("canary") == std::string::npos);
  }
}

}  // namespace
}  // namespace holdfast
