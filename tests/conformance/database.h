// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Database must do. `make` opens the same storage each time it is called; at first it is
// empty. The database is destroyed before the next one is made. One that forgets when it is
// destroyed (kept in RAM) says so by `keeps`.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/ports/database.h"

namespace holdfast::conformance {

// One transaction with one row.
inline Status put_one(Database& database, Space space, std::string_view key,
                      std::string_view value) {
  Transaction transaction(database);
  if (!transaction.begun().ok()) return transaction.begun();
  const Status put = database.put(space, key, value);
  return put.ok() ? transaction.commit() : put;
}

inline std::string after(std::string key) {
  key += '\0';
  return key;
}

// The keys of a space in the order in which seek() gives them.
inline std::vector<std::string> keys_of(Database& database, Space space) {
  std::vector<std::string> keys;
  std::string from;
  for (;;) {
    Result<Row> row = database.seek(space, from);
    if (!row) {
      CHECK(row.error().code() == Code::not_found);
      return keys;
    }
    keys.push_back(row->key);
    from = after(row->key);
    REQUIRE(keys.size() < 100000);
  }
}

inline void database_order(Database& database) {
  std::vector<std::string> keys = {std::string(1, '\0'),
                                   std::string(2, '\0'),
                                   std::string("\0\x01", 2),
                                   std::string("\0\xff", 2),
                                   "\x01",
                                   "1",
                                   "10",
                                   "9",
                                   "A",
                                   "B",
                                   "a",
                                   std::string("a\0", 2),
                                   std::string("a\0b", 3),
                                   "a\xff",
                                   "b",
                                   "\x7f",
                                   "\x80",
                                   "\xc3\xa9",
                                   std::string("\xff\0", 2),
                                   std::string(254, '\xff'),
                                   std::string(255, '\xff')};
  REQUIRE(database.begin().ok());
  for (size_t i = keys.size(); i-- > 0;) {
    CHECK(database.put(7, keys[i], keys[i] + "!").ok());
  }
  CHECK(keys_of(database, 7).size() == keys.size());  // its own transaction sees them
  REQUIRE(database.commit().ok());
  // std::string compares unsigned bytes, the shorter first.
  std::sort(keys.begin(), keys.end());
  CHECK(keys_of(database, 7) == keys);
  for (const std::string& key : keys) {
    CAPTURE(key.size());
    CHECK(database.get(7, key).value_or("") == key + "!");
    CHECK(database.seek(7, key).value_or(Row{}).value == key + "!");
  }
  CHECK(database.seek(7, "a\x01").value_or(Row{}).key == "a\xff");
  CHECK(database.seek(7, "2").value_or(Row{}).key == "9");
  CHECK(database.seek(7, std::string(256, '\xff')).error().code() == Code::not_found);
}

inline void database_limits(Database& database) {
  const std::string longest(Database::kLargestKey_bytes, 'k');
  std::string largest(Database::kLargestValue_bytes, 'x');
  for (size_t i = 0; i < largest.size(); ++i) largest[i] = static_cast<char>(i * 7 + i / 256);
  REQUIRE(database.begin().ok());
  CHECK(database.put(9, longest, largest).ok());
  CHECK(database.put(9, "empty", "").ok());
  CHECK(database.put(9, "zeros", std::string(3, '\0')).ok());
  CHECK(database.put(9, "", "no key").code() == Code::invalid_argument);
  CHECK(database.put(9, longest + "k", "").code() == Code::invalid_argument);
  CHECK(database.put(9, "k", largest + "x").code() == Code::invalid_argument);
  // Nothing of it spoils the rest.
  REQUIRE(database.commit().ok());
  CHECK(keys_of(database, 9) == std::vector<std::string>{"empty", longest, "zeros"});
  CHECK(database.get(9, longest).value_or("") == largest);
  CHECK(database.seek(9, "f").value_or(Row{}).value == largest);
  CHECK(database.get(9, "empty").has_value());
  CHECK(database.get(9, "empty").value_or("not empty").empty());
  CHECK(database.seek(9, "").has_value());
  CHECK(database.seek(9, "").value_or(Row{"", "not empty"}).value.empty());
  CHECK(database.get(9, "zeros").value_or("") == std::string(3, '\0'));
  CHECK(database.get(9, "zero").error().code() == Code::not_found);
  CHECK(database.get(9, "").error().code() == Code::not_found);
}

inline void database_spaces(Database& database) {
  const auto key_from = [&](Space space, std::string_view from) {
    return database.seek(space, from).value_or(Row{"(none)", ""}).key;
  };
  CHECK(put_one(database, 0, "z", "0").ok());
  CHECK(put_one(database, 20, "m", "20").ok());
  CHECK(put_one(database, 21, "a", "21").ok());
  CHECK(put_one(database, 255, "m", "255").ok());
  CHECK(key_from(0, "") == "z");
  CHECK(key_from(0, "zz") == "(none)");
  CHECK(key_from(19, "") == "(none)");
  CHECK(key_from(20, "a") == "m");
  CHECK(key_from(20, "n") == "(none)");
  CHECK(key_from(21, "") == "a");
  CHECK(key_from(255, "m") == "m");
  CHECK(key_from(255, "n") == "(none)");
  // The same key in two spaces is two rows.
  CHECK(put_one(database, 21, "m", "another").ok());
  CHECK(database.get(20, "m").value_or("") == "20");
  REQUIRE(database.begin().ok());
  CHECK(database.erase(21, "m").ok());
  REQUIRE(database.commit().ok());
  CHECK(database.get(20, "m").value_or("") == "20");
  CHECK(database.get(21, "m").error().code() == Code::not_found);
}

inline void database_transactions(Database& database) {
  CHECK(put_one(database, 30, "kept", "before").ok());
  CHECK(put_one(database, 30, "gone", "before").ok());

  // Outside of a transaction.
  CHECK(database.put(30, "kept", "x").code() == Code::invalid_argument);
  CHECK(database.erase(30, "kept").code() == Code::invalid_argument);
  CHECK(database.commit().code() == Code::invalid_argument);
  database.rollback();
  CHECK(database.get(30, "kept").value_or("") == "before");

  // What it wrote is seen inside, and gone after rollback().
  REQUIRE(database.begin().ok());
  CHECK(database.begin().code() == Code::invalid_argument);
  CHECK(database.clear().code() == Code::invalid_argument);
  CHECK(database.put(30, "kept", "inside").ok());
  CHECK(database.put(30, "new", "inside").ok());
  CHECK(database.erase(30, "gone").ok());
  CHECK(database.erase(30, "was never there").ok());
  CHECK(database.get(30, "kept").value_or("") == "inside");
  CHECK(database.get(30, "gone").error().code() == Code::not_found);
  CHECK(keys_of(database, 30) == std::vector<std::string>{"kept", "new"});
  database.rollback();
  CHECK(database.get(30, "kept").value_or("") == "before");
  CHECK(keys_of(database, 30) == std::vector<std::string>{"gone", "kept"});

  // A Transaction that goes out of scope is rolled back; an empty one may be committed.
  {
    Transaction transaction(database);
    REQUIRE(transaction.begun().ok());
    CHECK(database.put(30, "kept", "scope").ok());
  }
  CHECK(database.get(30, "kept").value_or("") == "before");
  CHECK(Transaction(database).commit().ok());

  // Several changes of one row: the last counts.
  REQUIRE(database.begin().ok());
  CHECK(database.put(30, "kept", "1").ok());
  CHECK(database.erase(30, "kept").ok());
  CHECK(database.put(30, "kept", "after").ok());
  CHECK(database.erase(30, "gone").ok());
  REQUIRE(database.commit().ok());
  CHECK(database.get(30, "kept").value_or("") == "after");
  CHECK(keys_of(database, 30) == std::vector<std::string>{"kept"});
}

// Erasing and adding rows while walking over them.
inline void database_iteration(Database& database) {
  const auto key = [](int i) { return std::to_string(1000 + i); };
  REQUIRE(database.begin().ok());
  for (int i = 0; i < 500; ++i) REQUIRE(database.put(40, key(i), std::string(200, 'v')).ok());
  REQUIRE(database.commit().ok());

  REQUIRE(database.begin().ok());
  std::string from;
  int seen = 0;
  for (Result<Row> row = database.seek(40, from); row; row = database.seek(40, from)) {
    CHECK(row->key == key(seen));
    from = after(row->key);
    if (seen % 2 == 0) CHECK(database.erase(40, row->key).ok());
    if (seen % 100 == 0) CHECK(database.put(41, row->key, "copied").ok());
    ++seen;
    REQUIRE(seen <= 500);
  }
  CHECK(seen == 500);
  REQUIRE(database.commit().ok());
  CHECK(keys_of(database, 40).size() == 250);
  CHECK(keys_of(database, 41).size() == 5);
}

template <class Make>
void database(Make make, bool keeps = true) {
  {
    std::unique_ptr<Database> first = make();
    REQUIRE(first != nullptr);
    CHECK(keys_of(*first, 0).empty());
    CHECK(keys_of(*first, 255).empty());
    database_order(*first);
    database_limits(*first);
    database_spaces(*first);
    database_transactions(*first);
    database_iteration(*first);
    // Not committed when it is destroyed.
    REQUIRE(first->begin().ok());
    CHECK(first->put(30, "kept", "open at the end").ok());
  }
  std::unique_ptr<Database> again = make();
  REQUIRE(again != nullptr);
  if (keeps) {
    CHECK(keys_of(*again, 7).size() == 21);
    CHECK(again->get(9, "zeros").value_or("") == std::string(3, '\0'));
    CHECK(again->get(30, "kept").value_or("") == "after");
    CHECK(keys_of(*again, 40).size() == 250);
  } else {
    CHECK(keys_of(*again, 7).empty());
    CHECK(put_one(*again, 7, "a", "b").ok());
  }
  CHECK(again->clear().ok());
  for (int space = 0; space < 256; ++space) {
    CHECK(keys_of(*again, static_cast<Space>(space)).empty());
  }
  CHECK(put_one(*again, 7, "a", "new").ok());
  again.reset();
  again = make();
  REQUIRE(again != nullptr);
  CHECK(keys_of(*again, 7).size() == (keeps ? 1 : 0));
  CHECK(keys_of(*again, 40).empty());
}

}  // namespace holdfast::conformance
