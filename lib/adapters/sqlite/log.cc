// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "adapters/sqlite/connection.h"

namespace holdfast::sqlite {

sqlite3_file* file_of(sqlite3* handle, int which) {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(handle, "main", which, &file);
  return code == SQLITE_OK && file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

Status checkpoint(sqlite3* handle, int mode) {
  return status_of(handle, sqlite3_wal_checkpoint_v2(handle, nullptr, mode, nullptr, nullptr));
}

Status empty_log(sqlite3* handle) {
  const Status status = checkpoint(handle, SQLITE_CHECKPOINT_TRUNCATE);
  sqlite3_file* const log = file_of(handle, SQLITE_FCNTL_JOURNAL_POINTER);
  if (!status.ok() || log == nullptr) return status;
  return status_of(handle, log->pMethods->xSync(log, SQLITE_SYNC_FULL));
}

Status renew_log(sqlite3* handle) {
  sqlite3_file* const log = file_of(handle, SQLITE_FCNTL_JOURNAL_POINTER);
  if (log == nullptr) return {};
  sqlite3_int64 size = 0;
  int code = log->pMethods->xFileSize(log, &size);
  char bytes[kPage_bytes];
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += kPage_bytes) {
    const int count = static_cast<int>(std::min<sqlite3_int64>(kPage_bytes, size - at));
    code = log->pMethods->xRead(log, bytes, count, at);
    if (code == SQLITE_OK) code = log->pMethods->xWrite(log, bytes, count, at);
  }
  if (code == SQLITE_OK && size > 0) code = log->pMethods->xSync(log, SQLITE_SYNC_FULL);
  return status_of(handle, code);
}

}  // namespace holdfast::sqlite
