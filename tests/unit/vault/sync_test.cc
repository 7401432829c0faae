// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "device.h"

namespace holdfast {
namespace {

using namespace test;

TEST_CASE("a list is seen with its activation and not before") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 5,
                    {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")}),
                     device.put("bob", {device.verifier(CredentialKind::card, "CAFE02")})})
              .ok());
  CHECK(device.vault->position().version == 5);
  CHECK(device.vault->position().incarnation == "incarnation-1");
  CHECK(device.vault->counts().users == 2);
  CHECK(device.granted(card("CAFE01")));
  CHECK(device.refusal(card("CAFE03")) == OfflineRefusal::unknown);
  CHECK(device.refusal(password("nobody", "pw")) == OfflineRefusal::unknown);

  REQUIRE(device.vault->begin(false, {6, "incarnation-1"}).ok());
  User bobby = user("bob");
  bobby.rights = {"print"};
  UserChange changed = device.put("bob", {device.verifier(CredentialKind::card, "CAFE04")});
  changed.user = bobby;
  REQUIRE(device.vault
              ->change({changed, device.put("carol", {device.verifier(CredentialKind::password,
                                                                      "pw", "carols-salt")})},
                       device.now)
              .ok());
  CHECK(device.granted(card("CAFE02")));
  CHECK(device.refusal(card("CAFE04")) == OfflineRefusal::unknown);
  CHECK(device.refusal(password("carol", "pw")) == OfflineRefusal::unknown);
  CHECK(device.vault->counts().users == 2);
  CHECK(device.vault->position().version == 5);
  REQUIRE(device.vault->activate(device.now).ok());
  CHECK(device.refusal(card("CAFE02")) == OfflineRefusal::unknown);
  CHECK(device.login(card("CAFE04")).user.rights == std::vector<std::string>{"print"});
  CHECK(device.granted(password("carol", "pw")));
  CHECK(device.granted(card("CAFE01")));
  CHECK(device.vault->counts().users == 3);
  CHECK(device.vault->counts().credentials == 3);
  CHECK(device.vault->activate(device.now).code() == Code::invalid_argument);
  CHECK(device.vault->change({}, device.now).code() == Code::invalid_argument);

  // A full one: who isn't named is gone.
  REQUIRE(
      device.sync(true, 9, {device.put("carol", {device.verifier(CredentialKind::card, "CAFE09")})})
          .ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::unknown);
  CHECK(device.refusal(password("carol", "pw")) == OfflineRefusal::unknown);
  CHECK(device.granted(card("CAFE09")));
  CHECK(device.vault->counts().users == 1);
  REQUIRE(device.tidy_all().ok());
  REQUIRE(device.restart().ok());
  CHECK(device.words.empty());
  CHECK(device.granted(card("CAFE09")));
  // Nothing of the others is left: user, credential, name of one.
  CHECK(device.database->rows_in(2) == 1);
  CHECK(device.database->rows_in(3) == 1);
  CHECK(device.database->rows_in(4) == 1);
}

