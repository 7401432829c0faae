// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "conformance/documents.h"
#include "conformance/state_store.h"
#include "holdfast/adapters/posix.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using test::file_exists;
using test::read_file;
using test::TemporaryDirectory;
using test::write_file;

TEST_CASE("file state store conforms") {
  const TemporaryDirectory directory;
  conformance::state_store([&] {
    auto store = file_state_store(directory / "state");  // makes the last part of the path
    return store ? std::move(*store) : nullptr;
  });
}

TEST_CASE("file documents conform") {
  const TemporaryDirectory directory;
  conformance::documents([&] {
    auto documents = file_documents(directory / "spool", conformance::kQuota_bytes);
    return documents ? std::move(*documents) : nullptr;
  });
}

TEST_CASE("a flipped bit anywhere in a record is noticed, and the record set aside") {
  const TemporaryDirectory directory;
  auto store = file_state_store(directory.path());
  REQUIRE(store.has_value());
  CHECK((*store)->store("route", "what was stored").ok());
  const std::string good = read_file(directory / "route.rec");
  REQUIRE(good.size() > 24);
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    write_file(directory / "route.rec", bad);
    CAPTURE(at);
    CHECK((*store)->load("route").error().code() == Code::corrupt);
    CHECK((*store)->load("route").error().code() == Code::not_found);
  }
  for (size_t length = 0; length < good.size(); ++length) {
    write_file(directory / "route.rec", good.substr(0, length));
    CHECK((*store)->load("route").error().code() == Code::corrupt);
  }
  write_file(directory / "route.rec", good + "x");
  CHECK((*store)->load("route").error().code() == Code::corrupt);

  // At most three are kept: the first two and the latest.
  CHECK(read_file(directory / "route.damaged-1")[0] != good[0]);
  CHECK(file_exists(directory / "route.damaged-2"));
  CHECK(read_file(directory / "route.damaged-3") == good + "x");
  CHECK_FALSE(file_exists(directory / "route.damaged-4"));
  CHECK((*store)->store("route", "anew").ok());
  CHECK((*store)->load("route").value_or("") == "anew");
}

TEST_CASE("a record under another's name, a link and a directory are damage") {
  const TemporaryDirectory directory;
  auto store = file_state_store(directory.path());
  REQUIRE(store.has_value());
  CHECK((*store)->store("a", "content").ok());
  write_file(directory / "b.rec", read_file(directory / "a.rec"));
  CHECK((*store)->load("b").error().code() == Code::corrupt);
  CHECK(::symlink((directory / "a.rec").c_str(), (directory / "c.rec").c_str()) == 0);
  CHECK((*store)->load("c").error().code() == Code::corrupt);
  CHECK(::mkdir((directory / "d.rec").c_str(), 0700) == 0);
  CHECK((*store)->load("d").error().code() == Code::corrupt);
  CHECK(::mkfifo((directory / "e.rec").c_str(), 0600) == 0);
  CHECK((*store)->load("e").error().code() == Code::corrupt);  // and doesn't hang
  CHECK((*store)->load("a").value_or("") == "content");
}

TEST_CASE("what a power cut left is no hindrance") {
  const TemporaryDirectory directory;
  write_file(directory / "route.tmp", "half a rec");
  write_file(directory / "job-1.part", "half a document");
  write_file(directory / "job-2.doc", "whole");
  write_file(directory / "not ours", "kept");
  auto store = file_state_store(directory.path());
  REQUIRE(store.has_value());
  CHECK((*store)->load("route").error().code() == Code::not_found);
  CHECK((*store)->store("route", "x").ok());

  auto documents = file_documents(directory.path(), 1000);  // may share the directory
  REQUIRE(documents.has_value());
  CHECK_FALSE(file_exists(directory / "job-1.part"));
  CHECK((*documents)->list().value_or(std::vector<std::string>{}) ==
        std::vector<std::string>{"job-2"});
  CHECK(read_file(directory / "not ours") == "kept");
  // What is there already counts.
  auto writer = (*documents)->create("job-3");
  REQUIRE(writer.has_value());
  CHECK(conformance::write_text(**writer, std::string(996, 'x')).code() == Code::no_space);
}

TEST_CASE("files are for their owner alone") {
  const TemporaryDirectory directory;
  auto store = file_state_store(directory / "s");
  auto documents = file_documents(directory / "s", 1000);
  REQUIRE(store.has_value());
  REQUIRE(documents.has_value());
  CHECK((*store)->store("route", "x").ok());
  auto writer = (*documents)->create("job-1");
  REQUIRE(writer.has_value());
  for (const char* name : {"", "/route.rec", "/job-1.part", "/state.lock", "/documents.lock"}) {
    struct stat info = {};
    CAPTURE(name);
    CHECK(::stat((directory / "s" + name).c_str(), &info) == 0);
    CHECK((info.st_mode & 077) == 0);
  }
}

TEST_CASE("one user for a directory, and words for what is wrong with one") {
  const TemporaryDirectory directory;
  std::string problem;
  auto store = file_state_store(directory.path(), &problem);
  auto documents = file_documents(directory.path(), 1000, &problem);
  CHECK(store.has_value());
  CHECK(documents.has_value());
  CHECK(problem.empty());

  CHECK(file_state_store(directory.path(), &problem).error().code() == Code::busy);
  CHECK(problem == directory.path() + ": can't be locked: another process uses it");
  CHECK(file_documents(directory.path(), 1000, &problem).error().code() == Code::busy);
  store->reset();
  CHECK(file_state_store(directory.path(), &problem).has_value());

  write_file(directory / "file", "x");
  CHECK(file_state_store(directory / "file", &problem).error() == Status(Code::io_error, ENOTDIR));
  CHECK(problem == (directory / "file") + ": can't be opened as a directory: Not a directory");
  CHECK(file_state_store(directory / "a/b", &problem).error() == Status(Code::io_error, ENOENT));
  CHECK(problem == (directory / "a/b") + ": can't be created: No such file or directory");
  CHECK_FALSE(file_documents("/proc/nowhere", 1000, &problem).has_value());
  CHECK(problem.rfind("/proc/nowhere: can't be created: ", 0) == 0);
  CHECK_FALSE(file_state_store("/proc/self", &problem).has_value());  // read-only for everybody
  CHECK(problem.rfind("/proc/self: ", 0) == 0);
}

TEST_CASE("a link in a document's place leads nowhere") {
  const TemporaryDirectory directory;
  write_file(directory / "secret", "not yours");
  auto documents = file_documents(directory / "spool", 1000);
  REQUIRE(documents.has_value());
  CHECK(::symlink((directory / "secret").c_str(), (directory / "spool/job-1.doc").c_str()) == 0);
  CHECK(::symlink((directory / "secret").c_str(), (directory / "spool/job-2.part").c_str()) == 0);
  CHECK_FALSE((*documents)->open("job-1").has_value());
  CHECK_FALSE((*documents)->create("job-2").has_value());
  CHECK(read_file(directory / "secret") == "not yours");
}

}  // namespace
}  // namespace holdfast
