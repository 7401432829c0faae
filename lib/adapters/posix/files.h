// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the file adapters share: descriptors, a locked directory, whole writes, errors in words.
#pragma once

#include <cstddef>
#include <string>

#include "holdfast/status.h"

namespace holdfast::posix {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { (void)close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      (void)close();
      fd_ = other.release();
    }
    return *this;
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  bool close();  // false when close() failed; the descriptor is gone in any case

 private:
  int fd_ = -1;
};

// no_space, read_only or io_error, with the errno.
Status status_of(int error);

// "PATH: what: why" into `problem`, if given.
void describe(std::string* problem, const std::string& path, const char* what, Status status);

Status write_all(int fd, const void* data, size_t size);
Status sync(int fd);

// A directory that this process has for itself, for one purpose. All names are relative to its
// descriptor.
class Directory {
 public:
  // Makes the last part of the path when it is missing, takes the lock `lock_name` and tries to
  // write. On failure `problem`, if given, names the path and the reason.
  Status open(const std::string& path, const char* lock_name, std::string* problem);

  int fd() const { return directory_.get(); }
  // Opens a file that must not exist yet, for writing, readable by its owner alone.
  Result<Descriptor> create(const std::string& name) const;
  Status rename(const std::string& from, const std::string& to) const;  // durable when ok
  bool exists(const std::string& name) const;
  Status remove(const std::string& name) const;  // ok also when there is none

 private:
  Status take_lock(const char* lock_name) const;

  Descriptor directory_;
  mutable Descriptor lock_;
};

}  // namespace holdfast::posix
