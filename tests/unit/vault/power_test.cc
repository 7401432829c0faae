// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Power cut at every operation of the database in turn, before and after the medium has it.
#include <functional>

#include "device.h"

namespace holdfast {
namespace {

using namespace test;
using Landed = FakeDatabase::Landed;

constexpr const char* kAlice = "CAFE01";
constexpr const char* kBob = "CAFE02";

// A store with alice (a card, four failures), bob (a card, to be removed), carol (learnt: password,
// PIN) and, of cards, three failures of four that the device forgives.
class Prepared {
 public:
  Prepared() {
    device_.policy.device_failures = 4;
    REQUIRE(device_.open().ok());
    REQUIRE(device_
                .sync(true, 1,
                      {device_.put("alice", {device_.verifier(CredentialKind::card, kAlice),
                                             device_.verifier(CredentialKind::password, "pw",
                                                              "alices-salt")}),
                       device_.put("bob", {device_.verifier(CredentialKind::card, kBob)})})
                .ok());
    REQUIRE(device_.learn(password("carol", "pw"), user("carol")).ok());
    REQUIRE(device_.learn(pin("4711"), user("carol")).ok());
    for (int i = 0; i < 3; ++i) {
      CHECK(device_.refusal(card("DEAD0" + std::to_string(i))) == OfflineRefusal::unknown);
      CHECK(device_.refusal(password("alice", "no")) == OfflineRefusal::wrong_secret);
    }
    // Something for tidying: a changed user.
    REQUIRE(device_
                .sync(false, 2,
                      {device_.put("alice", {device_.verifier(CredentialKind::card, kAlice),
                                             device_.verifier(CredentialKind::password, "pw",
                                                              "alices-salt")})})
                .ok());
  }

  std::unique_ptr<Device> copy() { return Device::after(again()); }

