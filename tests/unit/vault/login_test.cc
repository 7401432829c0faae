// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"
#include "device.h"

namespace holdfast {
namespace {

using namespace test;

TEST_CASE("who was learnt gets in, by what was learnt") {
  Device device;
  REQUIRE(device.open().ok());
  CHECK(device.words.empty());
  CHECK(device.refusal(card("04A1B2C3")) == OfflineRefusal::not_cached);
  REQUIRE(device.learn(card("04:a1:b2:c3"), user("alice")).ok());
  REQUIRE(device.learn(pin("4711"), user("alice")).ok());
  REQUIRE(device.learn(password("alice", "wonderland"), user("alice")).ok());
  CHECK(device.vault->counts().users == 1);
  CHECK(device.vault->counts().credentials == 3);

  const auto look = [&] {
    for (const bool restarted : {false, true}) {
      if (restarted) REQUIRE(device.restart().ok());
      CHECK(device.words.empty());
      const OfflineLogin login = device.login(card("04A1B2C3"));
      CHECK(login.refusal == OfflineRefusal::none);
      CHECK(login.user.user_uid == "u-alice");
      CHECK(login.user.display_name == "The user alice");
      CHECK(login.user.rights == std::vector<std::string>{"print", "color"});
      CHECK(device.granted(pin("4711")));
      CHECK(device.granted(password("alice", "wonderland")));
      CHECK(device.refusal(password("alice", "Wonderland")) == OfflineRefusal::wrong_secret);
      CHECK(device.refusal(password("Alice", "wonderland")) == OfflineRefusal::not_cached);
      CHECK(device.refusal(pin("4712")) == OfflineRefusal::not_cached);
      // What is a PIN isn't a card.
      CHECK(device.refusal(card("4711")) == OfflineRefusal::not_cached);
    }
  };
  look();
  CHECK(device.events(AuditKind::login_granted) == 6);
  CHECK(device.events(AuditKind::login_refused) == 9);

  Credential typed = card("04A1B2C3");
  device.vault->login(typed, device.contact, device.now);
  CHECK(typed.secret.empty());
}

TEST_CASE("home's word replaces what was learnt") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(password("alice", "old"), user("alice")).ok());
  REQUIRE(device.learn(password("ALICE", "new"), user("alice")).ok());
  CHECK(device.refusal(password("alice", "old")) == OfflineRefusal::wrong_secret);
  CHECK(device.granted(password("alice", "new")));
  CHECK(device.granted(password("ALICE", "new")));  // home takes both spellings
  CHECK(device.vault->counts().credentials == 1);

  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  REQUIRE(device.learn(card("CAFE01"), user("bob")).ok());  // handed on
  CHECK(device.login(card("CAFE01")).user.user_uid == "u-bob");
  CHECK(device.vault->counts().users == 2);
  CHECK(device.vault->counts().credentials == 2);

  User renamed = user("alice");
  renamed.name = "alice2";
  renamed.rights = {"print"};
  REQUIRE(device.learn(password("alice2", "new"), renamed).ok());
  CHECK(device.login(password("alice2", "new")).user.rights.size() == 1);
  CHECK(device.refusal(password("alice", "new")) == OfflineRefusal::not_cached);
}

TEST_CASE("home's denial takes away what was learnt") {
  Device device;
  REQUIRE(device.open().ok());
  const auto fill = [&] {
    REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
    REQUIRE(device.learn(password("alice", "pw"), user("alice")).ok());
  };
  fill();
  CHECK(device.unlearn(card("CAFE01"), "locked").ok());
  CHECK(device.granted(card("CAFE01")));
  CHECK(device.unlearn(card("CAFE01"), "unknown-credential").ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_cached);
  CHECK(device.unlearn(password("alice", "other"), "wrong-secret").ok());
  CHECK(device.granted(password("alice", "pw")));
  CHECK(device.unlearn(password("alice", "pw"), "wrong-secret").ok());
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::not_cached);
  fill();
  CHECK(device.unlearn(card("CAFE01"), "disabled").ok());
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::disabled);
  fill();
  CHECK(device.granted(password("alice", "pw")));
  CHECK(device.unlearn(password("alice", "pw"), "revoked").ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  CHECK(device.vault->counts().users == 0);
  CHECK(device.events(AuditKind::revoked) == 2);
  REQUIRE(device.tidy_all().ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  REQUIRE(device.restart().ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::revoked);
  // Without a list home's newer word counts.
  REQUIRE(device.learn(card("CAFE02"), user("alice")).ok());
  CHECK(device.granted(card("CAFE02")));
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_cached);
}

