// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Whose word reaches the cache, and when the cache is asked at all.
#include "fault/offline/offline_world.h"

namespace holdfast::test {
namespace {

struct KnownWorld : OfflineWorld {
  KnownWorld() {
    begin();
    REQUIRE(enter(CredentialKind::card, "1234").source == AnswerSource::home);
    run(seconds(1));
  }
  bool cached() {
    lose_servers();
    const LoginResult result = enter(CredentialKind::card, "1234");
    return result.verdict == Verdict::granted && result.source == AnswerSource::cache;
  }
};

// Several home servers: "a" and "b" serve the same data.
struct OneClusterWorld : OfflineWorld {
  OneClusterWorld() {
    b.cluster_id = "cluster-1";
    config.servers[1].cluster_id = "cluster-1";
    begin();
  }
};

}  // namespace

TEST_CASE("a server that refuses the device keeps the cache shut") {
  KnownWorld world;
  SUBCASE("401") { world.a.status = 401; }
  SUBCASE("403") { world.a.status = 403; }
  // The cache would be asked while home may still answer.
  SUBCASE("401 of the other one, and home says nothing") {
    world.a.silent = true;
    world.b.status = 401;
  }
  if (world.b.status == 0) world.b.refuses = true;
  const LoginResult at_once = world.enter(CredentialKind::card, "1234");
  CHECK(at_once.verdict == Verdict::unknown);
  CHECK(at_once.source != AnswerSource::cache);
  world.run(seconds(60));
  const LoginResult later = world.enter(CredentialKind::card, "1234");
  CHECK(later.verdict == Verdict::unknown);
  CHECK(later.source != AnswerSource::cache);
}

TEST_CASE("home's denial is final, and taught") {
  KnownWorld world;
  world.a.card_verdicts.clear();
  SUBCASE("unknown") {}
  SUBCASE("revoked") { world.a.denial = "revoked"; }
  SUBCASE("disabled") { world.a.denial = "disabled"; }
  SUBCASE("wrong") { world.a.denial = "wrong-secret"; }
  const LoginResult result = world.enter(CredentialKind::card, "1234");
  CHECK(result.verdict == Verdict::denied);
  CHECK(result.source == AnswerSource::home);
  CHECK_FALSE(world.cached());
}

TEST_CASE("a denial that comes after the cache's grant is taught as well") {
  KnownWorld world;
  world.a.card_verdicts.clear();
  world.a.denial = "revoked";
  world.a.login_takes = seconds(5);
  world.b.silent = true;
  const LoginResult first = world.enter(CredentialKind::card, "1234");
  REQUIRE(first.source == AnswerSource::cache);
  REQUIRE(first.verdict == Verdict::granted);
  world.run(seconds(10));
  CHECK_FALSE(world.cached());
}

TEST_CASE("a denial that comes after another cluster's grant is taught as well") {
  KnownWorld world;
  world.a.card_verdicts.clear();
  world.a.denial = "revoked";
  world.a.login_takes = milliseconds(2500);
  world.config.login.offline_after_ms = 60000;
  const LoginResult first = world.enter(CredentialKind::card, "1234");
  world.run(seconds(10));
  CHECK((first.provisional || first.verdict == Verdict::denied));
  CHECK_FALSE(world.cached());
}

TEST_CASE("another cluster teaches nothing") {
  OfflineWorld world;
  world.begin();
  world.a.refuses = true;
  const LoginResult result = world.enter(CredentialKind::card, "1234");
  REQUIRE(result.source == AnswerSource::fallback);
  REQUIRE(result.verdict == Verdict::granted);
  world.lose_servers();
  CHECK_FALSE(world.enters("1234"));
  CHECK(world.client->snapshot().offline.users == 0);
}

TEST_CASE("another cluster's denial takes nothing away") {
  KnownWorld world;
  world.b.card_verdicts.clear();
  world.b.denial = "revoked";
  world.a.refuses = true;
  world.until([&] { return world.client->snapshot().servers[0].state == ServerState::down; });
  const LoginResult result = world.enter(CredentialKind::card, "1234");
  CHECK(result.verdict == Verdict::denied);  // and never the cache's business
  CHECK(result.source == AnswerSource::fallback);
  CHECK(world.cached());
}

TEST_CASE("another cluster's list of users isn't asked for") {
  OfflineWorld world;
  world.synchronise();
  world.b.users_version = 9;
  world.b.users_manifest = R"({"version":9,"base_version":0,"full":true,"chunks":[]})";
  world.a.refuses = true;
  world.begin();
  world.run(seconds(120));
  CHECK(world.synchronised() == 0);
  for (const std::string& line : world.b.log) CHECK(line.find("/users") == std::string::npos);
}

TEST_CASE("answers that aren't: no grant, nothing learnt, nothing forgotten") {
  KnownWorld world;
  bool denies = false;
  SUBCASE("a doubled verdict") { world.a.denial = "x\",\"verdict\":\"granted"; }
  SUBCASE("cut") { world.a.card_verdicts["1234"] = "u1\"},\"x\":[[[\""; }
  SUBCASE("bad UTF-8") { world.a.card_verdicts["1234"] = "u1\",\"name\":\"\xff"; }
  SUBCASE("no id") { world.a.card_verdicts["1234"] = "two words"; }
  SUBCASE("a surrogate") { world.a.card_verdicts["1234"] = "u1\",\"x\":\"\\ud800"; }
  SUBCASE("a denial of nothing") {
    world.a.denial = "";
    denies = true;
  }
  if (world.a.denial != "unknown-credential" || denies) world.a.card_verdicts.clear();
  world.b.refuses = true;
  const LoginResult result = world.enter(CredentialKind::card, "1234");
  CHECK(result.source != AnswerSource::home);
  CHECK(world.client->snapshot().offline.users == 1);
  CHECK(world.cached());
}

TEST_CASE("who is nobody at home isn't somebody because home is silent") {
  OneClusterWorld world;
  world.a.refuses = true;
  CHECK(world.enter(CredentialKind::card, "1234").verdict == Verdict::granted);
  world.run(seconds(1));
  world.lose_servers();
  CHECK(world.enters("1234"));  // "b" is home, too
  CHECK_FALSE(world.enters("12345"));
}

TEST_CASE("a fallback claims to be home: it is quarantined, and teaches nothing") {
  OfflineWorld world;
  world.a.refuses = true;
  world.b.cluster_id = "cluster-1";  // configured as cluster-2
  world.begin();
  const LoginResult result = world.enter(CredentialKind::card, "1234");
  world.run(seconds(20));
  world.lose_servers();
  CHECK_FALSE(world.enters("1234"));
  CHECK(result.source != AnswerSource::home);
  CHECK(world.client->snapshot().offline.users == 0);
}

}  // namespace holdfast::test
