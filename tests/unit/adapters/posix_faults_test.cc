// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Failing system calls, by standing in for them in this program: which errors come out, what is
// left behind, and in which order things reach the disk.
#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "conformance/documents.h"
#include "holdfast/adapters/posix.h"
#include "support/temporary_directory.h"

namespace {

struct Calls {
  std::vector<std::string> seen;
  std::string fails;  // the name of the call that fails
  int error = 0;
  int nth = 0;  // the n-th of its kind, from 0

  bool hit(const char* name) {
    seen.emplace_back(name);
    return error != 0 && fails == name && nth-- == 0;
  }
};
Calls calls;

}  // namespace

extern "C" int fsync(int fd) {
  if (calls.hit("fsync")) {
    errno = calls.error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" ssize_t write(int fd, const void* data, size_t size) {
  if (calls.hit("write")) {
    errno = calls.error;
    return -1;
  }
  // At most three bytes at a time: nobody may rely on whole writes.
  return ::syscall(SYS_write, fd, data, size < 3 ? size : 3);
}

extern "C" int renameat(int from_fd, const char* from, int to_fd, const char* to) noexcept {
  if (calls.hit("renameat")) {
    errno = calls.error;
    return -1;
  }
#ifdef SYS_renameat
  return static_cast<int>(::syscall(SYS_renameat, from_fd, from, to_fd, to));
#else
  return static_cast<int>(::syscall(SYS_renameat2, from_fd, from, to_fd, to, 0));
#endif
}

namespace holdfast {
namespace {

void arrange(const std::string& call = {}, int error = 0, int nth = 0) {
  calls = Calls();
  calls.fails = call;
  calls.error = error;
  calls.nth = nth;
}

// Without the repetitions of one call that a short write brings.
std::vector<std::string> order() {
  std::vector<std::string> result;
  for (const std::string& call : calls.seen) {
    if (result.empty() || result.back() != call || call != "write") result.push_back(call);
  }
  return result;
}

const std::vector<std::string> kDurable = {"write", "fsync", "renameat", "fsync"};

TEST_CASE("a record reaches the disk in the order that survives a power cut") {
  const test::TemporaryDirectory directory;
  arrange();
  auto store = file_state_store(directory.path());
  REQUIRE(store.has_value());
  arrange();
  CHECK((*store)->store("route", "a record of some length").ok());
  CHECK(order() == kDurable);
  CHECK((*store)->load("route").value_or("") == "a record of some length");
}

TEST_CASE("a store that fails anywhere says so, and leaves the old record or the new one") {
  struct Fault {
    const char* call;
    int nth;
    int error;
    Code code;
    const char* then;
  };
  const Fault faults[] = {{"write", 0, ENOSPC, Code::no_space, "old"},
                          {"write", 4, EDQUOT, Code::no_space, "old"},
                          {"write", 2, EIO, Code::io_error, "old"},
                          {"fsync", 0, EIO, Code::io_error, "old"},
                          {"renameat", 0, EROFS, Code::read_only, "old"},
                          {"fsync", 1, EIO, Code::io_error, "new"}};  // renamed, not yet durable
  const test::TemporaryDirectory directory;
  arrange();
  auto store = file_state_store(directory.path());
  REQUIRE(store.has_value());
  for (const Fault& fault : faults) {
    CAPTURE(fault.call);
    CAPTURE(fault.nth);
    arrange();
    CHECK((*store)->store("route", "old").ok());
    arrange(fault.call, fault.error, fault.nth);
    const Status status = (*store)->store("route", "new");
    CHECK(status.code() == fault.code);
    CHECK(status.number() == fault.error);
    arrange();
    CHECK((*store)->load("route").value_or("") == fault.then);
    CHECK_FALSE(test::file_exists(directory / "route.tmp"));
  }
}

TEST_CASE("EINTR is no failure") {
  const test::TemporaryDirectory directory;
  arrange();
  auto store = file_state_store(directory.path());
  REQUIRE(store.has_value());
  for (const char* call : {"write", "fsync"}) {
    arrange(call, EINTR);
    CHECK((*store)->store("route", "x").ok());
  }
}

TEST_CASE("a full disk doesn't keep a store from opening, a read-only one does") {
  const test::TemporaryDirectory directory;
  std::string problem;
  arrange("write", ENOSPC);
  CHECK(file_state_store(directory.path(), &problem).has_value());
  arrange("write", EROFS);
  CHECK(file_state_store(directory.path(), &problem).error() == Status(Code::read_only, EROFS));
  CHECK(problem == directory.path() + ": can't be written: Read-only file system");
  arrange();
}

TEST_CASE("a document reaches the disk in that order, too") {
  const test::TemporaryDirectory directory;
  arrange();
  auto documents = file_documents(directory.path(), 1000);
  REQUIRE(documents.has_value());
  arrange();
  auto writer = (*documents)->create("job-1");
  REQUIRE(writer.has_value());
  CHECK(conformance::write_text(**writer, "a document").ok());
  CHECK((*writer)->commit().ok());
  CHECK(order() == kDurable);
}

TEST_CASE("a document whose writing failed leaves nothing and costs no quota") {
  const test::TemporaryDirectory directory;
  arrange();
  auto documents = file_documents(directory.path(), 10);
  REQUIRE(documents.has_value());
  for (const char* call : {"write", "fsync", "renameat"}) {
    for (int nth = 0; nth < 2; ++nth) {
      if (nth == 1 && call == std::string("renameat")) continue;
      CAPTURE(call);
      CAPTURE(nth);
      {
        arrange();
        auto writer = (*documents)->create("job-1");
        REQUIRE(writer.has_value());
        arrange(call, EIO, nth);
        const Status wrote = conformance::write_text(**writer, "ten bytes.");
        const Status committed = (*writer)->commit();
        CHECK_FALSE((wrote.ok() && committed.ok()));
        CHECK(committed == Status(Code::io_error, EIO));
        CHECK_FALSE((*writer)->commit().ok());  // EIO is never followed by success
      }
      arrange();
      CHECK(conformance::sorted_list(**documents).empty());
      CHECK_FALSE(test::file_exists(directory / "job-1.part"));
      CHECK_FALSE(test::file_exists(directory / "job-1.doc"));
    }
  }
  auto writer = (*documents)->create("job-1");
  REQUIRE(writer.has_value());
  CHECK(conformance::write_text(**writer, "ten bytes.").ok());
  CHECK((*writer)->commit().ok());
}

}  // namespace
}  // namespace holdfast