TEST_CASE("a user is paused, then needs a server; success forgives") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(password("alice", "pw"), user("alice")).ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  for (int i = 0; i < 4; ++i) device.refusal(password("alice", "no"));
  CHECK(device.granted(password("alice", "pw")));
  for (int i = 0; i < 5; ++i) {
    CHECK(device.refusal(password("alice", "no")) == OfflineRefusal::wrong_secret);
  }
  CHECK(device.events(AuditKind::user_paused) == 1);
  REQUIRE(device.restart().ok());
  const int before = device.crypto->derivations;
  OfflineLogin login = device.login(password("alice", "pw"));
  CHECK(login.refusal == OfflineRefusal::user_paused);
  CHECK(login.retry_after_s == 30);
  CHECK(device.crypto->derivations == before);
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::user_paused);
  // A clock set back makes it neither longer nor shorter.
  device.now -= 5 * kDay;
  CHECK(device.login(password("alice", "pw")).retry_after_s == 30);
  device.now += 31000;
  for (int i = 0; i < 5; ++i) {
    CHECK(device.refusal(password("alice", "no")) == OfflineRefusal::wrong_secret);
    device.now += 31000;
  }
  device.now += kDay;
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::online_only);
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  device.contact = device.now;
  CHECK(device.granted(card("CAFE01")));
  REQUIRE(device.learn(password("alice", "pw"), user("alice")).ok());
  CHECK(device.granted(password("alice", "pw")));
}

TEST_CASE("a device is locked for one kind; a success takes back its own attempt only") {
  Device device;
  device.policy.device_failures = 6;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(pin("4711"), user("alice")).ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  for (int i = 0; i < 5; ++i) {
    CHECK(device.refusal(pin("000" + std::to_string(i))) == OfflineRefusal::not_cached);
    CHECK(device.granted(pin("4711")));
  }
  CHECK(device.refusal(pin("0005")) == OfflineRefusal::not_cached);
  CHECK(device.events(AuditKind::device_locked) == 1);
  for (const bool restarted : {false, true}) {
    if (restarted) REQUIRE(device.restart().ok());
    const OfflineLogin login = device.login(pin("4711"));
    CHECK(login.refusal == OfflineRefusal::device_locked);
    CHECK(login.retry_after_s == 600);
    CHECK(device.granted(card("CAFE01")));
  }
  device.now += 600000;
  CHECK(device.granted(pin("4711")));
  CHECK(device.refusal(pin("0006")) == OfflineRefusal::not_cached);
  CHECK(device.refusal(pin("4711")) == OfflineRefusal::device_locked);
}

TEST_CASE("age, expiry, decay, what the policy accepts") {
  Device device;
  device.policy.max_age_h = 72;
  device.policy.rights_decay = {{24, {"color"}}};
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  device.contact = kNow;
  device.now = kNow + 24 * kHour - 1;
  CHECK(device.login(card("CAFE01")).user.rights.size() == 2);
  device.now = kNow + 24 * kHour;
  CHECK(device.login(card("CAFE01")).user.rights == std::vector<std::string>{"print"});
  device.now = kNow + 72 * kHour;
  CHECK(device.granted(card("CAFE01")));
  device.now += 1000;
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::too_old);
  device.now = kNow + 720 * kHour + 1000;
  device.contact = device.now;
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::expired);
  REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
  CHECK(device.granted(card("CAFE01")));

  device.policy.cards = false;
  REQUIRE(device.restart().ok());
  CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::off);
  CHECK(device.learn(card("CAFE02"), user("bob")).ok());
  CHECK(device.vault->counts().users == 1);
}

