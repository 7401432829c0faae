// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "recording_vfs.h"

#include <cstddef>
#include <cstring>
#include <utility>

namespace holdfast::test {
namespace {

// The real file lies behind it in the memory that SQLite gave.
struct File {
  sqlite3_file base;
  RecordingVfs* vfs;
  char name[64];
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(sizeof(File) % alignof(max_align_t) == 0, "the real file is aligned");

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
RecordingVfs* of(sqlite3_vfs* vfs) { return static_cast<RecordingVfs*>(vfs->pAppData); }

std::string name_of(const char* path) {
  const char* const slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

int close(sqlite3_file* file) { return of(file)->real()->pMethods->xClose(of(file)->real()); }

int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return of(file)->real()->pMethods->xRead(of(file)->real(), bytes, size, offset);
}

struct Inside {
  RecordingVfs* vfs;
  explicit Inside(RecordingVfs* v) : vfs(v) { vfs->inside = true; }
  ~Inside() { vfs->inside = false; }
};

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  File* const self = of(file);
  const int failure = self->vfs->strike(Change::Kind::write);
  if (failure != SQLITE_OK) size /= 2;
  const int code = self->real()->pMethods->xWrite(self->real(), bytes, size, offset);
  if (code == SQLITE_OK) {
    self->vfs->add({Change::Kind::write, self->name, offset,
                    std::string(static_cast<const char*>(bytes), static_cast<size_t>(size))});
  }
  return failure != SQLITE_OK ? failure : code;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  File* const self = of(file);
  const int failure = self->vfs->strike(Change::Kind::truncate);
  if (failure != SQLITE_OK) return failure;
  const int code = self->real()->pMethods->xTruncate(self->real(), size);
  if (code == SQLITE_OK) self->vfs->add({Change::Kind::truncate, self->name, size, {}});
  return code;
}

int sync(sqlite3_file* file, int flags) {
  File* const self = of(file);
  const int failure = self->vfs->strike(Change::Kind::sync);
  if (failure != SQLITE_OK) {
    self->vfs->add({Change::Kind::failed_sync, self->name, 0, {}});
    return failure;
  }
  const Inside inside(self->vfs);
  const int code = self->real()->pMethods->xSync(self->real(), flags);
  self->vfs->add(
      {code == SQLITE_OK ? Change::Kind::sync : Change::Kind::failed_sync, self->name, 0, {}});
  return code;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return of(file)->real()->pMethods->xFileSize(of(file)->real(), size);
}
int lock(sqlite3_file* file, int level) {
  return of(file)->real()->pMethods->xLock(of(file)->real(), level);
}
int unlock(sqlite3_file* file, int level) {
  return of(file)->real()->pMethods->xUnlock(of(file)->real(), level);
}
int check_reserved_lock(sqlite3_file* file, int* taken) {
  return of(file)->real()->pMethods->xCheckReservedLock(of(file)->real(), taken);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  // A hint that would change the size without being written down.
  if (operation == SQLITE_FCNTL_SIZE_HINT) return SQLITE_OK;
  return of(file)->real()->pMethods->xFileControl(of(file)->real(), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return of(file)->real()->pMethods->xSectorSize(of(file)->real());
}
int device_characteristics(sqlite3_file* file) {
  return of(file)->real()->pMethods->xDeviceCharacteristics(of(file)->real());
}

const sqlite3_io_methods* methods() {
  static const sqlite3_io_methods table = [] {
    sqlite3_io_methods made = {};
    made.iVersion = 1;
    made.xClose = close;
    made.xRead = read;
    made.xWrite = write;
    made.xTruncate = truncate;
    made.xSync = sync;
    made.xFileSize = file_size;
    made.xLock = lock;
    made.xUnlock = unlock;
    made.xCheckReservedLock = check_reserved_lock;
    made.xFileControl = file_control;
    made.xSectorSize = sector_size;
    made.xDeviceCharacteristics = device_characteristics;
    return made;
  }();
  return &table;
}

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  File* const self = of(file);
  std::memset(self, 0, sizeof *self);
  self->vfs = of(vfs);
  sqlite3_vfs* const real = self->vfs->real();
  int there = 0;
  if (path != nullptr) {
    const std::string name = name_of(path);
    std::strncpy(self->name, name.c_str(), sizeof self->name - 1);
    (void)real->xAccess(real, path, SQLITE_ACCESS_EXISTS, &there);
  }
  const int code = real->xOpen(real, path, self->real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  if (there == 0) {
    // xAccess() calls an empty file missing; creating it again is the same to the log's reader.
    self->vfs->add({Change::Kind::create, self->name, 0, {}});
  }
  self->base.pMethods = methods();
  return code;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  RecordingVfs* const self = of(vfs);
  const int failure = self->strike(Change::Kind::remove);
  if (failure != SQLITE_OK) return failure;
  int there = 0;
  (void)self->real()->xAccess(self->real(), path, SQLITE_ACCESS_EXISTS, &there);
  // Before the call, in which the directory may be synced.
  if (there != 0) self->add({Change::Kind::remove, name_of(path), 0, {}});
  const Inside inside(self);
  return self->real()->xDelete(self->real(), path, sync_directory);
}

int access(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
  return of(vfs)->real()->xAccess(of(vfs)->real(), path, flags, result);
}
int full_pathname(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return of(vfs)->real()->xFullPathname(of(vfs)->real(), path, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) {
  return of(vfs)->real()->xRandomness(of(vfs)->real(), size, out);
}
int sleep(sqlite3_vfs* vfs, int microseconds) {
  return of(vfs)->real()->xSleep(of(vfs)->real(), microseconds);
}
int current_time(sqlite3_vfs* vfs, double* time) {
  return of(vfs)->real()->xCurrentTime(of(vfs)->real(), time);
}
int last_error(sqlite3_vfs* vfs, int size, char* out) {
  return of(vfs)->real()->xGetLastError(of(vfs)->real(), size, out);
}

}  // namespace

RecordingVfs::RecordingVfs(const char* name) : real_(sqlite3_vfs_find(nullptr)) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.mxPathname = real_->mxPathname;
  vfs_.zName = name;
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_pathname;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = sleep;
  vfs_.xCurrentTime = current_time;
  vfs_.xGetLastError = last_error;
  (void)sqlite3_vfs_register(&vfs_, 0);
}

RecordingVfs::~RecordingVfs() { (void)sqlite3_vfs_unregister(&vfs_); }

void RecordingVfs::mark(int64_t value) { add({Change::Kind::mark, {}, value, {}}); }

void RecordingVfs::fail_at(size_t n, int code) {
  fail_at_ = n;
  seen_ = 0;
  code_ = code;
  failed_ = false;
  syncs_only_ = false;
}

void RecordingVfs::fail_sync_at(size_t n, int code) {
  fail_at(n, code);
  syncs_only_ = true;
}

int RecordingVfs::strike(Change::Kind kind) {
  if (fail_at_ == 0 || (syncs_only_ && kind != Change::Kind::sync)) return SQLITE_OK;
  if (++seen_ != fail_at_) return SQLITE_OK;
  failed_ = true;
  return code_;
}

void RecordingVfs::add(Change change) { log.push_back(std::move(change)); }

void RecordingVfs::add_directory_sync() {
  if (!inside || syncs_directories) add({Change::Kind::directory_sync, {}, 0, {}});
}

}  // namespace holdfast::test
