// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "adapters/sqlite/files.h"

namespace holdfast::sqlite {

Status status_of(sqlite3* handle, int code) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return {};
    case SQLITE_FULL:
      return Status(Code::no_space, code);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Status(Code::read_only, code);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:  // longer than anything that was stored
      return Status(Code::corrupt, code);
    case SQLITE_ERROR:  // a SQLite without what is asked of it
      return Status(Code::unsupported, code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
      return Status(Code::busy, code);
    case SQLITE_CANTOPEN:
      return Status(status_of_errno(handle == nullptr ? 0 : sqlite3_system_errno(handle)).code(),
                    code);
    case SQLITE_IOERR: {
      if (code == SQLITE_IOERR_NOMEM) return Status(Code::busy, code);
      // SQLite knows a full disk, but not a user's quota.
      const int error = handle == nullptr ? 0 : sqlite3_system_errno(handle);
      return Status(code == SQLITE_IOERR_WRITE && error == EDQUOT ? Code::no_space : Code::io_error,
                    code);
    }
    default:
      return Status(Code::io_error, code);
  }
}

Status execute(sqlite3* handle, const char* sql) {
  return status_of(handle, sqlite3_exec(handle, sql, nullptr, nullptr, nullptr));
}

Result<Statement> prepare_statement(sqlite3* handle, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(status_of(handle, code));
  return Statement(statement);
}

void leave_log_on_close(sqlite3* handle, bool leave) {
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave ? 1 : 0, nullptr);
}

namespace {

constexpr int kApplication = 0x48464442;  // "HFDB"
constexpr int kVersion = 1;
constexpr int kWriteFormat_at = 18;  // in the header: 1 or 2
// A row with its key, and room for SQLite's own framing: a damaged length never allocates more.
constexpr int kLargestRow_bytes = 80 * 1024;

constexpr char kTable[] =
    "CREATE TABLE entries(space INTEGER NOT NULL,key BLOB NOT NULL,value BLOB NOT NULL,"
    "PRIMARY KEY(space,key))WITHOUT ROWID";

// The first column of the first row; empty when there is none. To the end, since a PRAGMA that
// changes something commits there.
Result<std::string> text_of(sqlite3* handle, const char* sql) {
  Result<Statement> statement = prepare_statement(handle, sql);
  if (!statement) return failure(statement.error());
  std::string text;
  int code = sqlite3_step(statement->get());
  if (code == SQLITE_ROW) {
    const unsigned char* const given = sqlite3_column_text(statement->get(), 0);
    if (given != nullptr) text = reinterpret_cast<const char*>(given);
  }
  while (code == SQLITE_ROW) code = sqlite3_step(statement->get());
  if (code != SQLITE_DONE) return failure(status_of(handle, code));
  return text;
}

Result<int64_t> number_of(sqlite3* handle, const char* sql) {
  const Result<std::string> text = text_of(handle, sql);
  if (!text) return failure(text.error());
  return static_cast<int64_t>(std::strtoll(text->c_str(), nullptr, 10));
}

// Opens what prepare() prepared. Locks are taken by the first read.
Result<Connection> connect(const SqliteOptions& options, const std::string& path) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  flags |= options.in_memory ? SQLITE_OPEN_MEMORY | SQLITE_OPEN_CREATE : SQLITE_OPEN_NOFOLLOW;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(options.in_memory ? ":memory:" : path.c_str(), &handle, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  Connection connection(handle);
  if (code != SQLITE_OK) return failure(status_of(handle, code));
  (void)sqlite3_extended_result_codes(handle, 1);
  (void)sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLargestRow_bytes);
  // What a tampered file could bring along.
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  // Until it is known to be ours.
  leave_log_on_close(handle, true);
  return connection;
}

