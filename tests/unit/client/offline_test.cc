// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
// Logins that the device decides itself, through the whole client.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/hex.h"
#include "support/fake_database.h"
#include "support/fake_device_key.h"
#include "unit/client/world.h"

namespace holdfast::test {
namespace {
// Home is "a"; both servers can go. The cache is on flash, under a key that can't leave the device.
struct OfflineWorld : World {
  FakeDatabase database;
  FakeDeviceKey key{1, KeyTier::secure_element};

  OfflineWorld() {
    device_key = &key;
    credentials = &database;
    config.offline.cache = CacheMode::automatic;
    config.offline.kdf_iterations = 10000;
  }

  // Both servers are gone, and that is known.
  void lose_servers() {
    a.refuses = b.refuses = true;
    until([&] { return client->snapshot().route.kind == RouteKind::none; });
  }
  void find_servers() {
    a.refuses = b.refuses = false;
    until([&] { return client->snapshot().route.kind == RouteKind::server; }, seconds(600));
  }
  bool audited(AuditKind kind) const {
    return std::any_of(told.audit.begin(), told.audit.end(),
                       [&](const AuditEvent& event) { return event.kind == kind; });
  }
  // What the server of home synchronises: lines of one chunk.
  void offer(uint64_t version, uint64_t base, const std::string& lines) {
    const std::string digest = sha256_hex(lines);
    a.users_version = version;
    a.chunks["c" + std::to_string(version)] = lines;
    a.users_manifest = R"({"version":)" + std::to_string(version) + R"(,"base_version":)" +
                       std::to_string(base) + R"(,"full":)" + (base == 0 ? "true" : "false") +
                       R"(,"chunks":[{"id":"c)" + std::to_string(version) + R"(","sha256":")" +
                       digest + R"(","bytes":)" + std::to_string(lines.size()) +
                       R"(,"entries":1}]})";
  }
  std::string put(const std::string& uid, const std::string& card, bool disabled = false) {
    const std::string salt = "tenant's salt 16";
    const auto derived = crypto->pbkdf2_sha256(card, salt, 10000);
    return R"({"op":"put","user_uid":")" + uid + R"(","name":")" + uid +
           R"(","display_name":"D","rights":["print","color"],"disabled":)" +
           (disabled ? "true" : "false") + R"(,"verifiers":[{"kind":"card","salt":")" +
           hex_encode(reinterpret_cast<const uint8_t*>(salt.data()), salt.size()) +
           R"(","iterations":10000,"verifier":")" + hex_encode(derived->data(), derived->size()) +
           "\"}]}\n";
  }
  void synchronise() {
    config.offline.sync = UserSync::verifiers;
    for (ServerConfig& server : config.servers) {
      server.tls.client_certificate_file = "device.pem";
      server.tls.client_key_file = "device.key";
    }
  }
  uint64_t synchronised() const { return client->snapshot().offline.users_version; }
};

}  // namespace

TEST_CASE("who logged in at home logs in from the cache") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().source == AnswerSource::home);
  world.lose_servers();
  const Instant asked = world.now;
  const LoginResult result = world.login();
  CHECK(result.verdict == Verdict::granted);
  CHECK(result.source == AnswerSource::cache);
  CHECK(result.user.user_uid == "u1");
  CHECK(result.user.rights == std::vector<std::string>{"print"});
  CHECK(world.now - asked < milliseconds(500));  // the list is known to be down
  CHECK(world.audited(AuditKind::login_granted));
  CHECK(world.client->snapshot().offline.users == 1);
  CHECK(world.client->logout(result.session, world.now).ok());
}

TEST_CASE("home is heard before the cache is open") {
  OfflineWorld world;
  world.executor_runs = false;
  world.start();
  REQUIRE(world.login().source == AnswerSource::home);
  world.a.refuses = world.b.refuses = true;
  world.executor_runs = true;
  world.until([&] { return world.client->snapshot().offline.users == 1; });
  CHECK(world.login().source == AnswerSource::cache);
  CHECK(world.told.logins.back().verdict == Verdict::granted);
}

TEST_CASE("a silent list is asked for offline_after_ms, then the cache") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.a.silent = world.b.silent = true;
  const Instant asked = world.now;
  const LoginResult result = world.login();
  CHECK(result.source == AnswerSource::cache);
  CHECK(result.verdict == Verdict::granted);
  CHECK(world.now - asked >= milliseconds(3000));
  CHECK(world.now - asked < milliseconds(3600));
}

TEST_CASE("who isn't known is told so, and no more") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.lose_servers();
  const LoginResult result = world.login("9999");
  CHECK(result.verdict == Verdict::unknown);
  CHECK(result.source == AnswerSource::cache);
  CHECK(result.session == SessionId::none);
  CHECK(world.audited(AuditKind::login_refused));
}

TEST_CASE("without a device key there is no cache") {
  OfflineWorld world;
  world.device_key = nullptr;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.lose_servers();
  CHECK(world.login().verdict == Verdict::unknown);
  CHECK(world.database.content().empty());
  CHECK(world.client->wipe_credentials(world.now).code() == Code::unsupported);
}