TEST_CASE("a PIN alone opens nothing when a day's guesses would hit somebody's") {
  Device device;
  device.policy.pin_guess_permille = 50;  // 176 tries: two of 10,000
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(pin("1001"), user("a")).ok());
  REQUIRE(device.learn(pin("1002"), user("b")).ok());
  REQUIRE(device.learn(pin("1003"), user("c")).ok());  // not remembered
  CHECK(device.vault->counts().credentials == 2);
  CHECK(device.granted(pin("1001")));
  CHECK(device.refusal(pin("1003")) == OfflineRefusal::not_cached);
  REQUIRE(device.learn(pin("10030000"), user("c")).ok());
  CHECK(device.granted(pin("10030000")));
  CHECK(device.granted(pin("1002")));
  // Some of a list, whose length nobody knows: no PIN of 4 digits is tried, one of 8 is.
  REQUIRE(device
              .sync(true, 1,
                    {device.put("d", {device.verifier(CredentialKind::pin, "2001")}),
                     device.put("e", {device.verifier(CredentialKind::pin, "20020000")}),
                     device.put("f", {device.verifier(CredentialKind::pin, "2003")})})
              .ok());
  CHECK(device.refusal(pin("2001")) == OfflineRefusal::off);
  CHECK(device.granted(pin("20020000")));
}

TEST_CASE("a million bytes are refused before any work") {
  Device device;
  REQUIRE(device.open().ok());
  const int derivations = device.crypto->derivations;
  const size_t operations = device.database->operations();
  const std::string huge(1000000, '7');
  CHECK(device.refusal(password("alice", huge)) == OfflineRefusal::not_cached);
  CHECK(device.refusal(password(huge, "pw")) == OfflineRefusal::not_cached);
  CHECK(device.refusal(card(huge)) == OfflineRefusal::not_cached);
  CHECK(device.refusal(pin(huge)) == OfflineRefusal::not_cached);
  CHECK(device.learn(pin(huge), user("alice")).code() == Code::invalid_argument);
  CHECK(device.unlearn(pin(huge), "revoked").ok());
  CHECK(device.crypto->derivations == derivations);
  CHECK(device.database->operations() == operations);
}

TEST_CASE("known, unknown and wrong cost the same") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(password("local", "pw"), user("local")).ok());
  REQUIRE(
      device
          .sync(true, 1,
                {device.put("most",
                            {device.verifier(CredentialKind::password, "pw", "salt-of-most", 20000),
                             device.verifier(CredentialKind::card, "CAFE01"),
                             device.verifier(CredentialKind::pin, "4711", "tenant-2", 11000)}),
                 device.put("less", {device.verifier(CredentialKind::password, "pw", "salt-less")}),
                 device.put("none", {})})
          .ok());
  REQUIRE(device.learn(password("local", "pw"), user("local")).ok());
  REQUIRE(device.learn(card("CAFE02"), user("local")).ok());
  struct Cost {
    uint64_t iterations, hmacs, commits;
    bool operator==(const Cost& o) const {
      return iterations == o.iterations && hmacs == o.hmacs && commits == o.commits;
    }
  };
  const auto cost = [&](Credential who, OfflineRefusal expected) {
    const Cost before{device.crypto->iterations, static_cast<uint64_t>(device.key.calls.hmac),
                      device.database->commits()};
    CHECK(device.refusal(std::move(who)) == expected);
    return Cost{device.crypto->iterations - before.iterations,
                static_cast<uint64_t>(device.key.calls.hmac) - before.hmacs,
                device.database->commits() - before.commits};
  };
  const Cost passwords = cost(password("most", "pw"), OfflineRefusal::none);
  CHECK(passwords.iterations == 20000);
  CHECK(passwords.hmacs == 1);
  CHECK(passwords.commits == 2);
  CHECK(cost(password("most", "no"), OfflineRefusal::wrong_secret) == passwords);
  CHECK(cost(password("less", "pw"), OfflineRefusal::none) == passwords);
  CHECK(cost(password("less", "no"), OfflineRefusal::wrong_secret) == passwords);
  CHECK(cost(password("local", "pw"), OfflineRefusal::none) == passwords);
  CHECK(cost(password("local", "no"), OfflineRefusal::wrong_secret) == passwords);
  CHECK(cost(password("none", "pw"), OfflineRefusal::unknown) == passwords);
  CHECK(cost(password("nobody", "pw"), OfflineRefusal::unknown) == passwords);
  const Cost cards = cost(card("CAFE01"), OfflineRefusal::none);
  CHECK(cards.iterations == kLocalIterations + kServerIterations);
  CHECK(cost(card("CAFE02"), OfflineRefusal::none) == cards);
  CHECK(cost(card("CAFE03"), OfflineRefusal::unknown) == cards);
  const Cost pins = cost(pin("4711"), OfflineRefusal::none);
  CHECK(pins.iterations == kLocalIterations + 11000);
  CHECK(cost(pin("4712"), OfflineRefusal::unknown) == pins);
}

