// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "conformance/database.h"
#include "holdfast/adapters/sqlite_database.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using conformance::put_one;
using test::file_exists;
using test::read_file;
using test::TemporaryDirectory;
using test::write_file;

std::unique_ptr<Database> open(const SqliteOptions& options) {
  std::string problem;
  Result<std::unique_ptr<Database>> database = sqlite_database(options, &problem);
  INFO(problem);
  REQUIRE(database.has_value());
  return std::move(*database);
}

std::unique_ptr<Database> open(const std::string& path) {
  SqliteOptions options;
  options.path = path;
  return open(options);
}

// Says no, and why.
Code refusal(const SqliteOptions& options, std::string* problem = nullptr) {
  std::string text;
  const Result<std::unique_ptr<Database>> database = sqlite_database(options, &text);
  if (problem != nullptr) *problem = text;
  if (database) return Code::ok;
  CHECK_FALSE(text.empty());
  CHECK(text.find('\n') == std::string::npos);
  return database.error().code();
}

Code refusal(const std::string& path, std::string* problem = nullptr) {
  SqliteOptions options;
  options.path = path;
  return refusal(options, problem);
}

// What another program does with the file.
void sql(const std::string& path, const char* statements) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, statements, nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(sqlite3_close(handle) == SQLITE_OK);
}

unsigned mode_of(const std::string& path) {
  struct stat info = {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

TEST_CASE("SQLite database conforms") {
  const TemporaryDirectory directory;
  conformance::database([&] { return open(directory / "a.db"); });
}

TEST_CASE("SQLite database in memory conforms") {
  SqliteOptions options;
  options.in_memory = true;
  conformance::database([&] { return open(options); }, false);
}

TEST_CASE("SQLite database conforms with the smallest cache and log") {
  const TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "a.db";
  options.cache_kib = 0;
  options.checkpoint_pages = 0;
  conformance::database([&] { return open(options); });
}

TEST_CASE("the file and its log are its owner's alone, also when they weren't") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  {
    const auto database = open(path);
    CHECK(put_one(*database, 1, "a", "b").ok());
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path + "-wal") == 0600);
    CHECK_FALSE(file_exists(path + "-shm"));
  }
  REQUIRE(::chmod(path.c_str(), 0666) == 0);
  const auto database = open(path);
  CHECK(put_one(*database, 1, "a", "b").ok());
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path + "-wal") == 0600);
}

TEST_CASE("a second user is refused, in this process and in another") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  auto database = open(path);
  CHECK(put_one(*database, 1, "a", "b").ok());
  std::string problem;
  CHECK(refusal(path, &problem) == Code::busy);
  CHECK(problem.find("another process") != std::string::npos);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(refusal(path) == Code::busy ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(put_one(*database, 1, "a", "c").ok());
  database.reset();
  CHECK(open(path)->get(1, "a").value_or("") == "c");
}

TEST_CASE("what isn't a plain file is refused and not touched") {
  const TemporaryDirectory directory;
  const std::string other = directory / "other";
  write_file(other, "");
  for (const char* suffix : {"", "-wal", "-journal"}) {
    CAPTURE(suffix);
    const std::string path = directory / (std::string("a") + suffix + ".db");
    if (*suffix != '\0') open(path).reset();
    REQUIRE(::symlink(other.c_str(), (path + suffix).c_str()) == 0);
    std::string problem;
    CHECK(refusal(path, &problem) == Code::corrupt);
    CHECK(problem.find(path + suffix + ": ") == 0);
    CHECK(problem.find("link") != std::string::npos);
    CHECK(read_file(other).empty());
    CHECK(sqlite_set_aside(path).ok());
    CHECK(read_file(other).empty());
    CHECK(put_one(*open(path), 1, "a", "b").ok());
  }
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  CHECK(refusal(directory / "pipe") == Code::corrupt);
  CHECK(refusal(directory.path()) == Code::corrupt);
}

TEST_CASE("a link in the directory's path is followed") {
  const TemporaryDirectory directory;
  REQUIRE(::symlink(directory.path().c_str(), (directory / "link").c_str()) == 0);
  CHECK(put_one(*open(directory / "link/a.db"), 1, "a", "b").ok());
  CHECK(open(directory / "a.db")->get(1, "a").value_or("") == "b");
}