TEST_CASE("a removal holds at once, and outlives the list it came in") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 1,
                    {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")}),
                     device.put("bob", {device.verifier(CredentialKind::card, "CAFE02")})})
              .ok());
  REQUIRE(device.vault->begin(false, {2, "incarnation-1"}).ok());
  REQUIRE(
      device.vault->change({Device::removal("alice"), Device::removal("never-seen")}, device.now)
          .ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  CHECK(device.vault->counts().users == 1);
  // A grant of home that is older than the removal.
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  REQUIRE(device.learn(card("CAFE07"), user("never-seen")).ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  CHECK(device.refusal(card("CAFE07")) == OfflineRefusal::unknown);
  REQUIRE(device.restart().ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  CHECK(device.vault->activate(device.now).code() == Code::invalid_argument);

  // The list is begun anew, and given up again and again.
  for (uint64_t version = 3; version < 40; ++version) {
    const Status begun = device.vault->begin(false, {version, "incarnation-1"});
    if (begun.code() == Code::busy) {
      REQUIRE(device.tidy_all().ok());
      continue;
    }
    REQUIRE(begun.ok());
    REQUIRE(device.vault
                ->change({device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")}),
                          device.put("x" + std::to_string(version), {})},
                         device.now)
                .ok());
    CHECK(device.refusal(card("CAFE02")) == OfflineRefusal::none);
  }
  REQUIRE(device.sync(false, 40, {device.put("carol", {})}).ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  CHECK(device.vault->counts().users == 2);
  REQUIRE(device.tidy_all().ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  // Only a list that names him brings him back.
  REQUIRE(
      device
          .sync(false, 41, {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")})})
          .ok());
  CHECK(device.granted(card("CAFE01")));
  REQUIRE(device.sync(true, 42, {Device::removal("alice"), device.put("bob", {})}).ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  CHECK(device.refusal(card("CAFE01")) != OfflineRefusal::none);
}

TEST_CASE("removed and put again, put and removed, in one list") {
  Device device;
  REQUIRE(device.open().ok());
  const auto alice = device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")});
  REQUIRE(device.sync(true, 1, {alice}).ok());
  REQUIRE(device.sync(false, 2, {Device::removal("alice"), alice}).ok());
  CHECK(device.granted(card("CAFE01")));
  CHECK(device.vault->counts().users == 1);
  REQUIRE(device.sync(false, 3, {alice, Device::removal("alice")}).ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  CHECK(device.vault->counts().users == 0);
  // Gone for a month: nobody needs to be told apart any more.
  REQUIRE(device.vault->keep({device.now + 31 * kDay, device.now}).ok());
  REQUIRE(device.sync(false, 4, {}).ok());
  REQUIRE(device.tidy_all().ok());
  REQUIRE(device.sync(false, 5, {}).ok());
  REQUIRE(device.tidy_all().ok());
  CHECK(device.database->rows_in(2) == 0);
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::unknown);
}

TEST_CASE("a removal of long ago hides older rows as long as there are any") {
  Device device;
  REQUIRE(device.open().ok());
  const auto alice = device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")});
  REQUIRE(device.sync(true, 1, {alice}).ok());
  REQUIRE(device.sync(false, 2, {alice}).ok());
  REQUIRE(device.sync(false, 3, {Device::removal("alice")}).ok());
  CHECK(device.database->rows_in(2) == 3);
  REQUIRE(device.vault->keep({device.now + 31 * kDay, device.now}).ok());
  for (int pass = 0; pass < 4; ++pass) {
    REQUIRE(device.tidy_all().ok());
    CHECK_FALSE(device.granted(card("CAFE01")));
    REQUIRE(device.sync(false, 4, {}).ok());
  }
  CHECK(device.database->rows_in(2) == 0);
}

TEST_CASE("a put replaces all that was held of a user, but not his failures") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 1,
                    {device.put("alice",
                                {device.verifier(CredentialKind::password, "pw", "alices-salt")})})
              .ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  CHECK(device.granted(card("CAFE01")));
  for (int i = 0; i < 4; ++i) device.refusal(password("alice", "no"));
  REQUIRE(device
              .sync(false, 2,
                    {device.put("alice",
                                {device.verifier(CredentialKind::password, "new", "alices-salt")})})
              .ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::unknown);
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::wrong_secret);
  CHECK(device.refusal(password("alice", "new")) == OfflineRefusal::user_paused);
  device.now += 31000;
  CHECK(device.granted(password("alice", "new")));
  UserChange disabled =
      device.put("alice", {device.verifier(CredentialKind::password, "new", "alices-salt")});
  disabled.disabled = true;
  REQUIRE(device.sync(false, 3, {disabled}).ok());
  CHECK(device.refusal(password("alice", "new")) == OfflineRefusal::disabled);
}

TEST_CASE("what no server may ask for is refused whole") {
  Device device;
  REQUIRE(device.open().ok());
  const auto refused = [&](std::vector<UserChange> changes) {
    const Status status = device.sync(true, 2, changes);
    CHECK(device.vault->position().version == 0);
    return status.code() == Code::refused;
  };
  const UserChange good = device.put("bob", {device.verifier(CredentialKind::card, "CAFE02")});
  const auto with = [&](const std::string& salt, uint32_t n) {
    Verifier verifier{CredentialKind::card, salt, n, {}};
    return device.put("alice", {verifier});
  };
  CHECK(refused({good, with("tenant-salt", 9999)}));
  CHECK(refused({good, with("tenant-salt", 0)}));
  CHECK(refused({good, with("tenant-salt", 1000001)}));
  CHECK(refused({good, with("tenant-salt", UINT32_MAX)}));
  CHECK(refused({good, with("short", 10000)}));
  CHECK(refused({good, with(std::string(65, 's'), 10000)}));
  UserChange strange = good;
  strange.user.user_uid = "u bob";
  CHECK(refused({strange}));
  strange.user.user_uid = "break-glass";
  CHECK(refused({strange}));
  strange = good;
  strange.user.display_name = std::string(257, 'x');
  CHECK(refused({strange}));
  strange = good;
  strange.user.rights.assign(65, "print");
  CHECK(refused({strange}));
  strange = good;
  strange.verifiers.assign(33, good.verifiers[0]);
  CHECK(refused({strange}));
  std::vector<UserChange> families;
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i);
    families.push_back(
        device.put("u" + n, {device.verifier(CredentialKind::card, "CAFE0" + n, "tenant-" + n)}));
  }
  CHECK(device.sync(true, 2, families).ok());  // three, and the device's own
  CHECK(device.granted(card("CAFE02")));
  CHECK(device.vault->begin(false, {3, "incarnation-1"}).ok());
  CHECK(device.vault->change({with("another-one", 10000)}, device.now).code() == Code::refused);
  // A full list brings its own, and the old ones go.
  CHECK(device
            .sync(true, 4,
                  {device.put("u9", {device.verifier(CredentialKind::card, "CAFE09", "others-1")}),
                   device.put("u8", {device.verifier(CredentialKind::card, "CAFE08", "others-2")}),
                   device.put("u7", {device.verifier(CredentialKind::card, "CAFE07", "others-3")})})
            .ok());
  const uint64_t before = device.crypto->iterations;
  CHECK(device.granted(card("CAFE08")));
  CHECK(device.crypto->iterations - before == kLocalIterations + 3 * kServerIterations);

  device.policy.max_users_flash = 3;
  REQUIRE(device.restart().ok());
  CHECK(device.sync(false, 5, {device.put("one-more", {})}).code() == Code::no_space);
  CHECK(device.vault->position().version == 4);
  CHECK(device.vault->begin(false, {0, ""}).code() == Code::invalid_argument);
}

TEST_CASE("two users with one PIN: neither") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 1,
                    {device.put("alice", {device.verifier(CredentialKind::pin, "4711")}),
                     device.put("bob", {device.verifier(CredentialKind::pin, "4711"),
                                        device.verifier(CredentialKind::pin, "4712")})})
              .ok());
  CHECK(device.refusal(pin("4711")) == OfflineRefusal::ambiguous);
  CHECK(device.login(pin("4711")).user_uid.empty());
  CHECK(device.granted(pin("4712")));
  CHECK(device.events(AuditKind::pin_ambiguous) == 1);
  CHECK(device.vault->counts().ambiguous_pins == 1);
  // Learnt by one and listed for another.
  REQUIRE(device.learn(pin("4712"), user("carol")).ok());
  CHECK(device.refusal(pin("4712")) == OfflineRefusal::ambiguous);
  REQUIRE(device.sync(false, 2, {Device::removal("bob")}).ok());
  CHECK(device.login(pin("4711")).user.user_uid == "u-alice");
  CHECK(device.login(pin("4712")).user.user_uid == "u-carol");
}

