// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "support/fake_database.h"

#include <doctest/doctest.h>

#include "conformance/database.h"

namespace holdfast {
namespace {

using test::FakeDatabase;

// Two transactions of two operations each: 8 with begin() and commit().
Status work(Database& database) {
  for (const char* value : {"1", "2"}) {
    Transaction transaction(database);
    if (!transaction.begun().ok()) return transaction.begun();
    Status status = database.put(1, "a", value);
    if (status.ok()) status = database.put(1, "b", value);
    if (status.ok()) status = transaction.commit();
    if (!status.ok()) return status;
  }
  return {};
}

std::string stored(Database& database) {
  return database.get(1, "a").value_or("-") + database.get(1, "b").value_or("-");
}

TEST_CASE("fake database conforms") {
  FakeDatabase::Rows disk;
  struct Kept final : Database {
    FakeDatabase::Rows& disk;
    FakeDatabase fake;
    explicit Kept(FakeDatabase::Rows& rows) : disk(rows), fake(rows) {}
    ~Kept() override { disk = fake.content(); }
    Result<std::string> get(Space s, std::string_view k) override { return fake.get(s, k); }
    Result<Row> seek(Space s, std::string_view from) override { return fake.seek(s, from); }
    Status begin() override { return fake.begin(); }
    Status put(Space s, std::string_view k, std::string_view v) override {
      return fake.put(s, k, v);
    }
    Status erase(Space s, std::string_view k) override { return fake.erase(s, k); }
    Status commit() override { return fake.commit(); }
    void rollback() override { fake.rollback(); }
    Status clear() override { return fake.clear(); }
  };
  conformance::database([&] { return std::make_unique<Kept>(disk); });
}

TEST_CASE("fake database: power cut at every operation") {
  for (const auto landed : {FakeDatabase::Landed::no, FakeDatabase::Landed::yes}) {
    const bool lands = landed == FakeDatabase::Landed::yes;
    for (size_t n = 1; n <= 8; ++n) {
      CAPTURE(n);
      FakeDatabase database;
      database.cut_power_at(n, landed);
      CHECK(work(database).code() == Code::io_error);
      CHECK_FALSE(database.powered());
      CHECK(database.get(1, "a").error().code() == Code::io_error);
      const size_t committed = (n > 4 ? 1u : 0u) + (lands && n % 4 == 0 ? 1u : 0u);
      CHECK(database.commits() == committed);
      const char* expected[] = {"--", "11", "22"};
      CHECK(stored(*database.reopened()) == expected[committed]);
    }
  }
  FakeDatabase database;
  database.cut_power_at(9);
  CHECK(work(database).ok());
  CHECK(database.powered());
  CHECK(database.operations() == 8);
}

TEST_CASE("fake database: an operation fails once, or from then on") {
  for (size_t n = 1; n <= 8; ++n) {
    CAPTURE(n);
    FakeDatabase database;
    database.fail_at(n, Code::no_space);
    CHECK(work(database).code() == Code::no_space);
    CHECK(database.commits() == (n > 4 ? 1 : 0));
    CHECK(stored(database) == (n > 4 ? "11" : "--"));
    CHECK_FALSE(database.in_transaction());
    CHECK(work(database).ok());  // the disk has space again
  }
  FakeDatabase database;
  database.fail_write_at(5, Code::read_only, true);
  CHECK(stored(database) == "--");  // reading doesn't count
  CHECK(work(database).code() == Code::read_only);
  CHECK(stored(database) == "11");
  CHECK(work(database).code() == Code::read_only);
  CHECK(database.clear().code() == Code::read_only);
  database.fail_no_more();
  CHECK(work(database).ok());
}

TEST_CASE("fake database: a transaction with a failed write can't be committed") {
  FakeDatabase database;
  REQUIRE(database.begin().ok());
  database.fail_at(1, Code::no_space);
  CHECK(database.put(1, "a", "x").code() == Code::no_space);
  CHECK(database.put(1, "b", "x").ok());
  CHECK(database.commit().code() == Code::no_space);
  CHECK(stored(database) == "--");
  CHECK(work(database).ok());
}

TEST_CASE("fake database: after io_error in commit() nothing is written until it is reopened") {
  FakeDatabase database;
  database.fail_at(4, Status(Code::io_error, 5));
  CHECK(work(database) == Status(Code::io_error, 5));
  CHECK(work(database).code() == Code::io_error);
  CHECK(database.clear().code() == Code::io_error);
  CHECK(stored(database) == "--");
  CHECK(work(*database.reopened()).ok());
}

TEST_CASE("fake database: its content can be damaged and restored") {
  FakeDatabase database({{{1, "a"}, "xy"}, {{1, "b"}, "z"}, {{2, "a"}, ""}});
  const FakeDatabase::Rows before = database.content();
  CHECK(database.rows_in(1) == 2);
  CHECK(database.rows_in(3) == 0);
  CHECK(database.value_bytes() == 3);
  CHECK(database.flip_nth(1, 0x80));
  CHECK(stored(database) == "x\xf9z");
  CHECK(database.flip_nth(2));
  CHECK(stored(database) == "x\xf9{");
  CHECK_FALSE(database.flip_nth(3));
  CHECK_FALSE(database.flip(2, "a", 0));
  CHECK(work(database).ok());
  database.restore(before);
  CHECK(stored(database) == "xyz");
}

}  // namespace
}  // namespace holdfast