TEST_CASE("a key that can be copied keeps nothing on flash") {
  OfflineWorld world;
  world.key = FakeDeviceKey(1, KeyTier::none);
  SUBCASE("a database that keeps its rows isn't used") {
    world.start();
    REQUIRE(world.login().verdict == Verdict::granted);
    CHECK(world.told.alarmed(Alarm::configuration));
    CHECK(world.database.content().empty());
    world.lose_servers();
    CHECK(world.login().verdict == Verdict::unknown);
  }
  SUBCASE("one in RAM is") {
    world.database.keeps = false;
    world.start();
    REQUIRE(world.login().verdict == Verdict::granted);
    world.lose_servers();
    CHECK(world.login().source == AnswerSource::cache);
  }
}

TEST_CASE("home's denial takes a card out of the cache") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.a.card_verdicts.clear();
  world.b.card_verdicts.clear();
  REQUIRE(world.login().verdict == Verdict::denied);
  world.lose_servers();
  CHECK(world.login().verdict != Verdict::granted);
}

TEST_CASE("a grant by another cluster isn't learnt") {
  OfflineWorld world;
  world.start();
  world.a.refuses = true;
  REQUIRE(world.login().source == AnswerSource::fallback);
  world.lose_servers();
  CHECK(world.login().verdict != Verdict::granted);
}

TEST_CASE("a refusal of the device is no reason to ask the cache") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.a.status = world.b.status = 401;
  world.run(seconds(30));
  const LoginResult result = world.login();
  CHECK(result.verdict == Verdict::unknown);
  CHECK(result.source == AnswerSource::none);
}

TEST_CASE("home's late denial ends the session that the cache opened") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.a.card_verdicts.clear();
  world.a.login_takes = seconds(5);
  world.b.silent = true;
  const LoginResult result = world.login();
  REQUIRE(result.verdict == Verdict::granted);
  REQUIRE(result.source == AnswerSource::cache);
  world.run(seconds(10));
  REQUIRE(world.told.ended.size() == 1);
  CHECK(world.told.ended[0].first == result.session);
  CHECK(world.told.ended[0].second == SessionEnd::denied_by_home);
  CHECK(world.audited(AuditKind::session_ended_by_home));
}

TEST_CASE("the cache outlives a restart, an outage of more than its age doesn't") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.run(seconds(60));
  world.stop();
  world.executor.run_all();
  world.a.refuses = world.b.refuses = true;
  world.start();
  REQUIRE(world.login().source == AnswerSource::cache);
  world.now = world.now + seconds(73 * 3600);  // the clock of the wall stands still
  world.run(seconds(10));
  const LoginResult late = world.login();
  CHECK(late.verdict != Verdict::granted);
  CHECK(late.denial == "too-old");
}

TEST_CASE("wrong cards lock the device, over a restart") {
  OfflineWorld world;
  world.config.offline.device_failures = 4;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.lose_servers();
  for (int i = 0; i < 4; ++i) CHECK(world.login("7777").verdict != Verdict::granted);
  world.stop();
  world.executor.run_all();
  world.start();
  const LoginResult locked = world.login();
  CHECK(locked.verdict != Verdict::granted);
  CHECK(locked.retry_after_s > 0);
  CHECK(world.audited(AuditKind::device_locked));
}

TEST_CASE("users are synchronised; who never was here logs in") {
  OfflineWorld world;
  world.synchronise();
  world.offer(5, 0, world.put("u2", "AA11") + world.put("u3", "BB22"));
  world.start();
  world.until([&] { return world.synchronised() == 5; });
  REQUIRE(world.synchronised() == 5);
  world.lose_servers();
  CHECK(world.login("AA11").user.user_uid == "u2");
  CHECK(world.login("BB22").user.user_uid == "u3");
}

TEST_CASE("a synchronised revocation ends sessions and holds") {
  OfflineWorld world;
  world.synchronise();
  world.offer(5, 0, world.put("u2", "AA11"));
  world.start();
  world.until([&] { return world.synchronised() == 5; });
  world.lose_servers();
  const LoginResult first = world.login("AA11");
  REQUIRE(first.verdict == Verdict::granted);
  world.offer(6, 5, "{\"op\":\"delete\",\"user_uid\":\"u2\"}\n");
  world.find_servers();
  world.until([&] { return world.synchronised() == 6; });
  REQUIRE(world.told.ended.size() == 1);
  CHECK(world.told.ended[0].second == SessionEnd::revoked);
  world.lose_servers();
  const LoginResult again = world.login("AA11");
  CHECK(again.verdict != Verdict::granted);
}

