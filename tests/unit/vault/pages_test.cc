// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages that home lets a user spend while it isn't heard: counted, renewed, never more than leased.
#include "device.h"

namespace holdfast {
namespace {

using namespace test;
using vault::PageReservation;
using Landed = FakeDatabase::Landed;

constexpr const char* kCard = "CAFE01";

User leased(const std::string& name, int64_t pages) {
  User out = user(name);
  out.offline_pages = pages;
  return out;
}

struct LeaseDevice : Device {
  explicit LeaseDevice(int64_t pages = 10) {
    REQUIRE(open().ok());
    REQUIRE(learn(card(kCard), leased("alice", pages)).ok());
  }
  PageReservation reserve(uint32_t pages) { return vault->reserve_pages("u-alice", pages); }
  int64_t left() { return login(card(kCard)).user.offline_pages; }
  UserChange put_leased(int64_t pages) {
    UserChange change = put("alice", {verifier(CredentialKind::card, kCard)});
    change.user = leased("alice", pages);
    return change;
  }
};

TEST_CASE("pages are reserved, settled, and refused when fewer are left") {
  LeaseDevice device;
  CHECK(device.left() == 10);
  const PageReservation first = device.reserve(6);
  CHECK(first.status.ok());
  CHECK(first.left == 4);
  const PageReservation refused = device.reserve(5);
  CHECK(refused.status.code() == Code::refused);
  CHECK(refused.left == 4);
  CHECK(device.left() == 4);
  CHECK(device.vault->settle_pages(first, 2).left == 8);
  CHECK(device.left() == 8);
  const PageReservation second = device.reserve(8);
  CHECK(second.left == 0);
  CHECK(device.reserve(1).status.code() == Code::refused);
  // The printer put out more than was asked for.
  const PageReservation over = device.vault->settle_pages(second, 11);
  CHECK(over.status.ok());
  CHECK(over.left == 0);
  CHECK(device.reserve(1).status.code() == Code::refused);
}

TEST_CASE("what is spent survives restarts, other users' lists and failed logins") {
  LeaseDevice device;
  REQUIRE(device.learn(password("alice", "pw"), leased("alice", 10)).ok());
  CHECK(device.reserve(7).left == 3);
  REQUIRE(device.restart().ok());
  CHECK(device.left() == 3);
  CHECK(device.refusal(password("alice", "no")) == OfflineRefusal::wrong_secret);
  CHECK(device.granted(password("alice", "pw")));
  CHECK(device.left() == 3);
  REQUIRE(device.sync(true, 5, {device.put_leased(20)}).ok());
  CHECK(device.left() == 20);
  CHECK(device.reserve(15).left == 5);
  REQUIRE(device.sync(false, 6, {device.put("bob", {})}).ok());
  REQUIRE(device.sync(false, 6, {}).ok());  // confirmed: names nobody
  REQUIRE(device.tidy_all().ok());
  REQUIRE(device.vault->rotate().ok());
  REQUIRE(device.tidy_all().ok());
  CHECK(device.left() == 5);
  REQUIRE(device.sync(false, 7, {device.put_leased(20)}).ok());
  CHECK(device.left() == 20);
}

TEST_CASE("a login at home renews, and gives nothing back that an earlier lease was reserved of") {
  LeaseDevice device;
  const PageReservation old = device.reserve(9);
  REQUIRE(device.learn(card(kCard), leased("alice", 10)).ok());
  CHECK(device.left() == 10);
  CHECK(device.reserve(10).left == 0);
  CHECK(device.vault->settle_pages(old, 0).left == 0);
  CHECK(device.reserve(1).status.code() == Code::refused);

  // Likewise a list, and the list that comes before it is known what a job used.
  REQUIRE(device.sync(true, 1, {device.put_leased(10)}).ok());
  const PageReservation of_list = device.reserve(10);
  CHECK(of_list.left == 0);
  REQUIRE(device.vault->begin(false, {2, "incarnation-1"}).ok());
  REQUIRE(device.vault->change({device.put_leased(4)}, device.now).ok());
  CHECK(device.left() == 0);  // not before it is active
  REQUIRE(device.vault->activate(device.now).ok());
  CHECK(device.vault->settle_pages(of_list, 1).left == 4);
  CHECK(device.reserve(5).status.code() == Code::refused);
  CHECK(device.reserve(4).status.ok());
}

TEST_CASE("a renewal that home grants again and again costs no commit when nothing was spent") {
  LeaseDevice device;
  const size_t before = device.database->commits();
  REQUIRE(device.learn(card(kCard), leased("alice", 10)).ok());
  CHECK(device.database->commits() == before);
  CHECK(device.reserve(1).left == 9);
  REQUIRE(device.learn(card(kCard), leased("alice", 10)).ok());
  CHECK(device.left() == 10);
}

TEST_CASE("no limit, no user, no lease") {
  LeaseDevice device(-1);
  const size_t before = device.database->commits();
  const PageReservation free = device.reserve(UINT32_MAX);
  CHECK(free.status.ok());
  CHECK(free.left == -1);
  CHECK(device.vault->settle_pages(free, 5).left == -1);
  CHECK(device.database->commits() == before);
  CHECK(device.left() == -1);
  CHECK(device.vault->reserve_pages("u-nobody", 1).status.code() == Code::not_found);

  REQUIRE(device.learn(card(kCard), leased("alice", 0)).ok());
  CHECK(device.left() == 0);
  CHECK(device.reserve(1).status.code() == Code::refused);
  REQUIRE(device.learn(card(kCard), leased("alice", 5)).ok());
  REQUIRE(device.unlearn(card(kCard), "revoked").ok());
  CHECK(device.reserve(1).status.code() == Code::refused);
}

TEST_CASE("a lease that no server may give is refused") {
  for (const int64_t pages : {int64_t{-2}, int64_t{1000000001}, INT64_MIN, INT64_MAX}) {
    LeaseDevice device;
    CHECK_FALSE(device.learn(card(kCard), leased("alice", pages)).ok());
    CHECK(device.sync(true, 1, {device.put_leased(pages)}).code() == Code::refused);
    CHECK(device.left() == 10);
  }
}

TEST_CASE("an older store doesn't give pages back") {
  LeaseDevice device;
  REQUIRE(device.restart().ok());
  const auto content = device.database->content();
  CHECK(device.reserve(10).left == 0);
  device.vault.reset();
  device.database = std::make_unique<FakeDatabase>(content);
  REQUIRE(device.open().ok());
  CHECK(device.words == "an older copy was put back");
  CHECK(device.reserve(1).status.code() == Code::not_found);
}

TEST_CASE("what can't be written isn't reserved") {
  LeaseDevice device;
  device.database->fail_write_at(1, Code::no_space, true);
  CHECK(device.reserve(3).status.code() == Code::no_space);
}

// Whoever pulls the plug at any operation, and goes on with what is then left, spends no more than
// the lease all in all, and what is settled is given back once at most.
TEST_CASE("power cut in reserving and settling: never more than the lease") {
  for (const Landed landed : {Landed::no, Landed::yes}) {
    for (size_t n = 1;; ++n) {
      CAPTURE(n);
      CAPTURE((landed == Landed::yes));
      REQUIRE(n < 500);
      LeaseDevice device;
      device.database->cut_power_at(n, landed);
      uint64_t printed = 0;
      bool settled = false;
      const PageReservation first = device.reserve(6);
      if (first.status.ok()) {
        printed += 2;
        settled = device.vault->settle_pages(first, 2).status.ok();
        const PageReservation second = device.reserve(3);
        if (second.status.ok()) {
          printed += 4;  // one more than was asked for
          const PageReservation last = device.vault->settle_pages(second, 4);
          if (last.status.ok()) CHECK(last.left == 4);
        }
      }
      const bool over = device.database->powered();
      const auto after = Device::after(device);
      REQUIRE(after->open().ok());
      CHECK(after->words.empty());
      const int64_t left = after->login(card(kCard)).user.offline_pages;
      // The page too many is the one that a cut may lose.
      CHECK(left + static_cast<int64_t>(printed) <= 10 + (over ? 0 : 1));
      if (printed == 0) CHECK((left == 10 || left == 4));
      if (over) CHECK(left == 4);
      if (first.status.ok() && !settled) CHECK((left == 4 || left == 8));
      if (left > 0) {
        CHECK(after->vault->reserve_pages("u-alice", static_cast<uint32_t>(left)).status.ok());
      }
      CHECK(after->vault->reserve_pages("u-alice", 1).status.code() == Code::refused);
      if (over) break;
    }
  }
}

}  // namespace
}  // namespace holdfast