TEST_CASE("wrong options and directories that aren't there") {
  const TemporaryDirectory directory;
  SqliteOptions both;
  both.path = directory / "a.db";
  both.in_memory = true;
  CHECK(refusal(both) == Code::invalid_argument);
  CHECK(refusal(SqliteOptions()) == Code::invalid_argument);
  CHECK(refusal(directory.path() + "/") == Code::invalid_argument);
  CHECK(refusal(directory / "..") == Code::invalid_argument);
  SqliteOptions vfs;
  vfs.path = directory / "a.db";
  vfs.vfs = "no such layer";
  CHECK(refusal(vfs) != Code::ok);
  std::string problem;
  CHECK(refusal(directory / "missing/a.db", &problem) == Code::io_error);
  CHECK(problem.find("No such file") != std::string::npos);
  CHECK(sqlite_database(vfs).has_value() == false);  // nobody wants the text
}

// As somebody who isn't root, for whom nothing is read-only. The exit code is the failing line.
int refused_read_only(const std::string& directory) {
  if (::geteuid() == 0) {
    if (::chown(directory.c_str(), 65534, 65534) != 0) return __LINE__ % 256;
    if (::chown((directory + "/a.db").c_str(), 65534, 65534) != 0) return __LINE__ % 256;
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return __LINE__ % 256;
  }
  if (refusal(directory + "/a.db") != Code::ok) return __LINE__ % 256;
  if (::chmod((directory + "/a.db").c_str(), 0400) != 0) return __LINE__ % 256;
  if (refusal(directory + "/a.db") != Code::read_only) return __LINE__ % 256;
  if (::chmod((directory + "/a.db").c_str(), 0600) != 0) return __LINE__ % 256;
  if (::chmod(directory.c_str(), 0500) != 0) return __LINE__ % 256;
  if (refusal(directory + "/a.db") != Code::read_only) return __LINE__ % 256;
  if (refusal(directory + "/b.db") != Code::read_only) return __LINE__ % 256;
  return ::chmod(directory.c_str(), 0700) == 0 ? 0 : __LINE__ % 256;
}

TEST_CASE("a directory or file that can't be written") {
  const TemporaryDirectory directory;
  open(directory / "a.db").reset();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(refused_read_only(directory.path()));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("another program's database, a newer one, and what isn't one") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  std::string problem;

  sql(path, "CREATE TABLE t(a)");
  CHECK(refusal(path, &problem) == Code::corrupt);
  CHECK(problem.find("isn't a database of this library") != std::string::npos);
  CHECK(sqlite_set_aside(path).ok());

  open(path).reset();
  sql(path, "PRAGMA user_version=2");
  const std::string before = read_file(path);
  CHECK(refusal(path, &problem) == Code::unsupported);
  CHECK(problem.find("newer version") != std::string::npos);
  CHECK(read_file(path) == before);
  sql(path, "PRAGMA user_version=1");
  CHECK(refusal(path) == Code::ok);

  // Something in it besides the table.
  sql(path, "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END");
  CHECK(refusal(path) == Code::corrupt);
  sql(path, "DROP TRIGGER t; DROP TABLE entries; CREATE VIEW entries AS SELECT 1");
  CHECK(refusal(path) == Code::corrupt);

  write_file(path, std::string(8192, 'x'));
  CHECK(refusal(path, &problem) == Code::corrupt);
  CHECK(problem.find(path) == 0);
  write_file(path, "");  // as a power cut in its creation leaves it
  CHECK(refusal(path) == Code::ok);
}

TEST_CASE("set aside with its log, the first two and the latest kept") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  CHECK(sqlite_set_aside(path).ok());  // there is none
  CHECK_FALSE(file_exists(path + ".damaged-1"));
  for (const char* content : {"1", "2", "3", "4"}) {
    write_file(path, content);
    if (*content != '4') write_file(path + "-wal", content);
    CHECK(sqlite_set_aside(path).ok());
    CHECK_FALSE(file_exists(path));
    CHECK_FALSE(file_exists(path + "-wal"));
  }
  CHECK(read_file(path + ".damaged-1") == "1");
  CHECK(read_file(path + ".damaged-1-wal") == "1");
  CHECK(read_file(path + ".damaged-2") == "2");
  CHECK(read_file(path + ".damaged-3") == "4");
  CHECK_FALSE(file_exists(path + ".damaged-3-wal"));
  CHECK_FALSE(file_exists(path + ".damaged-4"));

  // The log of a database that is gone isn't the next one's.
  write_file(path + "-wal", std::string(5000, 'w'));
  write_file(path + "-journal", std::string(5000, 'j'));
  CHECK(put_one(*open(path), 1, "a", "b").ok());
  CHECK(open(path)->get(1, "a").value_or("") == "b");

  std::string problem;
  CHECK(sqlite_set_aside(directory / "missing/a.db", &problem).code() == Code::io_error);
  CHECK_FALSE(problem.empty());
}

