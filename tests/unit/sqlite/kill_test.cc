// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A process that commits is killed again and again, at any moment. It says through a pipe what was
// acknowledged to it: all of that is there when the next one opens the file.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "conformance/database.h"
#include "crash_image.h"
#include "holdfast/adapters/sqlite_database.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using test::TemporaryDirectory;

SqliteOptions options_of(const std::string& path) {
  SqliteOptions options;
  options.path = path;
  options.checkpoint_pages = 8;
  return options;
}

std::string key_of(uint32_t number) {
  std::string key = std::to_string(number);
  return std::string(10 - key.size(), '0') + key;
}

// Three rows a transaction, one of them always the same; until it is killed. The exit code is the
// line where something went wrong.
int commit_for_ever(const std::string& path, uint32_t number, int acknowledge) {
  auto database = sqlite_database(options_of(path));
  if (!database) return __LINE__ % 256;
  for (;; ++number) {
    Transaction transaction(**database);
    const std::string value(number % 900, static_cast<char>('a' + number % 26));
    if (!transaction.begun().ok()) return __LINE__ % 256;
    if (!(*database)->put(1, key_of(number), value).ok()) return __LINE__ % 256;
    if (!(*database)->put(2, key_of(number), value).ok()) return __LINE__ % 256;
    if (!(*database)->put(3, "last", std::to_string(number)).ok()) return __LINE__ % 256;
    if (number >= 500 && !(*database)->erase(2, key_of(number - 500)).ok()) return __LINE__ % 256;
    if (!transaction.commit().ok()) return __LINE__ % 256;
    if (::write(acknowledge, &number, sizeof number) != sizeof number) return __LINE__ % 256;
  }
}

// The number after the last one that is there. What is there is whole.
uint32_t look(const std::string& path, uint32_t acknowledged) {
  std::string problem;
  const auto database = sqlite_database(options_of(path), &problem);
  INFO(problem);
  REQUIRE(database.has_value());
  const std::string last = (*database)->get(3, "last").value_or("0");
  const auto number = static_cast<uint32_t>(std::strtoul(last.c_str(), nullptr, 10));
  CHECK(number >= acknowledged);
  CHECK(number <= acknowledged + 1);
  uint32_t rows = 0;
  std::string from;
  for (auto row = (*database)->seek(1, from); row; row = (*database)->seek(1, from)) {
    ++rows;
    if (row->key != key_of(rows) || row->value.size() != rows % 900) break;
    from = conformance::after(row->key);
  }
  CHECK(rows == number);
  CHECK(conformance::keys_of(**database, 2).size() == (number < 500 ? number : 500));
  return number;
}

TEST_CASE("killed at any moment, nothing acknowledged is lost") {
  const char* const wanted = std::getenv("HOLDFAST_TEST_KILLS");
  const int kills = wanted == nullptr ? 25 : std::atoi(wanted);
  const TemporaryDirectory directory;
  const std::string path = directory / "a.db";
  test::Chance chance(static_cast<uint64_t>(::getpid()));
  uint32_t acknowledged = 0;
  for (int i = 0; i < kills; ++i) {
    CAPTURE(i);
    int ends[2] = {};
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      (void)::close(ends[0]);
      ::_exit(commit_for_ever(path, acknowledged + 1, ends[1]));
    }
    (void)::close(ends[1]);
    // A few are killed while they open; the others after their first commits.
    struct pollfd ready = {ends[0], POLLIN, 0};
    if (i % 5 != 0) CHECK(::poll(&ready, 1, 20000) == 1);
    std::this_thread::sleep_for(std::chrono::microseconds(chance.below(60000)));
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    uint32_t number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged = number;
    (void)::close(ends[0]);
    acknowledged = look(path, acknowledged);
  }
  CHECK(acknowledged > 0);
}

}  // namespace
}  // namespace holdfast
