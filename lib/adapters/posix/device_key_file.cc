// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A new key is written and synced under a name of its own and then linked to the name it is wanted
// under, which fails where another process was faster. So a key file is whole or not there, also
// after a power cut; one of a wrong size is damage, and not for us to replace.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "adapters/posix/device_key.h"
#include "adapters/posix/files.h"
#include "base/hex.h"
#include "holdfast/adapters/posix.h"
#include "holdfast/types.h"

namespace holdfast::posix {
namespace {

struct Place {
  std::string path;
  std::string name;  // within the folder
  Descriptor folder;
};

Status tell(std::string* problem, const std::string& path, const char* words, Code code) {
  if (problem != nullptr) *problem = path + ": " + words;
  return code;
}

Status open_folder(const std::string& path, Place& place, std::string* problem) {
  const size_t slash = path.rfind('/');
  place.path = path;
  place.name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (place.name.empty() || place.name == "." || place.name == "..") {
    return tell(problem, path, "names no file", Code::invalid_argument);
  }
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  place.folder = Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (place.folder.valid()) return {};
  const Status status = status_of(errno);
  describe(problem, folder, "can't be opened as a directory", status);
  return status;
}

// A read-only file system has nothing left to sync, and some of them say so.
Status sync_if_writable(int fd) {
  const Status synced = sync(fd);
  return synced.number() == EROFS || synced.number() == EINVAL ? Status() : synced;
}

Status check(const Place& place, int fd, std::string* problem) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return status_of(errno);
  if (!S_ISREG(info.st_mode)) {
    return tell(problem, place.path, "must be a plain file; give another path",
                Code::invalid_argument);
  }
  if (info.st_uid != ::geteuid()) {
    return tell(problem, place.path,
                "belongs to another user; run as that user, or give another path",
                Code::invalid_argument);
  }
  if ((info.st_mode & 077) != 0) {
    return tell(problem, place.path,
                "others may use it, so it is no secret any more; delete it (what was stored under "
                "it is lost), or chmod it to 600 if nobody can have read it",
                Code::invalid_argument);
  }
  if (info.st_size != static_cast<off_t>(sizeof(Key256))) {
    return tell(problem, place.path,
                "isn't a key of 32 bytes; put the right one back, or delete it (what was stored "
                "under it is lost)",
                Code::corrupt);
  }
  return {};
}

// not_found: there is no such file yet.
Status read_key(const Place& place, Key256& key, std::string* problem) {
  const Descriptor file(::openat(place.folder.get(), place.name.c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) return Code::not_found;
    if (errno == ELOOP) {
      return tell(problem, place.path, "is a symbolic link; give the file itself",
                  Code::invalid_argument);
    }
    const Status status = status_of(errno);
    describe(problem, place.path, "can't be read", status);
    return status;
  }
  Status status = check(place, file.get(), problem);
  if (!status.ok()) return status;
  size_t have = 0;
  while (have < key.size()) {
    const ssize_t given = ::read(file.get(), key.data() + have, key.size() - have);
    if (given < 0 && errno == EINTR) continue;
    if (given <= 0) {
      status = status_of(given == 0 ? EIO : errno);
      describe(problem, place.path, "can't be read", status);
      return status;
    }
    have += static_cast<size_t>(given);
  }
  if (std::all_of(key.begin(), key.end(), [](uint8_t byte) { return byte == 0; })) {
    return tell(problem, place.path,
                "holds zeros, so it was damaged; put the right one back, or delete it (what was "
                "stored under it is lost)",
                Code::corrupt);
  }
  // Whoever made it, perhaps a moment ago, may not have come to this.
  status = sync_if_writable(file.get());
  if (status.ok()) status = sync_if_writable(place.folder.get());
  if (!status.ok()) describe(problem, place.path, "can't be made durable", status);
  return status;
}

// Under the name `fresh`, which is nobody else's. ok also when another process has made the key.
Status make_key(const Place& place, const std::string& fresh, const Key256& key) {
  Descriptor file(::openat(place.folder.get(), fresh.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return status_of(errno);
  // A umask may have taken the owner's rights away.
  Status status = ::fchmod(file.get(), 0600) == 0 ? Status() : status_of(errno);
  if (status.ok()) status = write_all(file.get(), key.data(), key.size());
  if (status.ok()) status = sync(file.get());
  if (!file.close() && status.ok()) status = status_of(EIO);
  if (status.ok() &&
      ::linkat(place.folder.get(), fresh.c_str(), place.folder.get(), place.name.c_str(), 0) != 0) {
    if (errno != EEXIST) status = status_of(errno);
  }
  (void)::unlinkat(place.folder.get(), fresh.c_str(), 0);
  return status;
}

}  // namespace

Status load_or_make_key(const std::string& path, Key256& key, std::string* problem) {
  Place place;
  Status status = open_folder(path, place, problem);
  if (!status.ok()) return status;
  status = read_key(place, key, problem);
  if (status.code() != Code::not_found) return status;

  const auto random = system_random();
  std::array<uint8_t, 8> suffix = {};
  status = random->fill(key.data(), key.size());
  if (status.ok()) status = random->fill(suffix.data(), suffix.size());
  if (status.ok()) {
    status = make_key(place, place.name + ".new-" + hex_encode(suffix.data(), suffix.size()), key);
  }
  wipe(key.data(), key.size());
  if (!status.ok()) {
    describe(problem, path, "can't be created", status);
    return status;
  }
  status = read_key(place, key, problem);  // ours, or that of a faster process
  if (status.code() != Code::not_found) return status;
  return tell(problem, path, "has vanished while it was made; try again", Code::io_error);
}

}  // namespace holdfast::posix
