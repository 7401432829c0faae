// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Each byte of a database and of its log is changed in turn. It is refused, or opens and can be
// read to the end and written: rows may then be missing or wrong, which their reader has to notice,
// but nothing else happens. What is refused can be set aside.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "conformance/database.h"
#include "holdfast/adapters/sqlite_database.h"
#include "support/temporary_directory.h"

// Nothing of this needs a disk that is in step.
extern "C" int fsync(int) { return 0; }
extern "C" int fdatasync(int) { return 0; }

namespace holdfast {
namespace {

using test::read_file;
using test::TemporaryDirectory;
using test::write_file;

struct Found {
  std::map<Code, int> refusals;
  int read = 0;       // to the end
  int cut_short = 0;  // a row was refused
};

// Walks over everything and writes; whatever the answers are, it comes to an end.
void use(Database& database, Found& found) {
  int rows = 0;
  bool whole = true;
  for (Space space = 0; space < 4; ++space) {
    std::string from;
    Result<Row> row = database.seek(space, from);
    while (row && rows < 1000) {
      ++rows;
      if (row->key.size() > Database::kLargestKey_bytes) FAIL("a key too long");
      if (row->value.size() > Database::kLargestValue_bytes) FAIL("a value too long");
      (void)database.get(space, row->key);
      from = conformance::after(row->key);
      row = database.seek(space, from);
    }
    if (!row && row.error().code() != Code::not_found) whole = false;
  }
  CHECK(rows < 1000);
  ++(whole ? found.read : found.cut_short);
  (void)conformance::put_one(database, 1, "new", "row");
  (void)database.clear();
}

Found damage(const std::string& path, const std::string& changed, bool check_on_open,
             size_t stride) {
  const std::string file = read_file(path);
  const std::string log = read_file(path + "-wal");
  const std::string& original = changed == path ? file : log;
  REQUIRE_FALSE(original.empty());
  SqliteOptions options;
  options.path = path;
  options.check_on_open = check_on_open;
  Found found;
  for (size_t at = 0; at < original.size(); at += at < 200 ? 1 : stride) {
    CAPTURE(at);
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string bad = original;
      bad[at] = static_cast<char>(bad[at] ^ mask);
      // A file that is truncated and written again is flushed by some file systems; a new one
      // isn't.
      std::filesystem::remove(path);
      std::filesystem::remove(path + "-wal");
      write_file(path, changed == path ? bad : file);
      write_file(path + "-wal", changed == path ? log : bad);
      std::string problem;
      auto database = sqlite_database(options, &problem);
      if (database) {
        use(**database, found);
      } else {
        ++found.refusals[database.error().code()];
        CHECK_FALSE(problem.empty());
      }
    }
  }
  return found;
}

TEST_CASE("each byte changed") {
  const TemporaryDirectory directory;
  const std::string source = directory / "source.db";
  const std::string path = directory / "a.db";
  // Copies of a database in use, so that its log has rows of its own.
  for (const bool first : {true, false}) {
    SqliteOptions options;
    options.path = source;
    const Result<std::unique_ptr<Database>> database = sqlite_database(options);
    REQUIRE(database.has_value());
    if (!first) {
      CHECK(conformance::put_one(**database, 2, "logged", "row").ok());
      std::filesystem::copy_file(source, path);
      std::filesystem::copy_file(source + "-wal", path + "-wal");
      continue;
    }
    REQUIRE((*database)->begin().ok());
    for (int i = 0; i < 60; ++i) {
      const std::string key = "key" + std::to_string(i);
      CHECK((*database)->put(static_cast<Space>(i % 4), key, std::string(80, 'v')).ok());
    }
    CHECK((*database)->put(1, "large", std::string(9000, 'l')).ok());
    REQUIRE((*database)->commit().ok());
  }
  const std::string file = read_file(path);
  const std::string log = read_file(path + "-wal");
  for (const bool check : {true, false}) {
    for (const std::string& changed : {path, path + "-wal"}) {
      CAPTURE(check);
      CAPTURE(changed);
      write_file(path, file);
      write_file(path + "-wal", log);
      Found found = damage(path, changed, check, 61);
      CHECK(found.read > 0);
      // quick_check doesn't look at the types of values.
      if (check) CHECK(found.cut_short < 20);
      for (const auto& refusal : found.refusals) {
        CAPTURE(to_string(refusal.first));
        CHECK((refusal.first == Code::corrupt || refusal.first == Code::unsupported));
      }
      if (changed == path) CHECK(found.refusals[Code::corrupt] > 20);
      // Nothing but the three bytes of user_version that make it newer (one is 0 after a change).
      CHECK(found.refusals[Code::unsupported] <= 12);
    }
  }
}

}  // namespace
}  // namespace holdfast
