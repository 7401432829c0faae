// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Logins without a server: the exact limits.
// tests/cases/offline.json tells the stories.
#include <doctest/doctest.h>

#include "core/offline.h"

using namespace holdfast;
using namespace holdfast::core;

namespace {

constexpr int64_t kHour = 3600000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kNow = 1767600000000;  // 2026-01-05 08:00 UTC
constexpr int64_t k2099 = 4070908800000;

OfflinePolicy policy_on() {
  OfflinePolicy policy;
  policy.cache = CacheMode::automatic;
  return policy;
}

CredentialFacts good_card() {
  CredentialFacts facts;
  facts.found = facts.opened = true;
  facts.good_at_ms = kNow - kHour;
  return facts;
}

OfflineRefusal judged(const CredentialFacts& facts, int64_t contact_ms = kNow - kHour,
                      int64_t now_ms = kNow, const OfflinePolicy& policy = policy_on()) {
  return judge(facts, policy, scope_of(policy, 1, false), contact_ms, now_ms);
}

}  // namespace

// ---- limits

TEST_CASE("the fifth failure of a user pauses, the tenth ends offline logins") {
  const OfflinePolicy policy = policy_on();
  UserFailures failures;
  for (uint32_t i = 1; i <= 10; ++i) {
    CAPTURE(i);
    failures = counted(failures, kNow);
    CHECK(failures.count == i);
    const int64_t expected = i < 5 ? 0 : i < 10 ? 30000 : INT64_MAX;
    CHECK(wait_of(failures, policy, kNow) == expected);
    if (i >= 10) continue;
    CHECK(wait_of(failures, policy, kNow + 29999) == (i < 5 ? 0 : 1));
    CHECK(wait_of(failures, policy, kNow + 30000) == 0);
  }
  CHECK(wait_of(failures, policy, kNow + 1000 * kDay) == INT64_MAX);
}

TEST_CASE("the device's bucket leaks one failure each ten minutes, to the millisecond") {
  const OfflinePolicy policy = policy_on();
  DeviceFailures failures;
  for (uint32_t i = 0; i < 31; ++i) failures = counted(failures, policy, kNow);
  CHECK(wait_of(failures, policy, kNow) == 0);
  failures = counted(failures, policy, kNow);
  CHECK(failures.count == 32);
  CHECK(wait_of(failures, policy, kNow) == 600000);
  CHECK(wait_of(failures, policy, kNow + 599999) == 1);
  CHECK(wait_of(failures, policy, kNow + 600000) == 0);

  // Half of the next failure's time has passed, and stays passed.
  failures = counted(failures, policy, kNow + 900000);
  CHECK(failures.count == 32);
  CHECK(wait_of(failures, policy, kNow + 900000) == 300000);
  // One success takes itself back and no more.
  CHECK(succeeded(failures).count == 31);
  CHECK(succeeded(DeviceFailures{}).count == 0);
  // After 32 x 10 minutes nothing is left, and a new time begins.
  failures = counted(failures, policy, kNow + kDay);
  CHECK(failures.count == 1);
  CHECK(failures.at_ms == kNow + kDay);
  // A policy made stricter locks for as long as it takes.
  OfflinePolicy strict = policy;
  strict.device_failures = 4;
  CHECK(wait_of(DeviceFailures{32, kNow}, strict, kNow) == 29 * 600000);
}

TEST_CASE("a day's guesses at the device are as many as the PIN rule believes") {
  const OfflinePolicy policy = policy_on();
  DeviceFailures failures;
  int tries = 0;
  for (int64_t t = kNow; t < kNow + kDay; t += 1000) {
    if (wait_of(failures, policy, t) > 0) continue;
    failures = counted(failures, policy, t);
    ++tries;
  }
  CHECK(tries >= 175);
  CHECK(tries <= 176);
}

TEST_CASE("break-glass: so many in any 24 hours") {
  OfflinePolicy policy = policy_on();
  policy.break_glass.max_per_day = 2;
  BreakGlassUses uses;
  CHECK(wait_of(uses, policy, kNow) == 0);
  count(uses, policy, kNow);
  count(uses, policy, kNow + 20 * kHour);
  CHECK(wait_of(uses, policy, kNow + 20 * kHour) == 4 * kHour);
  CHECK(wait_of(uses, policy, kNow + kDay - 1) == 1);
  CHECK(wait_of(uses, policy, kNow + kDay) == 0);
  count(uses, policy, kNow + kDay);
  CHECK(uses.size() == 2);
  // The third in 24 hours counts from the second, not from the third.
  CHECK(wait_of(uses, policy, kNow + kDay) == 20 * kHour);
  policy.break_glass.max_per_day = 0;
  CHECK(wait_of(uses, policy, kNow + 100 * kDay) == INT64_MAX);
}

