// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: Database, on SQLite 3.31 or later. One connection, write-ahead log, synchronised at each
// commit, the file locked for as long as the object lives.
//
// Threads: an object is used by one thread at a time and may go from one to another between two
// calls. The adapter changes nothing that is global to SQLite, but uses it, so that a host with
// sqlite3_config() calls of its own makes them before the first sqlite_database(). A SQLite built
// with SQLITE_THREADSAFE=0 will do only where one thread makes all calls to SQLite in the process.
// Two copies of SQLite in one process (one linked in statically, one shared) must not open the same
// file, nor may other code of the process open and close it: POSIX then drops the locks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/ports/database.h"
#include "holdfast/status.h"

namespace holdfast {

struct SqliteOptions {
  // The file, created with mode 0600 in a directory that exists. SQLite puts its log beside it
  // (-wal), and while it is created a journal (-journal). Not on a network file system.
  std::string path;
  // Instead of a file: rows live in RAM, in plain, until the object is destroyed. `path` is empty.
  bool in_memory = false;

  // RAM for pages. Smaller costs reads: a look-up among 100,000 rows touches three or four pages.
  uint32_t cache_kib = 512;
  // Largest size of the file, or of what is in RAM: beyond it, put() or commit() is no_space. 0: as
  // large as the disk allows. Counted in pages of 4 KiB; a row of more than 900 bytes takes at
  // least one to itself. The log can be as large as the largest transaction, on top of it.
  uint64_t max_bytes = 0;
  // When the log has as many pages, commit() also moves them into the file, with two more fsyncs.
  // More makes commits cheaper; what a bad sector can take from the log grows with it.
  uint32_t checkpoint_pages = 100;
  // Reads the whole file and compares its structure (PRAGMA quick_check). 31 MB took 0.04 s from
  // the page cache and 0.55 s from a disk on a PC. Without it damage shows when a row is read.
  bool check_on_open = true;

  // SQLite's file system layer by its registered name; empty: the default.
  std::string vfs;
};

// Opens or creates. Where it fails, `problem` (if given) receives one line that names the path and
// the reason. Status::number() is SQLite's extended result code, or the errno of a call that the
// adapter made itself.
//   busy         another process, or another object in this one, has it open; or too little memory
//   read_only    the file or its directory can't be written
//   corrupt      it isn't a database, is damaged, belongs to another program, or a link or
//   something
//                else that isn't a file is in its place: see sqlite_set_aside()
//   unsupported  a newer version of the library wrote it; it is left as it is
//   no_space     it couldn't be created or recovered for want of space
//   io_error     anything else
//
// While it is used: after an error in writing or syncing (io_error) nothing more is written with
// this object. What was committed before can be read; begin() and clear() give that error again.
// Open it anew, which recovers from what is on the disk: never assume that a second sync made good
// what the first couldn't. no_space leaves it usable. erase() overwrites the row in the file with
// zeros, but older copies stay in the log until later writes have replaced them; clear() overwrites
// both.
Result<std::unique_ptr<Database>> sqlite_database(const SqliteOptions& options,
                                                  std::string* problem = nullptr);

// Renames a database that no one has open, with its log, to PATH.damaged-1, -2 or -3 (the first two
// stay, the third is the latest), so that the next sqlite_database() starts with an empty one. ok
// also when there is none.
Status sqlite_set_aside(const std::string& path, std::string* problem = nullptr);

}  // namespace holdfast
