// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include "adapters/sqlite/connection.h"
#include "holdfast/adapters/sqlite_database.h"

namespace holdfast {
namespace {

using sqlite::Connection;
using sqlite::Statement;

void bind(sqlite3_stmt* statement, int index, std::string_view bytes) {
  // A null pointer would bind NULL instead of an empty value.
  (void)sqlite3_bind_blob(statement, index, bytes.empty() ? "" : bytes.data(),
                          static_cast<int>(bytes.size()), SQLITE_STATIC);
}

// Makes a statement ready for its next use, whatever way its use ended.
class Use {
 public:
  explicit Use(const Statement& statement) : statement_(statement.get()) {}
  ~Use() {
    (void)sqlite3_reset(statement_);
    (void)sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  sqlite3_stmt* get() const { return statement_; }
  int step() { return sqlite3_step(statement_); }

 private:
  sqlite3_stmt* statement_;
};

class SqliteDatabase final : public Database {
 public:
  ~SqliteDatabase() override {
    rollback();
    // Without it, closing would write and sync once more on a medium that failed.
    if (connection_ && !failed_.ok()) sqlite::leave_log_on_close(connection_.get(), true);
  }

  bool persistent() const override { return !in_memory_; }

  Status open(const SqliteOptions& options, std::string* problem) {
    in_memory_ = options.in_memory;
    checkpoint_pages_ = options.checkpoint_pages;
    Result<Connection> connection = sqlite::open_connection(options, problem);
    if (!connection) return connection.error();
    connection_ = std::move(*connection);
    // Instead of SQLite's own checkpoints, which keep their errors to themselves.
    (void)sqlite3_wal_hook(connection_.get(), &SqliteDatabase::logged, this);
    const struct {
      Statement& statement;
      const char* sql;
    } statements[] = {
        {get_, "SELECT value FROM entries WHERE space=?1 AND key=?2"},
        {seek_,
         "SELECT value,key FROM entries WHERE space=?1 AND key>=?2 ORDER BY space,key LIMIT 1"},
        {put_, "REPLACE INTO entries(space,key,value)VALUES(?1,?2,?3)"},
        {erase_, "DELETE FROM entries WHERE space=?1 AND key=?2"},
        {begin_, "BEGIN IMMEDIATE"},
        {commit_, "COMMIT"},
        {rollback_, "ROLLBACK"},
    };
    for (const auto& [statement, sql] : statements) {
      Result<Statement> prepared = sqlite::prepare_statement(connection_.get(), sql);
      if (!prepared) {
        if (problem != nullptr) {
          *problem = options.path + ": can't be used: " + sqlite3_errmsg(connection_.get());
        }
        return prepared.error();
      }
      statement = std::move(*prepared);
    }
    return {};
  }

  Result<std::string> get(Space space, std::string_view key) override {
    if (key.size() > kLargestKey_bytes) return failure(Code::not_found);
    Use use(get_);
    (void)sqlite3_bind_int(use.get(), 1, space);
    bind(use.get(), 2, key);
    const int code = use.step();
    if (code != SQLITE_ROW) return failure(no_row(code));
    return column(use.get(), 0, kLargestValue_bytes);
  }

  Result<Row> seek(Space space, std::string_view from) override {
    // No key is longer, so that what follows its first 256 bytes decides nothing.
    from = from.substr(0, kLargestKey_bytes + 1);
    Use use(seek_);
    (void)sqlite3_bind_int(use.get(), 1, space);
    bind(use.get(), 2, from);
    const int code = use.step();
    if (code != SQLITE_ROW) return failure(no_row(code));
    Result<std::string> value = column(use.get(), 0, kLargestValue_bytes);
    if (!value) return failure(value.error());
    Result<std::string> key = column(use.get(), 1, kLargestKey_bytes);
    if (!key) return failure(key.error());
    if (key->empty()) return failure(Status(Code::corrupt, SQLITE_CORRUPT));
    return Row{std::move(*key), std::move(*value)};
  }

