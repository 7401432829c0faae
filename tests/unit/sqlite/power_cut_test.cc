// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The power is cut between any two changes of the disk, and each of them fails. What was
// acknowledged is there afterwards, what was rolled back isn't, and a commit that was under way is
// there whole or not at all.
//
// HOLDFAST_TEST_POWER_CUTS=100000 looks at as many disks instead of a few, HOLDFAST_TEST_SEED=7
// draws others.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/database.h"
#include "crash_image.h"
#include "holdfast/adapters/sqlite_database.h"
#include "recording_vfs.h"
#include "support/temporary_directory.h"

namespace {

holdfast::test::RecordingVfs* recorder = nullptr;

// Only the model's disk loses its power, so that syncing can be left out: much faster.
int note_sync(int fd) {
  struct stat info = {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) && recorder != nullptr) {
    recorder->add_directory_sync();
  }
  return 0;
}

}  // namespace

extern "C" int fsync(int fd) { return note_sync(fd); }
extern "C" int fdatasync(int fd) { return note_sync(fd); }

namespace holdfast {
namespace {

using test::Chance;
using test::Change;
using test::crash_image;
using test::Image;
using test::RecordingVfs;
using test::TemporaryDirectory;
using test::Unsynced;

constexpr char kVfs[] = "holdfast-recording";
using Rows = std::map<std::pair<Space, std::string>, std::string>;

size_t number_from_environment(const char* name, size_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

Rows rows_of(Database& database) {
  Rows rows;
  for (Space space = 0; space < 4; ++space) {
    std::string from;
    for (;;) {
      Result<Row> row = database.seek(space, from);
      if (!row) {
        CHECK(row.error().code() == Code::not_found);
        break;
      }
      from = conformance::after(row->key);
      rows[{space, row->key}] = std::move(row->value);
    }
  }
  return rows;
}

// A device's life on a recorded disk. A mark says which of `states` may be found from there on:
// 2 * i for the i-th alone, 2 * i + 1 for the i-th or its successor.
struct Life {
  TemporaryDirectory directory;
  RecordingVfs vfs{kVfs};
  std::vector<Rows> states{Rows()};
  std::unique_ptr<Database> database;
  Chance chance;
  std::string value;  // of the next row

  explicit Life(uint64_t seed) : chance(seed) { recorder = &vfs; }
  ~Life() {
    database.reset();
    recorder = nullptr;
  }

  SqliteOptions options() const {
    SqliteOptions options;
    options.path = directory / "a.db";
    options.vfs = kVfs;
    options.cache_kib = 64;
    options.checkpoint_pages = 12;
    return options;
  }
  Status open() {
    database.reset();
    Result<std::unique_ptr<Database>> opened = sqlite_database(options());
    if (!opened) return opened.error();
    database = std::move(*opened);
    return {};
  }

  Status step(size_t number);
  Status change(Rows& rows, size_t number);
  void settle();
};

// Rows of one transaction: mostly a few small ones, now and then more than the cache holds.
Status Life::change(Rows& rows, size_t number) {
  const size_t count = number % 9 == 8 ? 40 : 1 + chance.below(5);
  for (size_t i = 0; i < count; ++i) {
    const auto space = static_cast<Space>(chance.below(4));
    const std::string key = "key" + std::to_string(chance.below(60));
    Status status;
    if (chance.below(4) == 0) {
      status = database->erase(space, key);
      rows.erase({space, key});
    } else {
      const size_t size = number % 9 == 8 ? 1500 : chance.below(300);
      value = std::to_string(number) + std::string(size, static_cast<char>('a' + number % 26));
      status = database->put(space, key, value);
      rows[{space, key}] = value;
    }
    if (!status.ok()) return status;
  }
  return {};
}

// One transaction, with its marks; the error if it failed.
Status Life::step(size_t number) {
  const auto last = static_cast<int64_t>(states.size() - 1);
  Rows rows = states.back();
  if (number % 25 == 24) {
    states.emplace_back();
    vfs.mark(2 * last + 1);
    const Status status = database->clear();
    if (!status.ok()) return status;
    vfs.mark(2 * (last + 1));
    return {};
  }
  Transaction transaction(*database);
  if (!transaction.begun().ok()) return transaction.begun();
  Status status = change(rows, number);
  if (!status.ok()) return status;
  if (number % 11 == 10) return {};  // rolled back
  states.push_back(std::move(rows));
  vfs.mark(2 * last + 1);
  status = transaction.commit();
  if (status.ok()) vfs.mark(2 * (last + 1));
  return status;
}

// After a failed step: which of the two it was, as the running system sees it.
void Life::settle() {
  const Rows found = rows_of(*database);
  if (found != states.back()) {
    REQUIRE(states.size() > 1);
    states.pop_back();
  }
  CHECK(found == states.back());
  vfs.mark(2 * static_cast<int64_t>(states.size() - 1));
}

// Opens what a power cut left and says which state it is; -1: none of those that are allowed.
long found_state(const std::string& path, const char* vfs, const std::vector<Rows>& states,
                 int64_t mark, bool use_it) {
  SqliteOptions options;
  options.path = path;
  if (vfs != nullptr) options.vfs = vfs;
  std::string problem;
  Result<std::unique_ptr<Database>> opened = sqlite_database(options, &problem);
  INFO(problem);
  CHECK(opened.has_value());
  if (!opened) return -1;
  std::unique_ptr<Database> database = std::move(*opened);
  Rows found = rows_of(*database);
  const auto first = static_cast<size_t>(mark / 2);
  long state = -1;
  for (size_t i = first; i <= first + static_cast<size_t>(mark % 2) && i < states.size(); ++i) {
    if (found == states[i]) state = static_cast<long>(i);
  }
  if (!use_it || state < 0) return state;
  CHECK(conformance::put_one(*database, 3, "after", "it").ok());
  found[{3, "after"}] = "it";
  database.reset();
  const Result<std::unique_ptr<Database>> again = sqlite_database(options);
  CHECK(again.has_value());
  return again && rows_of(**again) == found ? state : -1;
}

void lay_out(const Image& image, const std::string& directory) {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  for (const auto& file : image) test::write_file(directory + "/" + file.first, file.second);
}

int64_t mark_at(const std::vector<Change>& log, size_t count) {
  for (size_t i = count; i-- > 0;) {
    if (log[i].kind == Change::Kind::mark) return log[i].offset;
  }
  return 0;
}

// Disks after a power cut somewhere in `life`. Some are cut again while they recover.
void cut(Life& life, size_t count, uint64_t seed) {
  life.database.reset();
  life.vfs.fail_at(0, SQLITE_OK);
  const std::vector<Change> log = std::move(life.vfs.log);
  const TemporaryDirectory elsewhere;
  const std::string directory = elsewhere / "disk";
  Chance chance(seed);
  for (size_t trial = 0; trial < count; ++trial) {
    const size_t at = count > log.size() * 4 ? trial % (log.size() + 1) : chance.below(log.size());
    const auto unsynced = static_cast<Unsynced>(std::min<size_t>(chance.below(5), 2));
    const Image image = crash_image({}, log, at, unsynced, chance);
    const int64_t mark = mark_at(log, at);
    CAPTURE(seed);
    CAPTURE(trial);
    CAPTURE(at);
    CAPTURE(static_cast<int>(unsynced));
    lay_out(image, directory);
    const bool again = trial % 4 == 3;
    life.vfs.log.clear();
    const long state = found_state(directory + "/a.db", again ? kVfs : nullptr, life.states, mark,
                                   !again && trial % 4 == 0);
    REQUIRE(state >= 0);
    if (!again) continue;
    const std::vector<Change> recovery = std::move(life.vfs.log);
    const size_t second = chance.below(recovery.size() + 1);
    CAPTURE(second);
    lay_out(crash_image(image, recovery, second, Unsynced::mixed, chance), directory);
    REQUIRE(found_state(directory + "/a.db", nullptr, life.states, mark, true) >= 0);
  }
}

TEST_CASE("power cut at any moment") {
  const size_t cuts = number_from_environment("HOLDFAST_TEST_POWER_CUTS", 800);
  const uint64_t seed = number_from_environment("HOLDFAST_TEST_SEED", 1);
  for (const bool syncs_directories : {true, false}) {
    CAPTURE(syncs_directories);
    Life life(seed);
    life.vfs.syncs_directories = syncs_directories;
    REQUIRE(life.open().ok());
    for (size_t i = 0; i < 80; ++i) {
      REQUIRE(life.step(i).ok());
      if (i % 30 == 29) REQUIRE(life.open().ok());
    }
    CHECK(life.states.size() > 70);
    CHECK(life.vfs.log.size() > 800);
    cut(life, syncs_directories ? cuts : cuts / 3, seed);
  }
}

// Bytes of a file that zeros were written over, of those that it had before.
size_t zeroed(const std::vector<Change>& log, size_t from, const std::string& file, size_t size) {
  std::vector<bool> done(size);
  for (size_t i = from; i < log.size(); ++i) {
    const Change& change = log[i];
    const bool zeros = change.bytes.find_first_not_of('\0') == std::string::npos;
    if (change.kind != Change::Kind::write || change.file != file || !zeros) continue;
    const auto start = static_cast<size_t>(change.offset);
    for (size_t at = start; at < std::min(size, start + change.bytes.size()); ++at) done[at] = true;
  }
  return static_cast<size_t>(std::count(done.begin(), done.end(), true));
}

TEST_CASE("clear() overwrites before it truncates") {
  Life life(1);
  REQUIRE(life.open().ok());
  for (size_t i = 0; i < 20; ++i) REQUIRE(life.step(i).ok());
  const size_t file_bytes = test::read_file(life.directory / "a.db").size();
  const size_t log_bytes = test::read_file(life.directory / "a.db-wal").size();
  const size_t before = life.vfs.log.size();
  REQUIRE(file_bytes > 20 * 4096);
  REQUIRE(log_bytes > 4 * 4096);
  REQUIRE(life.database->clear().ok());
  // But for its first two pages, which stay in use.
  CHECK(zeroed(life.vfs.log, before, "a.db", file_bytes) == file_bytes - 2 * 4096);
  CHECK(zeroed(life.vfs.log, before, "a.db-wal", log_bytes) == log_bytes);
}

enum class Fails : uint8_t { write, full, sync };

// One life in which the n-th change of the disk fails; false: it has fewer.
bool live_with_failure(size_t n, Fails fails, size_t cuts, uint64_t seed) {
  Life life(seed);
  if (fails == Fails::sync) {
    life.vfs.fail_sync_at(n, SQLITE_IOERR_FSYNC);
  } else {
    life.vfs.fail_at(n, fails == Fails::full ? SQLITE_FULL : SQLITE_IOERR_WRITE);
  }
  size_t failures = 0;
  bool reopen = !life.open().ok();
  for (size_t i = 0; i < 30; ++i) {
    if (reopen) {
      if (life.database) {
        // Nothing is written any more, nor when it is closed.
        const size_t written = life.vfs.log.size();
        const Rows before = rows_of(*life.database);
        CHECK(life.database->begin().code() == Code::io_error);
        CHECK(life.database->clear().code() == Code::io_error);
        CHECK(rows_of(*life.database) == before);
        life.database.reset();
        CHECK(life.vfs.log.size() == written);
      }
      REQUIRE(life.open().ok());
      life.settle();
      reopen = false;
    }
    const Status status = life.step(i);
    if (status.ok()) continue;
    ++failures;
    CHECK(failures == 1);
    CHECK(life.vfs.has_failed());
    if (status.code() == Code::io_error) {
      CHECK((status.number() & 0xff) == SQLITE_IOERR);
      reopen = true;
    } else {
      CHECK(status.code() == Code::no_space);
      life.settle();
    }
  }
  if (reopen) {
    REQUIRE(life.open().ok());
    life.settle();
  }
  const bool failed = life.vfs.has_failed();
  cut(life, cuts, seed + n);
  return failed;
}

void fail_each(Fails fails, size_t stride, size_t cuts, size_t at_least) {
  const size_t more = number_from_environment("HOLDFAST_TEST_POWER_CUTS", 800) / 800;
  const uint64_t seed = number_from_environment("HOLDFAST_TEST_SEED", 1);
  size_t n = 1;
  for (;;) {
    CAPTURE(n);
    if (!live_with_failure(n, fails, cuts * std::max<size_t>(more, 1), seed)) break;
    n += more > 1 ? 1 : stride;
  }
  CHECK(n > at_least);
}

TEST_CASE("every sync fails once") { fail_each(Fails::sync, 1, 8, 40); }
TEST_CASE("every change of the disk fails once") { fail_each(Fails::write, 7, 1, 200); }
TEST_CASE("every change of the disk finds it full once") { fail_each(Fails::full, 7, 1, 200); }

}  // namespace
}  // namespace holdfast
