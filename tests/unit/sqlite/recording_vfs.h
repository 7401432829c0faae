// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A file system layer for SQLite that hands everything to the default one, writes down what changes
// the disk, and makes one change fail when told to. Exclusive use only: it has no shared memory.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::test {

struct Change {
  enum class Kind : uint8_t {
    create,
    write,
    truncate,  // `offset` is the new size
    sync,
    failed_sync,  // a later one doesn't write what this one should have
    remove,
    directory_sync,
    mark,  // no change: the test's own remark is `offset`
  };
  Kind kind = Kind::mark;
  std::string file;  // without its directory
  int64_t offset = 0;
  std::string bytes;
};

class RecordingVfs {
 public:
  explicit RecordingVfs(const char* name);
  ~RecordingVfs();
  RecordingVfs(const RecordingVfs&) = delete;
  RecordingVfs& operator=(const RecordingVfs&) = delete;

  std::vector<Change> log;
  // What SQLITE_DISABLE_DIRSYNC makes of the default layer: directories are left to its user.
  bool syncs_directories = true;

  void mark(int64_t value);
  // The n-th write, truncation, sync or removal from now on (1: the next) fails with `code`, after
  // half of it was done if it is a write. 0: none.
  void fail_at(size_t n, int code);
  void fail_sync_at(size_t n, int code);  // only syncs count
  bool has_failed() const { return failed_; }

  // ---- for the layer's functions
  int strike(Change::Kind kind);  // SQLITE_OK, or the error that is due
  void add(Change change);
  void add_directory_sync();  // the process synced a directory
  bool inside = false;        // a function of this layer
  sqlite3_vfs* real() const { return real_; }

 private:
  sqlite3_vfs vfs_ = {};
  sqlite3_vfs* real_ = nullptr;
  size_t seen_ = 0;
  size_t fail_at_ = 0;
  bool syncs_only_ = false;
  int code_ = SQLITE_OK;
  bool failed_ = false;
};

}  // namespace holdfast::test