  Status begin() override {
    if (open_) return Code::invalid_argument;
    if (!failed_.ok()) return failed_;
    const Status status = write(begin_);
    open_ = status.ok();
    return status;
  }

  Status put(Space space, std::string_view key, std::string_view value) override {
    if (!open_ || !is_key(key) || value.size() > kLargestValue_bytes) return Code::invalid_argument;
    if (!spoilt_.ok()) return spoilt_;
    bind(put_.get(), 3, value);
    return change(put_, space, key);
  }

  Status erase(Space space, std::string_view key) override {
    if (!open_ || !is_key(key)) return Code::invalid_argument;
    if (!spoilt_.ok()) return spoilt_;
    return change(erase_, space, key);
  }

  Status commit() override {
    if (!open_) return Code::invalid_argument;
    logged_pages_ = 0;
    const Status status = spoilt_.ok() ? write(commit_) : spoilt_;
    rollback();
    if (!status.ok() || logged_pages_ < checkpoint_pages_ || in_memory_) return status;
    // The rows are safe in the log. Should this fail, the next begin() says so.
    note(sqlite::checkpoint(connection_.get(), SQLITE_CHECKPOINT_PASSIVE));
    return status;
  }

  void rollback() override {
    open_ = false;
    spoilt_ = Status();
    // SQLite rolls back by itself after some errors.
    if (connection_ && sqlite3_get_autocommit(connection_.get()) == 0) {
      (void)Use(rollback_).step();
    }
  }

  Status clear() override {
    if (open_) return Code::invalid_argument;
    if (!failed_.ok()) return failed_;
    const Status status = sqlite::wipe(connection_.get(), in_memory_);
    note(status);
    return status;
  }

 private:
  static bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= kLargestKey_bytes;
  }

  static int logged(void* self, sqlite3*, const char*, int pages) {
    static_cast<SqliteDatabase*>(self)->logged_pages_ = static_cast<uint32_t>(pages);
    return SQLITE_OK;
  }

  void note(Status status) {
    if (status.code() == Code::io_error && failed_.ok()) failed_ = status;
  }

  Status no_row(int code) const {
    return code == SQLITE_DONE ? Status(Code::not_found)
                               : sqlite::status_of(connection_.get(), code);
  }

  Result<std::string> column(sqlite3_stmt* statement, int index, size_t largest) const {
    if (sqlite3_column_type(statement, index) != SQLITE_BLOB) {
      return failure(Code::corrupt, SQLITE_CORRUPT);
    }
    const void* const bytes = sqlite3_column_blob(statement, index);
    const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, index));
    if (size > largest) return failure(Code::corrupt, SQLITE_CORRUPT);
    if (bytes == nullptr && size > 0) return failure(Code::busy, SQLITE_NOMEM);
    return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size);
  }

  Status write(const Statement& statement) {
    Use use(statement);
    const Status status = sqlite::status_of(connection_.get(), use.step());
    note(status);
    return status;
  }

  Status change(const Statement& statement, Space space, std::string_view key) {
    (void)sqlite3_bind_int(statement.get(), 1, space);
    bind(statement.get(), 2, key);
    spoilt_ = write(statement);
    return spoilt_;
  }

  Connection connection_;  // before the statements: they are finalized first
  Statement get_;
  Statement seek_;
  Statement put_;
  Statement erase_;
  Statement begin_;
  Statement commit_;
  Statement rollback_;
  bool in_memory_ = false;
  uint32_t checkpoint_pages_ = 0;
  uint32_t logged_pages_ = 0;  // in the log, after the last commit
  bool open_ = false;
  Status spoilt_;  // a change of this transaction failed
  Status failed_;  // the medium did: no more writing
};

}  // namespace

Result<std::unique_ptr<Database>> sqlite_database(const SqliteOptions& options,
                                                  std::string* problem) {
  auto database = std::make_unique<SqliteDatabase>();
  const Status opened = database->open(options, problem);
  if (!opened.ok()) return failure(opened);
  return database;
}

}  // namespace holdfast
