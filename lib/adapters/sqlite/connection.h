// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A connection as this library wants it, and its errors as Status.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/adapters/sqlite_database.h"
#include "holdfast/status.h"

namespace holdfast::sqlite {

constexpr int kPage_bytes = 4096;

struct CloseConnection {
  void operator()(sqlite3* handle) const { (void)sqlite3_close(handle); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { (void)sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// What the last call on `handle`, which returned `code`, means.
Status status_of(sqlite3* handle, int code);

Status execute(sqlite3* handle, const char* sql);
Result<Statement> prepare_statement(sqlite3* handle, const char* sql);

// SQLITE_FCNTL_FILE_POINTER or SQLITE_FCNTL_JOURNAL_POINTER. Null when it isn't open.
sqlite3_file* file_of(sqlite3* handle, int which);

// Moves the log into the file. ok also when there is no log.
Status checkpoint(sqlite3* handle, int mode);

// The same, and the log is durably empty afterwards.
Status empty_log(sqlite3* handle);

// Writes and syncs the log as it is.
Status renew_log(sqlite3* handle);

// While it is set, closing leaves the files as they are.
void leave_log_on_close(sqlite3* handle, bool leave);

// Opened, locked, checked, its table there.
Result<Connection> open_connection(const SqliteOptions& options, std::string* problem);

// Empties the table, then overwrites with zeros what was freed in the file and in the log. All rows
// are there after a power cut, or none.
Status wipe(sqlite3* handle, bool in_memory);

}  // namespace holdfast::sqlite