TEST_CASE("a list that isn't what it claims to be changes nothing") {
  OfflineWorld world;
  world.synchronise();
  world.offer(5, 0, world.put("u2", "AA11"));
  world.start();
  world.until([&] { return world.synchronised() == 5; });
  SUBCASE("a changed part") {
    world.offer(6, 5, world.put("u9", "CC33"));
    world.a.chunks["c6"][20] = 'x';
  }
  SUBCASE("a list that builds on another one") { world.offer(6, 4, world.put("u9", "CC33")); }
  SUBCASE("a list without the signature that is asked for") {
    Config config = world.config;
    config.offline.users_key =
        "BGD+1LolWp0xyWHrdMY1bWjASbiSO2H6bOZpYi5g8p+2eQP+EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk=";
    world.stop();
    world.executor.run_all();
    world.config = config;
    world.offer(6, 5, world.put("u9", "CC33"));
    world.start();
  }
  world.until([&] { return world.audited(AuditKind::sync_refused); }, seconds(60));
  CHECK(world.audited(AuditKind::sync_refused));
  CHECK(world.synchronised() == 5);
  world.lose_servers();
  CHECK(world.login("AA11").verdict == Verdict::granted);
  CHECK(world.login("CC33").verdict != Verdict::granted);
}

TEST_CASE("a server that was restored is asked for everything") {
  OfflineWorld world;
  world.synchronise();
  world.offer(5, 0, world.put("u2", "AA11"));
  world.start();
  world.until([&] { return world.synchronised() == 5; });
  world.a.log.clear();
  world.a.incarnation = "another";
  world.offer(4, 0, world.put("u3", "BB22"));
  world.until([&] { return world.synchronised() == 4; });
  const auto asked =
      std::find(world.a.log.begin(), world.a.log.end(), "GET /holdfast/v1/users?since=0");
  CHECK(asked != world.a.log.end());
  world.lose_servers();
  CHECK(world.login("AA11").verdict != Verdict::granted);
  CHECK(world.login("BB22").verdict == Verdict::granted);
}

TEST_CASE("verifiers that the policy doesn't let in aren't kept") {
  OfflineWorld world;
  world.synchronise();
  world.config.offline.sync = UserSync::users;
  world.offer(5, 0, world.put("u2", "AA11"));
  world.start();
  world.until([&] { return world.synchronised() == 5; });
  world.lose_servers();
  CHECK(world.login("AA11").verdict != Verdict::granted);
}

TEST_CASE("home hears of offline logins when it is back, once") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.lose_servers();
  REQUIRE(world.login().verdict == Verdict::granted);
  REQUIRE(world.login("9999").verdict != Verdict::granted);
  CHECK(world.a.audited.empty());
  world.find_servers();
  world.run(seconds(30));
  REQUIRE(world.a.audited.size() >= 1);
  CHECK(world.a.audited[0].find("login_granted") != std::string::npos);
  CHECK(world.a.audited[0].find("login_refused") != std::string::npos);
  CHECK(world.client->snapshot().offline.audit_waiting == 0);
  CHECK(world.b.audited.empty());
  const size_t before = world.a.audited.size();
  world.run(seconds(120));
  CHECK(world.a.audited.size() == before);
}

TEST_CASE("the emergency code works while servers answer, and none of them hears it") {
  OfflineWorld world;
  const std::string salt = "break-glass salt";
  const auto derived = world.crypto->pbkdf2_sha256("let me print", salt, 100000);
  BreakGlass& glass = world.config.offline.break_glass;
  glass.salt = hex_encode(reinterpret_cast<const uint8_t*>(salt.data()), salt.size());
  glass.iterations = 100000;
  glass.verifier = hex_encode(derived->data(), derived->size());
  world.start();
  world.run(seconds(24 * 3600));  // a new cache's first tries come by and by
  const auto enter = [&](const char* code) {
    Credential credential;
    credential.kind = CredentialKind::password;
    credential.user = "break-glass";
    credential.secret = Secret(std::string(code));
    const size_t before = world.told.logins.size();
    REQUIRE(world.client->login(std::move(credential), world.now).has_value());
    world.until([&] { return world.told.logins.size() > before; });
    return world.told.logins.back();
  };
  CHECK(enter("let me in").verdict == Verdict::denied);
  const LoginResult result = enter("let me print");
  CHECK(result.verdict == Verdict::granted);
  CHECK(result.break_glass);
  CHECK(result.session != SessionId::none);
  CHECK(world.audited(AuditKind::break_glass));
  CHECK(world.a.last_login_body.empty());
  CHECK(world.b.last_login_body.empty());
}

TEST_CASE("a wiped cache knows nobody") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.lose_servers();
  CHECK(world.login().verdict == Verdict::granted);
  CHECK(world.login("9999").verdict != Verdict::granted);
  CHECK(world.client->wipe_credentials(world.now).ok());
  world.run(seconds(5));
  CHECK(world.audited(AuditKind::wiped));  // though its number is lower than those before
  CHECK(world.login().verdict != Verdict::granted);
}

TEST_CASE("what isn't writable grants nothing") {
  OfflineWorld world;
  world.start();
  REQUIRE(world.login().verdict == Verdict::granted);
  world.lose_servers();
  world.database.fail_write_at(1, Code::read_only, true);
  CHECK(world.login().verdict != Verdict::granted);
}

}  // namespace holdfast::test
