// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The files of a database before SQLite opens them and after it is done with them.
//
// None of this opens a database file that exists: closing it would drop the locks that another
// connection of this process holds on it.
#pragma once

#include <string>

#include "holdfast/status.h"

namespace holdfast::sqlite {

// no_space, read_only or io_error, with the errno.
Status status_of_errno(int error);

// Writes "PATH: WHAT: REASON" to `problem`, if there is one, and returns `status`. Without a reason
// of its own: the text of the errno in `status`.
Status describe(std::string* problem, const std::string& path, const char* what, Status status,
                const char* reason = nullptr);

// Creates the file when it is missing, refuses what isn't a plain file and takes others' rights
// away. The result is the path with its directory resolved, so that only the last part of it could
// still be a link.
Result<std::string> prepare(const std::string& path, std::string* problem);

// Makes new, renamed and deleted names in the directory of `path` durable.
Status sync_directory(const std::string& path);

}  // namespace holdfast::sqlite