 private:
  Device& again() {
    content_ = device_.database->content();
    device_.vault.reset();
    device_.database = std::make_unique<FakeDatabase>(content_);
    return device_;
  }
  Device device_;
  FakeDatabase::Rows content_;
};

// `deed` on an opened device whose power fails at its n-th operation, for each n; `look` at what is
// found when power is back. Returns how many operations there were.
size_t cut_everywhere(Prepared& prepared, const std::function<void(Device&)>& deed,
                      const std::function<void(Device& before, Device& after)>& look) {
  size_t most = 0;
  for (const Landed landed : {Landed::no, Landed::yes}) {
    for (size_t n = 1;; ++n) {
      CAPTURE(n);
      CAPTURE((landed == Landed::yes));
      REQUIRE(n < 2000);
      const auto device = prepared.copy();
      REQUIRE(device->open().ok());
      device->database->cut_power_at(n, landed);
      deed(*device);
      const bool over = device->database->powered();
      const auto after = Device::after(*device);
      REQUIRE(after->open().ok());
      CHECK(after->words.empty());  // a power cut is no attack
      look(*device, *after);
      most = std::max(most, n);
      if (over) break;
    }
  }
  return most;
}

bool whole(Device& device) {
  return device.granted(card(kAlice)) && device.granted(password("carol", "pw")) &&
         device.granted(pin("4711")) && device.granted(password("alice", "pw"));
}

TEST_CASE("power cut in a wrong attempt: never given back once it was tried") {
  Prepared prepared;
  int derivations = 0;
  const size_t operations = cut_everywhere(
      prepared,
      [&](Device& device) {
        derivations = -device.crypto->derivations;
        CHECK(device.refusal(card("DEAD09")) != OfflineRefusal::none);
        derivations += device.crypto->derivations;
      },
      [&](Device&, Device& after) {
        const OfflineRefusal next = after.refusal(card(kAlice));
        if (derivations > 0) CHECK(next == OfflineRefusal::device_locked);
        if (derivations == 0)
          CHECK((next == OfflineRefusal::device_locked || next == OfflineRefusal::none));
        CHECK(after.granted(pin("4711")));
      });
  CHECK(operations > 10);

  cut_everywhere(
      prepared,
      [&](Device& device) {
        derivations = -device.crypto->derivations;
        CHECK(device.refusal(password("alice", "no")) != OfflineRefusal::none);
        derivations += device.crypto->derivations;
      },
      [&](Device&, Device& after) {
        after.policy.pause_after = 4;
        after.policy.device_failures = 32;
        REQUIRE(after.restart().ok());
        const OfflineRefusal next = after.refusal(password("alice", "pw"));
        if (derivations > 0) CHECK(next == OfflineRefusal::user_paused);
        if (derivations == 0)
          CHECK((next == OfflineRefusal::user_paused || next == OfflineRefusal::none));
      });
}

TEST_CASE("power cut in a right attempt: granted means recorded, refused means counted") {
  Prepared prepared;
  bool granted = false;
  int derivations = 0;
  cut_everywhere(
      prepared,
      [&](Device& device) {
        derivations = -device.crypto->derivations;
        granted = device.granted(card(kAlice));
        derivations += device.crypto->derivations;
      },
      [&](Device&, Device& after) {
        const size_t recorded = after.events(AuditKind::login_granted);
        if (granted) CHECK(recorded == 1);
        // In the last commit it may have landed without being heard.
        const bool given_back = after.granted(card(kAlice));
        if (granted) CHECK(given_back);
        if (derivations > 0 && !granted) CHECK(given_back == (recorded == 1));
        CHECK(after.granted(pin("4711")));
      });
}

TEST_CASE("power cut in learning and unlearning: before or after, nothing between") {
  Prepared prepared;
  bool done = false;
  cut_everywhere(
      prepared, [&](Device& d) { done = d.learn(password("carol", "new"), user("carol")).ok(); },
      [&](Device&, Device& after) {
        after.now += kHour;  // the device forgets its failures
        const bool fresh = after.granted(password("carol", "new"));
        CHECK(after.granted(password("carol", "pw")) != fresh);
        if (done) CHECK(fresh);
        CHECK(after.granted(card(kAlice)));
      });
  cut_everywhere(
      prepared, [&](Device& d) { done = d.learn(card("CAFE09"), user("dora")).ok(); },
      [&](Device&, Device& after) {
        after.now += kHour;
        const bool there = after.vault->counts().users == 4;
        CHECK(after.granted(card("CAFE09")) == there);
        if (done) CHECK(there);
        CHECK(whole(after));
      });
  for (const char* reason : {"revoked", "disabled", "unknown-credential"}) {
    cut_everywhere(
        prepared, [&](Device& d) { done = d.unlearn(card(kBob), reason).ok(); },
        [&](Device&, Device& after) {
          after.now += kHour;
          if (done) CHECK_FALSE(after.granted(card(kBob)));
          CHECK(after.granted(card(kAlice)));
        });
  }
}

TEST_CASE("power cut in a list: the old one whole or the new one, removals kept") {
  for (const bool full : {false, true}) {
    CAPTURE(full);
    Prepared prepared;
    bool removed = false;
    bool done = false;
    cut_everywhere(
        prepared,
        [&](Device& device) {
          removed = done = false;
          if (!device.vault->begin(full, {3, "incarnation-1"}).ok()) return;
          if (!device.vault->change({Device::removal("bob")}, device.now).ok()) return;
          removed = true;
          User alice = user("alice");
          alice.rights = {"copy"};
          UserChange changed = device.put("alice", {device.verifier(CredentialKind::card, kAlice)});
          changed.user = alice;
          if (!device.vault->change({changed}, device.now).ok()) return;
          const auto dora = device.put("dora", {device.verifier(CredentialKind::card, "CAFE09")});
          if (!device.vault->change({dora}, device.now).ok()) return;
          done = device.vault->activate(device.now).ok();
        },
        [&](Device&, Device& after) {
          const bool fresh = after.vault->position().version == 3;
          after.now += kHour;  // the device forgets its failures
          if (done) CHECK(fresh);
          if (removed || fresh) CHECK(after.refusal(card(kBob)) == OfflineRefusal::revoked);
          const OfflineLogin alice = after.login(card(kAlice));
          CHECK(alice.refusal == OfflineRefusal::none);
          CHECK((alice.user.rights == std::vector<std::string>{"copy"}) == fresh);
          CHECK(after.granted(password("alice", "pw")) == !fresh);
          CHECK(after.granted(pin("4711")) == !(fresh && full));
          CHECK((after.refusal(card("CAFE09")) == OfflineRefusal::none) == fresh);
          // And it can be begun again.
          REQUIRE(after.sync(full, 4, {after.put("dora", {})}).ok());
          REQUIRE(after.tidy_all().ok());
          REQUIRE(after.restart().ok());
          CHECK(after.words.empty());
        });
  }
}

TEST_CASE("power cut in tidying, rotating and opening: nobody notices") {
  Prepared prepared;
  const auto look = [](Device&, Device& after) {
    CHECK(whole(after));
    CHECK(after.granted(card(kBob)));
    REQUIRE(after.tidy_all().ok());
    CHECK(whole(after));
    REQUIRE(after.restart().ok());
    CHECK(after.words.empty());
    CHECK(whole(after));
  };
  CHECK(cut_everywhere(
            prepared, [](Device& d) { (void)d.tidy_all(); }, look) > 20);
  CHECK(cut_everywhere(
            prepared,
            [](Device& d) {
              if (d.vault->rotate().ok()) (void)d.tidy_all();
            },
            look) > 40);
  cut_everywhere(
      prepared, [](Device& d) { (void)d.open(); }, look);
  cut_everywhere(
      prepared,
      [](Device& d) {
        (void)d.vault->note({});
        (void)d.vault->audit_taken(3);
        (void)d.vault->keep({kNow + 5, kNow});
      },
      look);
}

TEST_CASE("power cut in wiping: all or nobody, and nobody once the keys are gone") {
  Prepared prepared;
  bool done = false;
  size_t nobody = 0;
  cut_everywhere(
      prepared, [&](Device& d) { done = d.vault->wipe().ok(); },
      [&](Device&, Device& after) {
        const bool all = after.vault->counts().users == 3;
        CHECK(whole(after) == all);
        if (done) CHECK_FALSE(all);
        if (!all) CHECK(after.vault->counts().users == 0);
        nobody += all ? 0u : 1u;
      });
  CHECK(nobody > 8);
}

TEST_CASE("power cut when a cache is made, and when a damaged one is cleared") {
  for (const bool damaged : {false, true}) {
    for (size_t n = 1;; ++n) {
      CAPTURE(n);
      Device device;
      if (damaged) {
        REQUIRE(device.open().ok());
        REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
        REQUIRE(device.database->flip_nth(200));
        device.vault.reset();
      }
      device.database->cut_power_at(n);
      (void)device.open();
      const bool over = device.database->powered();
      const auto after = Device::after(device);
      REQUIRE(after->open().ok());
      CHECK(after->vault->counts().users == 0);
      REQUIRE(after->learn(card("CAFE02"), user("bob")).ok());
      REQUIRE(after->restart().ok());
      CHECK(after->words.empty());
      CHECK(after->granted(card("CAFE02")));
      CHECK_FALSE(after->granted(card("CAFE01")));
      if (over) break;
    }
  }
}

}  // namespace
}  // namespace holdfast
