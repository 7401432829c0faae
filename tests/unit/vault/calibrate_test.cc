// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/calibrate.h"

#include <doctest/doctest.h>

#include <functional>

namespace holdfast::vault {
namespace {

// Only derives, and moves its own clock by what that takes.
class SlowCrypto final : public Crypto {
 public:
  explicit SlowCrypto(uint32_t per_second) : per_second_(per_second) {}

  std::function<Duration(int)> disturbed = [](int) { return Duration{}; };  // by number of the run
  Duration tick = microseconds(1);  // the clock shows whole ticks
  bool broken = false;
  int runs = 0;
  Duration spent{};

  Instant now() const { return {1000000 + spent.us / tick.us * tick.us}; }

  Result<Key256> pbkdf2_sha256(const std::string&, const std::string&, uint32_t n) override {
    spent = spent + microseconds(int64_t{n} * 1000000 / per_second_) + disturbed(runs++);
    if (broken) return failure(Code::crypto_failed);
    return Key256{};
  }

  Result<std::unique_ptr<Sha256>> sha256() override { return failure(Code::unsupported); }
  Status verify_p256(const std::string&, const std::string&, const std::string&) override {
    return Code::unsupported;
  }
  Result<Sha256Digest> hmac_sha256(const uint8_t*, size_t, const uint8_t*, size_t) override {
    return failure(Code::unsupported);
  }
  AeadSuite preferred_suite() const override { return AeadSuite::chacha20_poly1305; }
  Result<std::string> seal(AeadSuite, const Key256&, const AeadNonce&, const std::string&,
                           const std::string&) override {
    return failure(Code::unsupported);
  }
  Result<std::string> open(AeadSuite, const Key256&, const AeadNonce&, const std::string&,
                           const std::string&) override {
    return failure(Code::unsupported);
  }

 private:
  uint32_t per_second_;
};

uint32_t calibrate(SlowCrypto& crypto, uint32_t target_ms, uint32_t least = kLeastIterations,
                   uint32_t most = kMostIterations) {
  return calibrate_pbkdf2(
      crypto, target_ms, [&] { return crypto.now(); }, least, most);
}

TEST_CASE("as many iterations as the time allows, between the bounds") {
  struct Case {
    uint32_t per_second;
    uint32_t target_ms;
    uint32_t expected;
  };
  for (const Case& c :
       {Case{2000000, 250, 500000}, Case{100000, 250, 25000}, Case{1000000, 100, 100000},
        Case{20000, 250, kLeastIterations}, Case{100000000, 250, kMostIterations},
        Case{2000000, 0, kLeastIterations}, Case{2000000, 4000000000u, kMostIterations}}) {
    CAPTURE(c.per_second);
    SlowCrypto crypto(c.per_second);
    const uint32_t got = calibrate(crypto, c.target_ms);
    CHECK(got >= c.expected - c.expected / 100);
    CHECK(got <= c.expected + c.expected / 100);
    CHECK(got >= kLeastIterations);
    CHECK(got <= kMostIterations);
    CHECK(crypto.spent < milliseconds(c.per_second < 100000 ? 160 : 80));
  }
}

TEST_CASE("the caller's bounds hold inside ours") {
  SlowCrypto crypto(2000000);
  CHECK(calibrate(crypto, 250, 20000, 30000) == 30000);
  CHECK(calibrate(crypto, 1, 20000, 30000) == 20000);
  CHECK(calibrate(crypto, 1, 1, 30000) == kLeastIterations);
  CHECK(calibrate(crypto, 4000, 1, 4000000000u) == kMostIterations);
  CHECK(calibrate(crypto, 4000, 50000, 20000) == 50000);  // the least wins
}

TEST_CASE("two slow runs of three change nothing, wherever they fall") {
  for (int quiet = 0; quiet < 3; ++quiet) {
    SlowCrypto crypto(400000);
    crypto.disturbed = [&](int run) { return milliseconds(run % 3 == quiet ? 0 : 300); };
    const uint32_t got = calibrate(crypto, 250);
    CHECK(got >= 99000);
    CHECK(got <= 101000);
  }
}

TEST_CASE("a clock of coarse ticks is looked at for longer") {
  SlowCrypto crypto(1000000);
  crypto.tick = milliseconds(4);
  const uint32_t got = calibrate(crypto, 250);
  CHECK(got >= 120000);
  CHECK(got <= 600000);
}

TEST_CASE("without a measurement: the least") {
  SlowCrypto crypto(1000000);
  CHECK(calibrate_pbkdf2(crypto, 250, [] { return Instant{5}; }) == kLeastIterations);
  CHECK(crypto.spent < seconds(1));
  int64_t back = 1000000;
  CHECK(calibrate_pbkdf2(crypto, 250, [&] { return Instant{back -= 1000}; }) == kLeastIterations);
  crypto.broken = true;
  CHECK(calibrate(crypto, 250) == kLeastIterations);
}

}  // namespace
}  // namespace holdfast::vault