TEST_CASE("what happened in the future happened now") {
  const OfflinePolicy policy = policy_on();
  UserFailures user{5, k2099};
  CHECK(wait_of(user, policy, kNow) == 30000);
  CHECK(wait_of(user, policy, kNow + kHour) == 30000);
  CHECK(rebase(user, kNow));
  CHECK_FALSE(rebase(user, kNow + 1));
  CHECK(wait_of(user, policy, kNow + 30000) == 0);

  DeviceFailures device{32, k2099};
  CHECK(wait_of(device, policy, kNow + kDay) == 600000);
  CHECK(rebase(device, kNow));
  CHECK(device.count == 32);
  CHECK(wait_of(device, policy, kNow + 600000) == 0);
  CHECK(counted(DeviceFailures{31, k2099}, policy, kNow).at_ms == kNow);

  BreakGlassUses uses = {kNow - 1, k2099, k2099 + 1};
  CHECK(rebase(uses, kNow));
  CHECK(uses == BreakGlassUses{kNow - 1, kNow, kNow});
  CHECK_FALSE(rebase(uses, kNow));
}

// ---- credentials

TEST_CASE("the outage's age limit, and each kind's own expiry, to the second") {
  CHECK(judged(good_card(), kNow - 72 * kHour + 1000) == OfflineRefusal::none);
  CHECK(judged(good_card(), kNow - 72 * kHour) == OfflineRefusal::none);
  CHECK(judged(good_card(), kNow - 72 * kHour - 1) == OfflineRefusal::too_old);
  CHECK(judged(good_card(), kNow - 72 * kHour - 1000) == OfflineRefusal::too_old);
  CHECK(judged(good_card(), 0) == OfflineRefusal::too_old);
  // Also on a device that believes it is 1970.
  CredentialFacts early = good_card();
  early.good_at_ms = kHour;
  CHECK(judged(early, 0, kHour) == OfflineRefusal::too_old);

  OfflinePolicy policy = policy_on();
  policy.card_expiry_h = 10;
  policy.pin_expiry_h = 20;
  policy.password_expiry_h = 30;
  for (const auto& [kind, hours] : {std::pair{CredentialKind::card, 10},
                                    {CredentialKind::pin, 20},
                                    {CredentialKind::password, 30}}) {
    CredentialFacts facts = good_card();
    facts.kind = kind;
    facts.good_at_ms = kNow - hours * kHour;
    CHECK(judged(facts, kNow, kNow, policy) == OfflineRefusal::none);
    --facts.good_at_ms;
    CHECK(judged(facts, kNow, kNow, policy) == OfflineRefusal::expired);
  }
}

TEST_CASE("a time that this clock can't have seen doesn't make anything young") {
  CredentialFacts facts = good_card();
  facts.good_at_ms = kNow + kDay;
  CHECK(judged(facts) == OfflineRefusal::none);
  ++facts.good_at_ms;
  CHECK(judged(facts) == OfflineRefusal::expired);
  CHECK(judged(good_card(), k2099) == OfflineRefusal::too_old);
}

TEST_CASE("the first reason in the order of the steps is the one that is given") {
  CredentialFacts facts;  // everything is wrong with it
  facts.whole_list = facts.ambiguous = facts.revoked = facts.disabled = true;
  facts.failures = {10, kNow};
  OfflinePolicy policy = policy_on();
  policy.cards = false;
  CHECK(judged(facts, 0, kNow, policy) == OfflineRefusal::off);
  policy = policy_on();
  CHECK(judged(facts, 0) == OfflineRefusal::unknown);
  facts.whole_list = false;
  CHECK(judged(facts, 0) == OfflineRefusal::not_cached);
  facts.found = true;
  CHECK(judged(facts, 0) == OfflineRefusal::online_only);
  facts.failures.count = 9;
  CHECK(judged(facts, 0) == OfflineRefusal::user_paused);
  facts.failures.last_ms -= 30000;
  CHECK(judged(facts, 0) == OfflineRefusal::wrong_secret);
  facts.opened = true;
  CHECK(judged(facts, 0) == OfflineRefusal::ambiguous);
  facts.ambiguous = false;
  CHECK(judged(facts, 0) == OfflineRefusal::revoked);
  facts.revoked = false;
  CHECK(judged(facts, 0) == OfflineRefusal::disabled);
  facts.disabled = false;
  CHECK(judged(facts, 0) == OfflineRefusal::expired);
  facts.good_at_ms = kNow;
  CHECK(judged(facts, 0) == OfflineRefusal::too_old);
  CHECK(judged(facts) == OfflineRefusal::none);
  policy.cache = CacheMode::off;
  CHECK(judged(facts, kNow, kNow, policy) == OfflineRefusal::off);
}

