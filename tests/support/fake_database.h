// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A Database in memory, whose medium fails and whose power is cut when a test says so.
//
//   for (size_t n = 1; ; ++n) {             // at every operation in turn
//     FakeDatabase database(before);
//     database.cut_power_at(n);
//     work(database);
//     if (database.powered()) break;        // it needed fewer operations
//     look(*database.reopened());
//   }
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "holdfast/ports/database.h"

namespace holdfast::test {

class FakeDatabase final : public Database {
 public:
  using Key = std::pair<Space, std::string>;
  using Rows = std::map<Key, std::string>;

  FakeDatabase() = default;
  explicit FakeDatabase(Rows content) : durable_(std::move(content)) {}

  // ---- what it saw. An operation is any call of the port except rollback().
  size_t operations() const { return operations_; }
  size_t commits() const { return commits_; }  // that became durable
  bool in_transaction() const { return open_; }

  // ---- faults

  // The n-th operation from now on (1: the next) fails with `status` and does nothing; commit()
  // rolls back. `forever`: so do all after it. As with a real one, after io_error in commit() or
  // clear() everything that writes is io_error until it is reopened.
  void fail_at(size_t n, Status status, bool forever = false);
  // Only operations that write (begin, put, erase, commit, clear) count and fail.
  void fail_write_at(size_t n, Status status, bool forever = false);
  void fail_no_more();

  // Whether a commit or clear at which the power fails had reached the medium.
  enum class Landed : bool { no, yes };
  // Power fails in the n-th operation from now on: it and all after it are io_error.
  void cut_power_at(size_t n, Landed landed = Landed::no);
  void cut_power();  // now, between two operations
  bool powered() const { return powered_; }

  // What is found when power is back: the durable rows in a new database without any fault.
  std::unique_ptr<FakeDatabase> reopened() const;

  // ---- the medium

  const Rows& content() const { return durable_; }
  void restore(Rows content);  // of an older time, say; drops an open transaction
  size_t rows_in(Space space) const;
  // Flips bits of one byte of a value. false: there is no such byte.
  bool flip(Space space, const std::string& key, size_t byte, unsigned char mask = 0x01);
  // The same over the whole content, values only: byte 0 is the first byte of the first row's.
  bool flip_nth(size_t byte, unsigned char mask = 0x01);
  size_t value_bytes() const;  // flip_nth() can reach

  bool keeps = true;  // what persistent() says

  // ---- Database
  bool persistent() const override { return keeps; }
  Result<std::string> get(Space space, std::string_view key) override;
  Result<Row> seek(Space space, std::string_view from) override;
  Status begin() override;
  Status put(Space space, std::string_view key, std::string_view value) override;
  Status erase(Space space, std::string_view key) override;
  Status commit() override;
  void rollback() override;
  Status clear() override;

 private:
  enum class Kind : uint8_t { read, write, last };  // last: commit and clear

  struct Fault {
    size_t at = 0;  // in the operations counted; 0: none
    size_t seen = 0;
    Status status;
    bool forever = false;
    bool writes_only = false;
    bool strikes(Kind kind);
  };

  Status happens(Kind kind);  // counts an operation and says how the faults make it end
  void apply();
  Status change(Space space, std::string_view key, std::optional<std::string> value);

  Rows durable_;
  std::map<Key, std::optional<std::string>> changes_;  // of the transaction; nullopt: erased
  bool open_ = false;
  Status spoilt_;    // a put or erase of this transaction failed
  Status unusable_;  // no more writing until it is reopened
  bool powered_ = true;
  bool cut_landed_ = false;  // the commit that the power cut met is durable
  size_t cut_at_ = 0;
  Landed landed_ = Landed::no;
  Fault fault_;
  size_t operations_ = 0;
  size_t commits_ = 0;
};

}  // namespace holdfast::test