TEST_CASE("break-glass: a code, some times a day, counted and audited") {
  Device device;
  device.policy.break_glass.salt = "00112233445566778899aabbccddeeff";
  device.policy.break_glass.iterations = 100000;
  device.policy.break_glass.max_per_day = 2;
  std::string salt;
  for (int i = 0; i < 16; ++i) salt.push_back(static_cast<char>(i * 0x11));
  const Key256 derived = *device.crypto->pbkdf2_sha256("SEALED-CODE", salt, 100000);
  device.policy.break_glass.verifier = hex_encode(derived.data(), derived.size());
  const auto code = [] { return password("break-glass", "SEALED-CODE"); };
  REQUIRE(device.open().ok());
  // A new cache, which may be one that was deleted to be rid of its counts, begins locked.
  CHECK(device.refusal(code()) == OfflineRefusal::device_locked);
  // Passwords don't suffer for it.
  CHECK(device.refusal(password("nobody", "whatever")) == OfflineRefusal::not_cached);
  device.now += 20 * kMinute;
  device.contact = 0;
  CHECK(device.refusal(password("break-glass", "SEALED-CODe")) == OfflineRefusal::wrong_secret);
  OfflineLogin login = device.login(code());
  CHECK(login.refusal == OfflineRefusal::none);
  CHECK(login.break_glass);
  CHECK(login.user.rights == std::vector<std::string>{"print"});
  CHECK(device.granted(code()));
  REQUIRE(device.restart().ok());
  login = device.login(code());
  CHECK(login.refusal == OfflineRefusal::user_paused);
  CHECK(login.retry_after_s == 86400);
  device.now += kDay;
  CHECK(device.granted(code()));
  CHECK(device.events(AuditKind::break_glass) == 3);
  CHECK(device.learn(card("CAFE01"), {"break-glass", "x", "x", {}}).code() ==
        Code::invalid_argument);

  Device off;
  REQUIRE(off.open().ok());
  CHECK(off.refusal(code()) == OfflineRefusal::not_cached);
}

TEST_CASE("what can't be counted isn't tried") {
  for (const Code code : {Code::no_space, Code::read_only, Code::io_error}) {
    CAPTURE(std::string(to_string(code)));
    Device device;
    REQUIRE(device.open().ok());
    REQUIRE(device.learn(card("CAFE01"), user("alice")).ok());
    REQUIRE(device.learn(password("alice", "pw"), user("alice")).ok());
    const int derivations = device.crypto->derivations;
    device.database->fail_write_at(1, code, true);
    CHECK(device.refusal(card("CAFE01")) == OfflineRefusal::not_writable);
    CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::not_writable);
    CHECK(device.crypto->derivations == derivations);
    // And a grant that can't be recorded isn't given.
    device.database->fail_no_more();
    REQUIRE(device.restart().ok());
    for (size_t n = 1; n <= 12; ++n) {
      device.database->fail_write_at(n, code, true);
      const bool granted = device.granted(card("CAFE01"));
      device.database->fail_no_more();
      REQUIRE(device.restart().ok());
      CHECK(granted == (n > 7));  // the second commit is its 7th writing operation
    }
    CHECK(device.granted(card("CAFE01")));
  }
}

TEST_CASE("a port that fails grants nothing") {
  Device device;
  REQUIRE(device.open().ok());
  REQUIRE(device.learn(password("alice", "pw"), user("alice")).ok());
  device.key.hmac_fails = Code::io_error;
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::not_writable);
  CHECK_FALSE(device.learn(card("CAFE01"), user("alice")).ok());
  device.key.hmac_fails = {};
  device.crypto->fails = Code::crypto_failed;
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::not_writable);
  device.crypto->fails = {};
  device.random.fails = Code::io_error;
  CHECK(device.refusal(password("alice", "pw")) == OfflineRefusal::not_writable);
  device.random.fails = {};
  CHECK(device.granted(password("alice", "pw")));
}

}  // namespace
}  // namespace holdfast