TEST_CASE("every refusal has words, and only what the device knows is denied") {
  for (int i = 0; i <= static_cast<int>(OfflineRefusal::too_old); ++i) {
    const auto refusal = static_cast<OfflineRefusal>(i);
    CHECK(std::string(to_string(refusal)) != "?");
    CHECK(std::string(denial_of(refusal)).empty() == (refusal == OfflineRefusal::none));
    CHECK((verdict_of(refusal) == Verdict::granted) == (refusal == OfflineRefusal::none));
  }
  CHECK(std::string(denial_of(OfflineRefusal::unknown)) == "unknown-credential");
  CHECK(std::string(denial_of(OfflineRefusal::user_paused)) == "locked");
  CHECK(std::string(denial_of(OfflineRefusal::device_locked)) == "locked");
  CHECK(std::string(denial_of(OfflineRefusal::revoked)) == "revoked");
  CHECK(verdict_of(OfflineRefusal::revoked) == Verdict::denied);
  CHECK(verdict_of(OfflineRefusal::wrong_secret) == Verdict::denied);
  CHECK(verdict_of(OfflineRefusal::not_cached) == Verdict::unknown);
  CHECK(verdict_of(OfflineRefusal::not_writable) == Verdict::unknown);
  CHECK(verdict_of(OfflineRefusal::too_old) == Verdict::unknown);
}

TEST_CASE("rights shrink in steps, from the very moment") {
  OfflinePolicy policy = policy_on();
  policy.rights_decay = {{24, {"color", "fax"}}, {48, {"copy"}}};
  const std::vector<std::string> all = {"print", "color", "copy"};
  const auto left = [&](int64_t age) { return rights_left(all, policy, kNow - age, kNow); };
  CHECK(left(kDay - 1) == all);
  CHECK(left(kDay) == std::vector<std::string>{"print", "copy"});
  CHECK(left(2 * kDay) == std::vector<std::string>{"print"});
  CHECK(rights_left(all, policy, 0, kNow) == std::vector<std::string>{"print"});
  CHECK(rights_left(all, policy, k2099, kNow) == std::vector<std::string>{"print"});
}

TEST_CASE("PINs alone: the greatest number that the rule allows, exactly") {
  OfflinePolicy policy = policy_on();
  CHECK(pin_alone_allowed(policy, 2, 4));
  CHECK_FALSE(pin_alone_allowed(policy, 3, 4));
  CHECK(pin_alone_allowed(policy, 284, 6));
  CHECK_FALSE(pin_alone_allowed(policy, 285, 6));
  CHECK_FALSE(pin_alone_allowed(policy, 1000, 4));
  CHECK(pin_alone_allowed(policy, 1000, 8));
  CHECK(pin_alone_allowed(policy, 0, 1));
  CHECK_FALSE(pin_alone_allowed(policy, 1, 0));
  // 10^5 x 5 % = 5000 = 1 x 5000 tries a day, with nothing to spare.
  policy.device_failures = 680;
  policy.device_forget_s = 20;
  CHECK(pin_alone_allowed(policy, 1, 5));
  policy.device_failures = 681;
  CHECK_FALSE(pin_alone_allowed(policy, 1, 5));
  // A part of a try is a try: 86400 / 86399.
  policy.device_failures = 4998;
  policy.device_forget_s = 86400;
  CHECK(pin_alone_allowed(policy, 1, 5));
  policy.device_forget_s = 86399;
  CHECK(pin_alone_allowed(policy, 1, 5));
  policy.device_failures = 4999;
  CHECK_FALSE(pin_alone_allowed(policy, 1, 5));

  policy = policy_on();
  for (uint32_t digits = 0; digits < 300; ++digits)
    for (uint64_t cached : {uint64_t{1}, uint64_t{1000000}})
      CHECK((!pin_alone_allowed(policy, cached, digits) ||
             pin_alone_allowed(policy, cached, digits + 1)));
  CHECK(pin_alone_allowed(policy, 1000000, UINT32_MAX));
  CHECK_FALSE(pin_alone_allowed(policy, UINT64_MAX, UINT32_MAX));
  policy.device_failures = UINT32_MAX;
  policy.device_forget_s = 0;
  policy.pin_guess_permille = UINT32_MAX;
  CHECK_FALSE(pin_alone_allowed(policy, 1, 9));
  CHECK(pin_alone_allowed(policy, 1, 10));
}

