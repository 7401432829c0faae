// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists of users from a server that lies, dies or is someone else's, through the whole client.
#include <psa/crypto.h>

#include "base/base64.h"
#include "codec/protocol_v1.h"
#include "fault/offline/offline_world.h"

namespace holdfast::test {
namespace {

std::string base64(const std::string& bytes) {
  return base64_encode(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// The administrator's key, which no print server has.
class ListKey {
 public:
  ListKey() {
    psa_crypto_init();
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    REQUIRE(psa_generate_key(&attributes, &key_) == PSA_SUCCESS);
  }
  ~ListKey() { psa_destroy_key(key_); }
  ListKey(const ListKey&) = delete;
  ListKey& operator=(const ListKey&) = delete;

  std::string public_key() const {
    std::string point(65, '\0');
    size_t size = 0;
    REQUIRE(psa_export_public_key(key_, reinterpret_cast<uint8_t*>(&point[0]), point.size(),
                                  &size) == PSA_SUCCESS);
    return base64(point);
  }
  std::string sign(const std::string& text) const {
    std::string signature(64, '\0');
    size_t size = 0;
    REQUIRE(psa_sign_message(key_, PSA_ALG_ECDSA(PSA_ALG_SHA_256),
                             reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                             reinterpret_cast<uint8_t*>(&signature[0]), signature.size(),
                             &size) == PSA_SUCCESS);
    return signature;
  }

 private:
  psa_key_id_t key_ = 0;
};

struct ListWorld : OfflineWorld {
  ListWorld() {
    synchronise();
    offer(5, 0, {put_card("u2", "AA11") + put_card("u3", "BB22")});
  }
  void hold_five() {
    begin();
    REQUIRE(reaches(5));
  }
  // A refused list changes nothing but the record of it.
  void refused() {
    until([&] { return audited(AuditKind::sync_refused) > 0; }, seconds(60));
    CHECK(audited(AuditKind::sync_refused) > 0);
    CHECK(synchronised() == 5);
    lose_servers();
    CHECK(enters("AA11"));
    CHECK(enters("BB22"));
    CHECK_FALSE(enters("CC33"));
  }
};

struct SignedWorld : ListWorld {
  ListKey list_key;
  SignedWorld() { config.offline.users_key = list_key.public_key(); }

  // As offered, signed for that device and cluster.
  std::string signature(const std::string& device = "mfp-1",
                        const std::string& cluster = "cluster-1") {
    const Headers headers;
    const WireAnswer answer{200, &headers, &a.users_manifest};
    codec::ProtocolV1 v1;
    const auto read = v1.read_users({device, "token"}, cluster, answer);
    REQUIRE(read.has_value());
    return list_key.sign(read->signed_bytes);
  }
  void attach(const std::string& signature) {
    a.users_manifest.back() = ',';
    a.users_manifest += R"("key_id":"k1","signature":")" + base64(signature) + "\"}";
  }
};

}  // namespace

TEST_CASE("a signed list is taken, and no other") {
  SignedWorld world;
  world.attach(world.signature());
  world.hold_five();
  world.offer(6, 5, {world.put_card("u9", "CC33")});
  SUBCASE("no signature") {}
  SUBCASE("another device's") { world.attach(world.signature("mfp-2")); }
  SUBCASE("another cluster's") { world.attach(world.signature("mfp-1", "cluster-2")); }
  SUBCASE("another key's") {
    const ListKey other;
    const std::string good = world.list_key.sign("");
    world.attach(other.sign("holdfast-users-v1\n"));
    CHECK(good.size() == 64);
  }
  SUBCASE("one bit") {
    std::string flipped = world.signature();
    flipped[17] = static_cast<char>(flipped[17] ^ 4);
    world.attach(flipped);
  }
  SUBCASE("too short") { world.attach(world.signature().substr(0, 63)); }
  SUBCASE("zeros") { world.attach(std::string(64, '\0')); }
  SUBCASE("of another version") {
    const std::string good = world.signature();
    world.offer(7, 5, {world.put_card("u9", "CC33")});
    world.attach(good);
  }
  world.refused();
}

TEST_CASE("each bit of a signature counts") {
  SignedWorld world;
  const std::string good = world.signature();
  const Headers headers;
  codec::ProtocolV1 v1;
  const auto read =
      v1.read_users({"mfp-1", "token"}, "cluster-1", {200, &headers, &world.a.users_manifest});
  std::string key;
  REQUIRE(base64_decode(world.config.offline.users_key, key));
  REQUIRE(world.crypto->verify_p256(key, read->signed_bytes, good).ok());
  for (size_t bit = 0; bit < 512; ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CHECK_FALSE(world.crypto->verify_p256(key, read->signed_bytes, flipped).ok());
  }
}

TEST_CASE("a list that is older, or builds on another one, is refused") {
  ListWorld world;
  world.hold_five();
  SUBCASE("an older one") { world.offer(4, 3, {world.put_card("u9", "CC33")}); }
  SUBCASE("an older one, full") { world.offer(4, 0, {world.put_card("u9", "CC33")}); }
  SUBCASE("one that builds on what isn't there yet") {
    world.offer(7, 6, {world.put_card("u9", "CC33")});
  }
  SUBCASE("one that builds on what was") { world.offer(6, 4, {world.put_card("u9", "CC33")}); }
  world.refused();
}

TEST_CASE("versions and sizes that no list has") {
  ListWorld world;
  world.hold_five();
  world.offer(6, 5, {world.put_card("u9", "CC33")});
  std::string& body = world.a.users_manifest;
  const auto change = [&](const std::string& from, const std::string& to) {
    const size_t at = body.find(from);
    REQUIRE(at != std::string::npos);
    body.replace(at, from.size(), to);
  };
  SUBCASE("2^63") { change("\"version\":6", "\"version\":9223372036854775808"); }
  SUBCASE("2^64 - 1") { change("\"version\":6", "\"version\":18446744073709551615"); }
  SUBCASE("a chunk of 65,537 bytes") {
    world.offer(6, 5, {std::string(65537 - 32, ' ') + world.removal("u3")});
  }
  SUBCASE("an empty chunk") { world.offer(6, 5, {""}); }
  SUBCASE("a page") { body = "<html>Welcome to our guest network</html>"; }
  SUBCASE("nothing") { body.clear(); }
  SUBCASE("half of it") { body.resize(body.size() / 2); }
  world.run(seconds(40));
  CHECK(world.synchronised() == 5);
  world.lose_servers();
  CHECK(world.enters("AA11"));
  CHECK(world.enters("BB22"));
  CHECK_FALSE(world.enters("CC33"));
}

TEST_CASE("what is asked for in a line is bounded before it is done") {
  ListWorld world;
  world.hold_five();
  std::string line = world.put_card("u9", "CC33");
  const auto change = [&](const std::string& from, const std::string& to) {
    line.replace(line.find(from), from.size(), to);
  };
  SUBCASE("0 iterations") { change("10000", "0"); }
  SUBCASE("1") { change("10000", "1"); }
  SUBCASE("9,999") { change("10000", "9999"); }
  SUBCASE("1,000,001") { change("10000", "1000001"); }
  SUBCASE("2^32 - 1") { change("10000", "4294967295"); }
  SUBCASE("a salt of 2 bytes") { change("\"salt\":\"", "\"salt\":\"abcd\",\"x\":\""); }
  SUBCASE("the name that is reserved") { change("\"u9\"", "\"break-glass\""); }
  world.offer(6, 5, {line});
  world.run(seconds(40));
  CHECK(world.synchronised() == 5);
  world.lose_servers();
  CHECK(world.enters("AA11"));
  CHECK_FALSE(world.enters("CC33"));
}

TEST_CASE("more users than fit: the old list stays, also while a full one fails again and again") {
  ListWorld world;
  world.config.offline.max_users_flash = 20;
  world.hold_five();
  std::vector<std::string> chunks(8);
  for (int i = 0; i < 80; ++i)
    chunks[static_cast<size_t>(i / 10)] += world.put("n" + std::to_string(i), {});
  world.offer(6, 0, chunks);
  world.run(seconds(1800));
  CHECK(world.synchronised() == 5);
  CHECK(world.client->snapshot().offline.users == 2);
  // What was given up is tidied away: 21 users at most of each try.
  CHECK(world.database->content().size() < 400);
  world.lose_servers();
  CHECK(world.enters("AA11"));
}

TEST_CASE("revoked, added again, PIN changed: each delta is what counts after it") {
  ListWorld world;
  world.hold_five();
  const auto both = [&](const std::string& card, const std::string& pin) {
    return world.put("u2", {world.verifier("card", card), world.verifier("pin", pin)});
  };
  const auto at = [&](uint64_t version) {
    world.find_servers();
    REQUIRE(world.reaches(version, seconds(120)));
    world.lose_servers();
  };
  world.offer(6, 5, {world.removal("u2")});
  at(6);
  CHECK_FALSE(world.enters("AA11"));
  world.offer(7, 6, {both("AA11", "271828")});
  at(7);
  CHECK(world.enters("AA11"));
  CHECK(world.enter(CredentialKind::pin, "271828").verdict == Verdict::granted);
  world.offer(8, 7, {both("AA11", "314159")});
  at(8);
  CHECK(world.enter(CredentialKind::pin, "271828").verdict != Verdict::granted);
  CHECK(world.enter(CredentialKind::pin, "314159").verdict == Verdict::granted);
  world.offer(9, 8, {both("DD44", "314159") + world.removal("u2")});  // of the wrong order
  at(9);
  for (const char* card : {"AA11", "DD44"}) CHECK_FALSE(world.enters(card));
  world.restart();
  for (const char* card : {"AA11", "DD44"}) CHECK_FALSE(world.enters(card));
  CHECK(world.enters("BB22"));
}

TEST_CASE("two users with one PIN: neither, and it is told") {
  ListWorld world;
  world.offer(5, 0,
              {world.put("u2", {world.verifier("pin", "271828")}) +
               world.put("u3", {world.verifier("pin", "271828")}) +
               world.put("u4", {world.verifier("pin", "314159")})});
  world.hold_five();
  CHECK(world.audited(AuditKind::pin_ambiguous) > 0);
  world.lose_servers();
  CHECK(world.enter(CredentialKind::pin, "271828").verdict != Verdict::granted);
  CHECK(world.enter(CredentialKind::pin, "314159").user.user_uid == "u4");
}

TEST_CASE("a server that dies in the middle: the old list whole, but for who is gone") {
  ListWorld world;
  world.hold_five();
  world.offer(6, 5,
              {world.removal("u2"), world.put_card("u9", "CC33"), world.put_card("u4", "EE55")});
  world.find_servers();
  const auto asked = [&](const std::string& chunk) {
    return std::any_of(world.a.log.begin(), world.a.log.end(), [&](const std::string& line) {
      return line.find("/users/chunks/" + chunk) != std::string::npos;
    });
  };
  world.until([&] { return asked("v6-1"); }, seconds(60));
  REQUIRE(asked("v6-1"));
  REQUIRE_FALSE(asked("v6-2"));
  world.lose_servers();
  CHECK(world.synchronised() == 5);
  CHECK_FALSE(world.enters("AA11"));
  CHECK(world.enters("BB22"));
  CHECK_FALSE(world.enters("CC33"));
  SUBCASE("it comes back") {}
  SUBCASE("the device restarts meanwhile") {
    world.restart();
    CHECK_FALSE(world.enters("AA11"));
    CHECK(world.enters("BB22"));
  }
  world.find_servers();
  REQUIRE(world.reaches(6, seconds(900)));
  world.lose_servers();
  CHECK_FALSE(world.enters("AA11"));
  CHECK(world.enters("CC33"));
  CHECK(world.enters("EE55"));
}

TEST_CASE("a manifest that changes between its chunks is begun anew") {
  ListWorld world;
  world.hold_five();
  world.offer(6, 5, {world.put_card("u9", "CC33"), world.put_card("u4", "EE55")});
  world.until(
      [&] {
        return std::any_of(world.a.log.begin(), world.a.log.end(), [](const std::string& line) {
          return line.find("/users/chunks/v6-0") != std::string::npos;
        });
      },
      seconds(60));
  SUBCASE("its chunks are gone") { world.a.chunks.erase("v6-1"); }
  SUBCASE("its chunk is another one") { world.a.chunks["v6-1"] = world.put_card("u4", "FF66"); }
  world.run(seconds(2));
  CHECK(world.synchronised() == 5);
  world.offer(7, 5, {world.put_card("u4", "FF66")});
  REQUIRE(world.reaches(7, seconds(120)));
  world.lose_servers();
  CHECK(world.enters("FF66"));
  CHECK_FALSE(world.enters("EE55"));
  CHECK_FALSE(world.enters("CC33"));  // of the list that was given up
}

TEST_CASE("a list that stays the same keeps its users from expiring") {
  ListWorld world;
  world.config.offline.card_expiry_h = 4;
  world.hold_five();
  world.run(seconds(6 * 3600));
  CHECK(world.synchronised() == 5);
  CHECK(world.audited(AuditKind::users_synchronised) == 1);
  world.lose_servers();
  CHECK(world.enters("AA11"));
  world.run(seconds(5 * 3600));  // and an outage doesn't
  CHECK_FALSE(world.enters("AA11"));
}

TEST_CASE("power cut at each operation of a list: the old one or the new one") {
  ListWorld before;
  before.hold_five();
  before.stop();
  before.executor.run_all();
  const FakeDatabase::Rows rows = before.database->content();
  const uint64_t count = before.key.count;
  size_t news = 0;
  size_t cuts = 0;
  for (const FakeDatabase::Landed landed : {FakeDatabase::Landed::no, FakeDatabase::Landed::yes}) {
    for (size_t n = 1; n < 500; ++n, ++cuts) {
      CAPTURE(n);
      ListWorld world;
      world.database = std::make_unique<FakeDatabase>(rows);
      world.key.count = count;
      world.offer(6, 5, {world.removal("u2"), world.put_card("u3", "CC33")});
      world.database->cut_power_at(n, landed);
      world.begin();
      (void)world.reaches(6, seconds(20));
      const bool finished = world.database->powered() && world.synchronised() == 6;
      world.lose_servers();
      world.restart();
      const bool old_card = world.enters("BB22");
      const bool new_card = world.enters("CC33");
      REQUIRE(old_card != new_card);
      const bool revoked = !world.enters("AA11");
      if (new_card) CHECK(revoked);
      CHECK(world.audited(AuditKind::cache_damaged) == 0);
      news += new_card ? 1u : 0u;
      if (finished) {
        CHECK(new_card);
        break;
      }
    }
  }
  CHECK(news > 2);
  CHECK(cuts > 60);
}

}  // namespace holdfast::test
