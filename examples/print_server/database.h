// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace print_server {

struct DatabaseError : std::runtime_error {
  DatabaseError(const std::string& what, bool is_full) : std::runtime_error(what), full(is_full) {}
  bool full;
};

class Database;

// Owns one prepared statement; bind by position from 1, read by column from 0.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  template <typename... Values>
  Statement& with(const Values&... values) {
    int position = 0;
    (bind(++position, values), ...);
    return *this;
  }
  bool step();  // true while there is a row
  void run() {
    while (step()) {
    }
  }
  void reset();

  int64_t integer(int column) const;
  std::string text(int column) const;  // also for blobs

 private:
  void bind(int position, int64_t value);
  void bind(int position, int value) { bind(position, static_cast<int64_t>(value)); }
  void bind(int position, bool value) { bind(position, static_cast<int64_t>(value)); }
  void bind(int position, const std::string& value);
  void bind(int position, const char* value) { bind(position, std::string(value)); }

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  Database() = default;
  ~Database() { close(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void open(const std::string& path);
  void close();
  bool is_open() const { return handle_ != nullptr; }
  void execute(const char* sql);
  int64_t changes() const;
  template <typename... Values>
  void run(const char* sql, const Values&... values) {
    Statement(*this, sql).with(values...).run();
  }
  [[noreturn]] void fail(const std::string& doing) const;
  sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace print_server