TEST_CASE("what the tier of the device key leaves of the policy") {
  OfflinePolicy policy;
  CHECK_FALSE(scope_of(policy, 3, true).on);
  policy.max_age_h = 100;
  for (int mode = 1; mode <= 3; ++mode) {
    policy.cache = static_cast<CacheMode>(mode);
    for (int tier = 0; tier <= 255; ++tier) {
      const bool hardware = tier >= 1 && tier <= 3;  // what isn't known is no hardware
      const bool flash =
          policy.cache == CacheMode::flash || (policy.cache == CacheMode::automatic && hardware);
      const bool bare = flash && !hardware;
      for (int sync = 0; sync <= 3; ++sync) {
        policy.sync = static_cast<UserSync>(sync);
        for (const bool certificate : {false, true}) {
          CAPTURE(mode);
          CAPTURE(tier);
          CAPTURE(sync);
          const CacheScope scope = scope_of(policy, static_cast<uint8_t>(tier), certificate);
          REQUIRE(scope.on);
          REQUIRE(scope.on_flash == flash);
          REQUIRE(scope.passwords_only == bare);
          REQUIRE(scope.max_users == (bare ? 10u : flash ? 100000u : 5000u));
          REQUIRE(scope.max_age_h == (bare ? 24u : 100u));
          REQUIRE(scope.verifiers == (sync >= 2 && certificate && hardware));
          REQUIRE(scope.pin_verifiers == (sync == 3 && certificate && hardware));
          REQUIRE(accepts(policy, scope, CredentialKind::password));
          REQUIRE(accepts(policy, scope, CredentialKind::card) == !bare);
          REQUIRE(accepts(policy, scope, CredentialKind::pin) == !bare);
        }
      }
    }
  }
  policy.cache = CacheMode::flash;
  policy.max_users_flash = 3;
  policy.max_age_h = 5;
  CHECK(scope_of(policy, 0, true).max_users == 3);
  CHECK(scope_of(policy, 0, true).max_age_h == 5);
  policy.pins = false;
  CHECK(scope_of(policy, 1, true).verifiers);
  CHECK_FALSE(scope_of(policy, 1, true).pin_verifiers);
  // The tier's age limit is the one that counts.
  policy.max_age_h = 72;
  CredentialFacts facts = good_card();
  facts.kind = CredentialKind::password;
  const CacheScope bare = scope_of(policy, 0, false);
  CHECK(judge(facts, policy, bare, kNow - 24 * kHour, kNow) == OfflineRefusal::none);
  CHECK(judge(facts, policy, bare, kNow - 24 * kHour - 1, kNow) == OfflineRefusal::too_old);
}

TEST_CASE("a lease of pages: no number makes it grow") {
  const int64_t most = INT64_MAX;
  for (const int64_t granted : {int64_t{0}, int64_t{1}, int64_t{10}, most}) {
    for (const uint64_t spent : {uint64_t{0}, uint64_t{1}, uint64_t{9}, uint64_t{10}, UINT64_MAX}) {
      for (const uint64_t pages : {uint64_t{0}, uint64_t{1}, uint64_t{10}, UINT64_MAX}) {
        CAPTURE(granted);
        CAPTURE(spent);
        CAPTURE(pages);
        PageLease lease{granted, spent};
        const int64_t before = left_of(lease);
        CHECK(before >= 0);
        CHECK(before <= granted);
        const bool given = reserve(lease, pages);
        CHECK(given == (pages <= static_cast<uint64_t>(before)));
        CHECK(left_of(lease) == before - (given ? static_cast<int64_t>(pages) : 0));
        PageLease settled = lease;
        settle(settled, given ? pages : 0, 0);
        CHECK(left_of(settled) == before);
        settled = lease;
        settle(settled, 0, UINT64_MAX);
        CHECK(left_of(settled) == 0);
        // Given back by mistake: more than was ever spent isn't.
        settled = lease;
        settle(settled, UINT64_MAX, 0);
        CHECK(left_of(settled) == granted);
      }
    }
  }
  PageLease free;
  CHECK(left_of(free) == -1);
  CHECK(reserve(free, UINT64_MAX));
  settle(free, 0, UINT64_MAX);
  CHECK(left_of(free) == -1);
}
