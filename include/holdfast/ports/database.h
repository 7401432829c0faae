// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: an ordered table of bytes with transactions, for what must not be lost. Rows stand in a
// few spaces, in the order of their keys' bytes (unsigned; a key stands before those that it
// begins). The library encrypts what is secret, and checks what it reads; the adapter keeps it in
// order and makes commits durable.
//
// One thread at a time: the executor's worker, once the client is made. Calls block for the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace holdfast {

using Space = uint8_t;

struct Row {
  std::string key;
  std::string value;
};

class Database {
 public:
  // A key has 1 to so many bytes, a value none to so many: put() of others is invalid_argument.
  static constexpr size_t kLargestKey_bytes = 255;
  static constexpr size_t kLargestValue_bytes = 64 * 1024;

  virtual ~Database() = default;

  // False: in RAM alone; its rows go with the object.
  virtual bool persistent() const { return true; }

  // not_found: there is no such row. Inside a transaction what it wrote is seen.
  virtual Result<std::string> get(Space space, std::string_view key) = 0;
  // The first row of `space` whose key isn't less than `from`, which may be empty or longer than
  // any key (the row after one: its key and a zero byte). not_found: there is none.
  virtual Result<Row> seek(Space space, std::string_view from) = 0;

  // One transaction at a time. Until commit() returned ok, a power cut or rollback() leaves
  // everything as it was before; after it, everything is durable. When commit() fails the
  // transaction is rolled back; only when power fails, or the medium (io_error), may its rows be
  // there, all of them, when the database is opened again. When put() or erase() failed for another
  // reason than invalid_argument, commit() fails with the same. put, erase and commit are
  // invalid_argument outside of a transaction, begin inside of one; rollback then does nothing.
  // After io_error a database may refuse to write until it is opened again.
  virtual Status begin() = 0;
  virtual Status put(Space space, std::string_view key, std::string_view value) = 0;
  virtual Status erase(Space space, std::string_view key) = 0;  // ok also when it isn't there
  virtual Status commit() = 0;
  virtual void rollback() = 0;

  // Forgets every row, and overwrites what the medium lets it overwrite. Not inside a transaction
  // (invalid_argument).
  virtual Status clear() = 0;
};

// A transaction that rolls back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database), status_(database.begin()) {}
  ~Transaction() {
    if (open_ && status_.ok()) database_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Status begun() const { return status_; }
  Status commit() {
    open_ = false;
    return status_.ok() ? database_.commit() : status_;
  }

 private:
  Database& database_;
  Status status_;
  bool open_ = true;
};

}  // namespace holdfast