TEST_CASE("no more than max_bytes, and what is there stays usable") {
  const TemporaryDirectory directory;
  for (const bool in_memory : {false, true}) {
    SqliteOptions options;
    options.in_memory = in_memory;
    if (!in_memory) options.path = directory / "a.db";
    options.max_bytes = 256 * 1024;
    const auto database = open(options);
    int stored = 0;
    Status status;
    while (stored < 1000) {
      status = put_one(*database, 1, std::to_string(1000 + stored), std::string(500, 'v'));
      if (!status.ok()) break;
      ++stored;
    }
    CHECK(status.code() == Code::no_space);
    CHECK(stored > 250);
    CHECK(stored < 512);
    CHECK(conformance::keys_of(*database, 1).size() == static_cast<size_t>(stored));
    // A put that fails takes its transaction along.
    REQUIRE(database->begin().ok());
    CHECK(database->erase(1, "1000").ok());
    for (int i = 0; i < 20 && status.code() == Code::no_space; ++i) {
      if (!database->put(2, std::to_string(i), std::string(60000, 'v')).ok()) break;
    }
    CHECK(database->put(2, "small", "").code() == Code::no_space);
    CHECK(database->commit().code() == Code::no_space);
    CHECK(database->get(1, "1000").has_value());
    CHECK(conformance::keys_of(*database, 2).empty());
    REQUIRE(database->begin().ok());
    CHECK(database->erase(1, "1000").ok());
    CHECK(database->erase(1, "1001").ok());
    REQUIRE(database->commit().ok());
    CHECK(put_one(*database, 1, "1000", "again").ok());
    CHECK(database->clear().ok());
    CHECK(put_one(*database, 1, "1000", std::string(60000, 'v')).ok());
  }
}

TEST_CASE("the log stays short, and is cut after a large transaction") {
  const TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "a.db";
  options.checkpoint_pages = 20;
  const auto database = open(options);
  const auto log_bytes = [&] { return read_file(options.path + "-wal").size(); };
  for (int i = 0; i < 200; ++i) {
    CHECK(put_one(*database, 1, std::to_string(i), std::string(500, 'v')).ok());
    CHECK(log_bytes() < 40 * 4200);
  }
  REQUIRE(database->begin().ok());
  for (int i = 0; i < 300; ++i) {
    CHECK(database->put(2, std::to_string(i), std::string(5000, 'v')).ok());
  }
  REQUIRE(database->commit().ok());
  CHECK(log_bytes() > 1000000);
  CHECK(put_one(*database, 1, "a", "b").ok());
  CHECK(log_bytes() < 60 * 4200);
}

TEST_CASE("what a killed process left in the log is in the file once it is open") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto database = open(path);
    ::_exit(put_one(*database, 1, "a", "canary-71c5f0").ok() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  CHECK(read_file(path + "-wal").find("canary-71c5f0") != std::string::npos);
  const auto database = open(path);
  CHECK(read_file(path + "-wal").empty());
  CHECK(read_file(path).find("canary-71c5f0") != std::string::npos);
  CHECK(database->get(1, "a").value_or("") == "canary-71c5f0");
}

TEST_CASE("clear() leaves nothing of a row in the file or its log, and gives the space back") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  const std::string secret = "canary-71c5f0";
  const auto found = [&] {
    return read_file(path).find(secret) != std::string::npos ||
           read_file(path + "-wal").find(secret) != std::string::npos;
  };
  const auto database = open(path);
  REQUIRE(database->begin().ok());
  for (int i = 0; i < 2000; ++i) {
    CHECK(database->put(1, secret + std::to_string(i), secret + std::string(700, 'v')).ok());
  }
  REQUIRE(database->commit().ok());
  CHECK(found());
  CHECK(database->clear().ok());
  CHECK_FALSE(found());
  CHECK(read_file(path).size() <= 4 * 4096);
  CHECK(read_file(path + "-wal").empty());
  CHECK(put_one(*database, 1, "a", "b").ok());
  CHECK(conformance::keys_of(*database, 1).size() == 1);
}

TEST_CASE("an erased row is gone from the file once the log was moved") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  SqliteOptions options;
  options.path = path;
  options.checkpoint_pages = 0;
  const auto database = open(options);
  CHECK(put_one(*database, 1, "a", "canary-71c5f0").ok());
  CHECK(read_file(path).find("canary-71c5f0") != std::string::npos);
  REQUIRE(database->begin().ok());
  CHECK(database->erase(1, "a").ok());
  REQUIRE(database->commit().ok());
  CHECK(read_file(path).find("canary-71c5f0") == std::string::npos);
}

}  // namespace
}  // namespace holdfast
