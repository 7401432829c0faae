// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows go in one small transaction: with secure_delete=FAST their pages are freed without being
// written, so that it fits into the log of a full disk. VACUUM then leaves two pages, in the log.
// From there on the rest of the file is dead, whatever happens, and is overwritten in place; and
// once the log is in the file, the log too, its header first, without which nothing of it is read.
#include <algorithm>

#include "adapters/sqlite/connection.h"

namespace holdfast::sqlite {
namespace {

Status overwrite(sqlite3* handle, sqlite3_file* file, sqlite3_int64 from, sqlite3_int64 to) {
  static constexpr char kZeros[512] = {};
  while (from < to) {
    const int size = static_cast<int>(std::min<sqlite3_int64>(sizeof kZeros, to - from));
    const int code = file->pMethods->xWrite(file, kZeros, size, from);
    if (code != SQLITE_OK) return status_of(handle, code);
    from += size;
  }
  return status_of(handle, file->pMethods->xSync(file, SQLITE_SYNC_FULL));
}

Status overwrite_freed(sqlite3* handle) {
  sqlite3_file* const file = file_of(handle, SQLITE_FCNTL_FILE_POINTER);
  Result<Statement> statement = prepare_statement(handle, "PRAGMA page_count");
  if (!statement) return statement.error();
  const int code = sqlite3_step(statement->get());
  if (code != SQLITE_ROW) return status_of(handle, code);
  const sqlite3_int64 used = sqlite3_column_int64(statement->get(), 0) * kPage_bytes;
  sqlite3_int64 size = 0;
  if (file == nullptr) return Status(Code::io_error, SQLITE_IOERR);
  const int sized = file->pMethods->xFileSize(file, &size);
  if (sized != SQLITE_OK) return status_of(handle, sized);
  return overwrite(handle, file, used, size);
}

Status overwrite_log(sqlite3* handle) {
  sqlite3_file* const log = file_of(handle, SQLITE_FCNTL_JOURNAL_POINTER);
  if (log == nullptr) return {};
  sqlite3_int64 size = 0;
  const int sized = log->pMethods->xFileSize(log, &size);
  if (sized != SQLITE_OK) return status_of(handle, sized);
  Status status = overwrite(handle, log, 0, std::min<sqlite3_int64>(size, kPage_bytes));
  if (status.ok()) status = overwrite(handle, log, kPage_bytes, size);
  return status;
}

}  // namespace

Status wipe(sqlite3* handle, bool in_memory) {
  if (in_memory) return execute(handle, "DELETE FROM entries;VACUUM");
  // An empty log is written from its start again, and then needs no more space than it has.
  Status status = checkpoint(handle, SQLITE_CHECKPOINT_PASSIVE);
  if (status.ok()) status = execute(handle, "PRAGMA secure_delete=FAST");
  if (status.ok()) status = execute(handle, "DELETE FROM entries;VACUUM");
  const Status restored = execute(handle, "PRAGMA secure_delete=ON");
  if (status.ok()) status = restored;
  if (status.ok()) status = overwrite_freed(handle);
  if (status.ok()) status = checkpoint(handle, SQLITE_CHECKPOINT_FULL);
  if (status.ok()) status = overwrite_log(handle);
  if (status.ok()) status = empty_log(handle);
  return status;
}

}  // namespace holdfast::sqlite
