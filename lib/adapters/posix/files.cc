// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <type_traits>

namespace holdfast::posix {
namespace {

constexpr char kTrial[] = "write-test.tmp";

}  // namespace

void describe(std::string* problem, const std::string& path, const char* what, Status status) {
  if (problem == nullptr) return;
  char reason[128] = {};
  if (status.code() == Code::busy) {
    std::snprintf(reason, sizeof reason, "another process uses it");
  } else {
    // strerror_r comes in two forms; this accepts the result of either.
    const auto text = ::strerror_r(status.number(), reason, sizeof reason);
    if constexpr (std::is_pointer_v<decltype(text)>) {
      if (text != reason)
        std::snprintf(reason, sizeof reason, "%s", reinterpret_cast<const char*>(text));
    }
  }
  *problem = path + ": " + what + ": " + reason;
}

bool Descriptor::close() {
  const int fd = release();
  return fd < 0 || ::close(fd) == 0;
}

Status status_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Status(Code::no_space, error);
    case EROFS:
    case EACCES:
    case EPERM:
      return Status(Code::read_only, error);
    default:
      return Status(Code::io_error, error);
  }
}

Status write_all(int fd, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(fd, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return status_of(errno);
    if (written == 0) return Status(Code::io_error, EIO);
    at += written;
    size -= static_cast<size_t>(written);
  }
  return {};
}

Status sync(int fd) {
  int done = 0;
  do {
    done = ::fsync(fd);
  } while (done != 0 && errno == EINTR);
  return done == 0 ? Status() : status_of(errno);
}

Status Directory::open(const std::string& path, const char* lock_name, std::string* problem) {
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    const Status status = status_of(errno);
    describe(problem, path, "can't be created", status);
    return status;
  }
  directory_ = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory_.valid()) {
    const Status status = status_of(errno);
    describe(problem, path, "can't be opened as a directory", status);
    return status;
  }
  const Status locked = take_lock(lock_name);
  if (!locked.ok()) {
    describe(problem, path, "can't be locked", locked);
    return locked;
  }
  Status writable = remove(kTrial);
  if (writable.ok()) {
    Result<Descriptor> trial = create(kTrial);
    writable = trial ? write_all(trial->get(), "", 1) : trial.error();
    (void)remove(kTrial);
  }
  // A full disk is no reason not to start: what is there can be read, and each write tells.
  if (writable.ok() || writable.code() == Code::no_space) return {};
  describe(problem, path, "can't be written", writable);
  return writable;
}

Status Directory::take_lock(const char* lock_name) const {
  lock_ = Descriptor(
      ::openat(directory_.get(), lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock_.valid()) return status_of(errno);
  // flock belongs to the open file, so that it also keeps out a second user in the same process.
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return errno == EWOULDBLOCK ? Status(Code::busy, errno) : status_of(errno);
}

Result<Descriptor> Directory::create(const std::string& name) const {
  Descriptor file(::openat(directory_.get(), name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return failure(status_of(errno));
  return file;
}

Status Directory::rename(const std::string& from, const std::string& to) const {
  if (::renameat(directory_.get(), from.c_str(), directory_.get(), to.c_str()) != 0) {
    return status_of(errno);
  }
  return sync(directory_.get());
}

bool Directory::exists(const std::string& name) const {
  struct stat info = {};
  return ::fstatat(directory_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

Status Directory::remove(const std::string& name) const {
  if (::unlinkat(directory_.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return status_of(errno);
}

}  // namespace holdfast::posix
