// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "holdfast/adapters/sqlite_database.h"

namespace holdfast::sqlite {
namespace {

constexpr int kDamagedKept = 3;
// What SQLite puts beside a database. -shm only where another program opened it.
constexpr const char* kCompanions[] = {"-wal", "-journal", "-shm"};

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The path with every link in its directory followed, and "." and ".." gone.
Result<std::string> resolve(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.empty() || name == "." || name == "..") return failure(Code::invalid_argument);
  char* const directory = ::realpath(directory_of(path).c_str(), nullptr);
  if (directory == nullptr) return failure(status_of_errno(errno));
  std::string resolved = directory;
  std::free(directory);  // realpath() took it from malloc()
  if (resolved != "/") resolved += '/';
  return resolved + name;
}

bool exists(const std::string& path) {
  struct stat info = {};
  return ::lstat(path.c_str(), &info) == 0;
}

Status remove(const std::string& path) {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? Status() : status_of_errno(errno);
}

// Of a database that isn't there any more: SQLite must not take them for the new one's.
Status remove_companions(const std::string& path) {
  for (const char* companion : kCompanions) {
    const Status removed = remove(path + companion);
    if (!removed.ok()) return removed;
  }
  return {};
}

Status create(const std::string& path) {
  Status status = remove_companions(path);
  if (!status.ok()) return status;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return status_of_errno(errno);
  return ::close(fd) == 0 ? sync_directory(path) : status_of_errno(errno);
}

// Also of the log: it holds the same rows.
Status examine(const std::string& path, std::string* problem) {
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return Code::not_found;
    return describe(problem, path, "can't be examined", status_of_errno(errno));
  }
  if (!S_ISREG(info.st_mode)) {
    const char* const reason = S_ISLNK(info.st_mode) ? "it is a link" : "it isn't a file";
    return describe(problem, path, "can't be a database", Code::corrupt, reason);
  }
  // As root too this notices a read-only file system.
  if (::access(path.c_str(), W_OK) != 0) {
    return describe(problem, path, "can't be written", status_of_errno(errno));
  }
  if ((info.st_mode & 077) != 0 && ::chmod(path.c_str(), 0600) != 0) {
    return describe(problem, path, "others have rights to it", status_of_errno(errno));
  }
  return {};
}

}  // namespace

Status status_of_errno(int error) {
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

Status describe(std::string* problem, const std::string& path, const char* what, Status status,
                const char* reason) {
  if (problem == nullptr) return status;
  char text[128] = {};
  if (reason == nullptr) {
    // strerror_r comes in two forms; this accepts the result of either.
    const auto given = ::strerror_r(status.number(), text, sizeof text);
    if constexpr (std::is_pointer_v<decltype(given)>) {
      if (given != text)
        std::snprintf(text, sizeof text, "%s", reinterpret_cast<const char*>(given));
    }
    reason = text;
  }
  *problem = path + ": " + what + ": " + reason;
  return status;
}

Status sync_directory(const std::string& path) {
  const int fd = ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return status_of_errno(errno);
  int done = 0;
  do {
    done = ::fsync(fd);
  } while (done != 0 && errno == EINTR);
  const Status status = done == 0 ? Status() : status_of_errno(errno);
  (void)::close(fd);
  return status;
}

Result<std::string> prepare(const std::string& path, std::string* problem) {
  const Result<std::string> resolved = resolve(path);
  if (!resolved) {
    const bool wrong = resolved.error().code() == Code::invalid_argument;
    return failure(describe(problem, path, "its directory can't be used", resolved.error(),
                            wrong ? "not the path of a file" : nullptr));
  }
  Status status = examine(*resolved, problem);
  if (status.code() == Code::not_found) {
    status = create(*resolved);
    if (!status.ok()) return failure(describe(problem, path, "can't be created", status));
  }
  if (!status.ok()) return failure(status);
  if (::access(directory_of(*resolved).c_str(), W_OK | X_OK) != 0) {
    return failure(
        describe(problem, directory_of(path), "can't be written", status_of_errno(errno)));
  }
  for (const char* companion : kCompanions) {
    status = examine(*resolved + companion, problem);
    if (!status.ok() && status.code() != Code::not_found) return failure(status);
  }
  return resolved;
}

}  // namespace holdfast::sqlite

namespace holdfast {

Status sqlite_set_aside(const std::string& path, std::string* problem) {
  const Result<std::string> resolved = sqlite::resolve(path);
  if (!resolved) {
    const bool wrong = resolved.error().code() == Code::invalid_argument;
    return sqlite::describe(problem, path, "its directory can't be used", resolved.error(),
                            wrong ? "not the path of a file" : nullptr);
  }
  if (!sqlite::exists(*resolved)) return {};
  const std::string stem = *resolved + ".damaged-";
  int number = 1;
  while (number < sqlite::kDamagedKept && sqlite::exists(stem + std::to_string(number))) ++number;
  const std::string aside = stem + std::to_string(number);
  // The database goes first: a log without its database is removed when the next one is created,
  // but a database without its log would be taken for an older state.
  Status status = sqlite::remove_companions(aside);
  if (status.ok() && ::rename(resolved->c_str(), aside.c_str()) != 0) {
    status = sqlite::status_of_errno(errno);
  }
  if (status.ok()) status = sqlite::sync_directory(*resolved);
  for (const char* companion : sqlite::kCompanions) {
    if (!status.ok()) break;
    if (::rename((*resolved + companion).c_str(), (aside + companion).c_str()) != 0 &&
        errno != ENOENT) {
      status = sqlite::status_of_errno(errno);
    }
  }
  if (status.ok()) status = sqlite::sync_directory(*resolved);
  return status.ok() ? status : sqlite::describe(problem, path, "can't be set aside", status);
}

}  // namespace holdfast