Status configure(sqlite3* handle, const SqliteOptions& options) {
  // Before the first read: in exclusive mode the log's index is in RAM, not in a shared file.
  Status status = options.in_memory ? Status() : execute(handle, "PRAGMA locking_mode=EXCLUSIVE");
  if (!status.ok()) return status;
  char sql[400];
  std::snprintf(sql, sizeof sql,
                "PRAGMA page_size=%d;PRAGMA cache_size=-%u;PRAGMA mmap_size=0;"
                "PRAGMA temp_store=MEMORY;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
                "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;",
                kPage_bytes, static_cast<unsigned>(std::max<uint32_t>(options.cache_kib, 64)));
  return execute(handle, sql);
}

// The file could be opened for writing, but SQLite won't: either the medium became read-only since
// it was examined, or the header asks for a format that SQLite can only read.
Status read_only_reason(sqlite3* handle) {
  sqlite3_file* const file = file_of(handle, SQLITE_FCNTL_FILE_POINTER);
  unsigned char format = 0;
  if (file != nullptr && file->pMethods->xRead(file, &format, 1, kWriteFormat_at) == SQLITE_OK &&
      format > 2) {
    return Status(Code::corrupt, SQLITE_CORRUPT);
  }
  return Status(Code::read_only, SQLITE_READONLY);
}

Status use_log(sqlite3* handle, const SqliteOptions& options) {
  if (sqlite3_db_readonly(handle, "main") != 0) return read_only_reason(handle);
  const Result<std::string> mode = text_of(handle, "PRAGMA journal_mode=WAL");
  if (!mode) return mode.error();
  // A file system layer without what the log needs: rather nothing than less than was promised.
  if (*mode != "wal") return Code::unsupported;
  // A large transaction's log is cut back to twice what it usually has.
  char sql[80];
  std::snprintf(sql, sizeof sql, "PRAGMA journal_size_limit=%llu",
                2ull * (options.checkpoint_pages + 1) * (kPage_bytes + 24));
  return execute(handle, sql);
}

Status limit_size(sqlite3* handle, const SqliteOptions& options) {
  if (options.max_bytes == 0) return {};
  const uint64_t pages = std::min<uint64_t>(options.max_bytes / kPage_bytes, 0x7ffffffe);
  char sql[64];
  std::snprintf(sql, sizeof sql, "PRAGMA max_page_count=%llu",
                static_cast<unsigned long long>(std::max<uint64_t>(pages, 4)));
  return execute(handle, sql);
}

Status create_table(sqlite3* handle) {
  char sql[400];
  std::snprintf(sql, sizeof sql,
                "BEGIN IMMEDIATE;PRAGMA application_id=%d;PRAGMA user_version=%d;%s;COMMIT",
                kApplication, kVersion, kTable);
  return execute(handle, sql);
}

enum class Kind : uint8_t { empty, ours, foreign, newer };

Result<Kind> kind_of(sqlite3* handle) {
  const Result<int64_t> page_bytes = number_of(handle, "PRAGMA page_size");
  if (!page_bytes) return failure(page_bytes.error());
  const Result<int64_t> application = number_of(handle, "PRAGMA application_id");
  if (!application) return failure(application.error());
  const Result<int64_t> version = number_of(handle, "PRAGMA user_version");
  if (!version) return failure(version.error());
  const Result<int64_t> tables = number_of(handle, "SELECT count(*) FROM sqlite_master");
  if (!tables) return failure(tables.error());
  // The last with a file as it is between its creation and that of the table.
  if (*application == 0 && *version == 0 && *tables == 0) return Kind::empty;
  if (*application != kApplication || *version < 1 || *page_bytes != kPage_bytes)
    return Kind::foreign;
  if (*version > kVersion) return Kind::newer;
  const Result<std::string> table = text_of(handle, "SELECT sql FROM sqlite_master");
  if (!table) return failure(table.error());
  return *tables == 1 && *table == kTable ? Kind::ours : Kind::foreign;
}