TEST_CASE("what the scope doesn't ask for is left out") {
  Device device;
  device.policy.sync = UserSync::verifiers;
  REQUIRE(device.open().ok());
  REQUIRE(device
              .sync(true, 1,
                    {device.put("alice", {device.verifier(CredentialKind::pin, "4711"),
                                          device.verifier(CredentialKind::card, "CAFE01")})})
              .ok());
  CHECK(device.refusal(pin("4711")) == OfflineRefusal::not_cached);
  CHECK(device.granted(card("CAFE01")));
  CHECK(device.vault->counts().credentials == 1);
  REQUIRE(device.learn(pin("4711"), user("alice")).ok());
  CHECK(device.granted(pin("4711")));
}

TEST_CASE("what was synchronised expires when the list is no longer confirmed") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(
      device.sync(true, 1, {device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")})})
          .ok());
  device.now = device.contact = kNow + 700 * kHour;
  REQUIRE(device.sync(false, 1, {}).ok());
  device.now = device.contact = kNow + 1400 * kHour;
  CHECK(device.granted(card("CAFE01")));
  device.now = device.contact = kNow + 1421 * kHour;
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::expired);
}

TEST_CASE("who was learnt and then listed no longer leaves") {
  Device device;
  device.policy.max_users_flash = 2;
  REQUIRE(device.open().ok());
  REQUIRE(device.sync(true, 1, {device.put("root", {})}).ok());
  REQUIRE(device.sync(false, 2, {Device::removal("root")}).ok());
  const auto alice = device.put("alice", {device.verifier(CredentialKind::card, "CAFE01")});
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  REQUIRE(device.sync(false, 3, {alice}).ok());
  for (const char* number : {"CAFE02", "CAFE03"}) {
    device.now += kDay;
    REQUIRE(device.learn(card(number), user(number)).ok());
    CHECK(device.granted(card(number)));
  }
  CHECK(device.granted(card("CAFE01")));
  CHECK(device.refusal(card("CAFE02")) == OfflineRefusal::unknown);
}

