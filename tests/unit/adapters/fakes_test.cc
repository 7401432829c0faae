// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The fakes that other tests stand on are held to the same contract as the adapters.
#include <doctest/doctest.h>

#include "conformance/documents.h"
#include "conformance/executor.h"
#include "conformance/random.h"
#include "conformance/state_store.h"
#include "support/fake_documents.h"
#include "support/fake_random.h"
#include "support/fake_state.h"
#include "support/manual_executor.h"

namespace holdfast {
namespace {

TEST_CASE("fake state conforms") {
  std::map<std::string, std::string> disk;
  struct Kept final : StateStore {
    std::map<std::string, std::string>& disk;
    test::FakeState fake;
    explicit Kept(std::map<std::string, std::string>& d) : disk(d) { fake.records = d; }
    ~Kept() override { disk = fake.records; }
    Result<std::string> load(const std::string& key) override { return fake.load(key); }
    Status store(const std::string& key, const std::string& bytes) override {
      return fake.store(key, bytes);
    }
  };
  conformance::state_store([&] { return std::make_unique<Kept>(disk); });
}

TEST_CASE("fake documents conform") {
  std::shared_ptr<test::FakeDocuments::Contents> disk;
  conformance::documents([&] {
    auto documents = std::make_unique<test::FakeDocuments>(conformance::kQuota_bytes);
    if (disk) documents->contents = disk;
    disk = documents->contents;
    return documents;
  });
}

TEST_CASE("manual executor conforms") {
  conformance::executor(
      [](size_t limit) { return std::make_unique<test::ManualExecutor>(limit); },
      [](Executor& executor, auto&&) { static_cast<test::ManualExecutor&>(executor).run_all(); });
}

TEST_CASE("fake random conforms, and repeats itself") {
  test::FakeRandom random(7);
  conformance::random(random);
  uint8_t a[8] = {};
  uint8_t b[8] = {};
  CHECK(test::FakeRandom(3).fill(a, sizeof a).ok());
  CHECK(test::FakeRandom(3).fill(b, sizeof b).ok());
  CHECK(std::equal(a, a + 8, b));
}

}  // namespace
}  // namespace holdfast