const char* reason_of(sqlite3* handle, Status status) {
  if (status.code() == Code::busy && status.number() != SQLITE_NOMEM &&
      status.number() != SQLITE_IOERR_NOMEM) {
    return "another process, or this one, has it open";
  }
  // Its own words, unless the call that failed went past it.
  return sqlite3_extended_errcode(handle) == status.number() ? sqlite3_errmsg(handle)
                                                             : sqlite3_errstr(status.number());
}

Status examine(sqlite3* handle, const SqliteOptions& options, std::string* problem) {
  Result<Kind> kind = kind_of(handle);
  // Nothing in these questions can be unknown to SQLite: what it says no to is a schema.
  if (!kind && kind.error().code() == Code::unsupported) {
    kind = failure(Code::corrupt, kind.error().number());
  }
  const char* const path = options.path.c_str();
  if (!kind) {
    return describe(problem, path, "can't be read", kind.error(), reason_of(handle, kind.error()));
  }
  if (*kind == Kind::foreign) {
    return describe(problem, path, "can't be used", Code::corrupt,
                    "it isn't a database of this library");
  }
  if (*kind == Kind::newer) {
    return describe(problem, path, "can't be used", Code::unsupported,
                    "a newer version of this library wrote it");
  }
  Status status = options.in_memory ? Status() : use_log(handle, options);
  if (status.ok()) status = limit_size(handle, options);
  if (status.ok() && *kind == Kind::empty) status = create_table(handle);
  if (!status.ok()) {
    return describe(problem, path, "can't be written", status, reason_of(handle, status));
  }
  if (!options.check_on_open) return {};
  const Result<std::string> verdict = text_of(handle, "PRAGMA quick_check(1)");
  if (verdict && *verdict == "ok") return {};
  status = verdict ? Status(Code::corrupt, SQLITE_CORRUPT) : verdict.error();
  return describe(problem, path, "is damaged", status,
                  verdict ? verdict->c_str() : reason_of(handle, status));
}

// What the last process left in the log. If a sync failed then, the kernel may show rows in it that
// the disk doesn't have, and takes them for written: a checkpoint that trusts it and meets a power
// cut leaves half of them. So the log is written once more, which makes the sync an honest one, and
// goes for good when it is in the file.
Status recover(sqlite3* handle) {
  Status status = renew_log(handle);
  if (status.ok()) status = empty_log(handle);
  return status.code() == Code::no_space ? Status() : status;  // then the log stays
}

}  // namespace

Result<Connection> open_connection(const SqliteOptions& options, std::string* problem) {
  if (options.in_memory != options.path.empty()) {
    return failure(describe(problem, options.path, "can't be opened", Code::invalid_argument,
                            "either a path or in_memory"));
  }
  std::string path;
  if (!options.in_memory) {
    Result<std::string> prepared = prepare(options.path, problem);
    if (!prepared) return failure(prepared.error());
    path = *prepared;
  }
  Result<Connection> connection = connect(options, path);
  if (!connection) {
    return failure(describe(problem, options.path, "can't be opened", connection.error(),
                            sqlite3_errstr(connection.error().number())));
  }
  sqlite3* const handle = connection->get();
  Status status = configure(handle, options);
  if (!status.ok()) {
    return failure(
        describe(problem, options.path, "can't be opened", status, reason_of(handle, status)));
  }
  status = examine(handle, options, problem);
  if (!status.ok()) return failure(status);
  if (options.in_memory) return connection;
  status = recover(handle);
  if (!status.ok()) {
    return failure(
        describe(problem, options.path, "can't be recovered", status, reason_of(handle, status)));
  }
  // For a SQLite that doesn't: were the journal of the creation found again after a power cut, it
  // would take back what was committed since.
  status = sync_directory(path);
  if (!status.ok()) return failure(describe(problem, options.path, "can't be synced", status));
  leave_log_on_close(handle, false);
  return connection;
}

}  // namespace holdfast::sqlite