TEST_CASE("who was here longest ago leaves, who is listed stays") {
  Device device;
  device.policy.max_users_flash = 3;
  REQUIRE(device.open().ok());
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i);
    REQUIRE(device.learn(card("CAFE0" + n), user("u" + n)).ok());
    device.now += kDay;
    device.contact = device.now;
  }
  CHECK(device.granted(card("CAFE00")));  // used: the second is now the oldest
  REQUIRE(device.learn(card("CAFE03"), user("u3")).ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_cached);
  CHECK(device.granted(card("CAFE00")));
  CHECK(device.granted(card("CAFE02")));
  CHECK(device.granted(card("CAFE03")));
  CHECK(device.vault->counts().users == 3);
  REQUIRE(device.tidy_all().ok());
  REQUIRE(device.restart().ok());
  CHECK(device.database->rows_in(2) == 3);
  CHECK(device.database->rows_in(3) == 3);
  CHECK(device.database->rows_in(6) == 3);

  REQUIRE(device.sync(true, 1, {device.put("a", {}), device.put("b", {})}).ok());
  REQUIRE(device.learn(card("CAFE05"), user("u5")).ok());
  REQUIRE(device.learn(card("CAFE06"), user("u6")).ok());
  CHECK(device.refusal(card("CAFE05")) == OfflineRefusal::unknown);
  CHECK(device.granted(card("CAFE06")));
  // One more in the list: the learnt one makes room. Yet another: refused.
  REQUIRE(device.sync(false, 2, {device.put("c", {})}).ok());
  CHECK(device.refusal(card("CAFE06")) == OfflineRefusal::unknown);
  REQUIRE(device.learn(card("CAFE07"), user("u7")).ok());
  CHECK(device.refusal(card("CAFE07")) == OfflineRefusal::unknown);
  CHECK(device.sync(false, 3, {device.put("d", {})}).code() == Code::no_space);
  CHECK(device.vault->counts().users == 3);
}

}  // namespace
}  // namespace holdfast
