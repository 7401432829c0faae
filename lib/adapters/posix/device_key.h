// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The file that stands in for a key in hardware.
#pragma once

#include <string>

#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"

namespace holdfast::posix {

// Reads the key in the file `path`, or draws one and makes the file. Whoever comes first makes it;
// nobody ever sees half of one. The key is durable when it is returned. The caller wipes it.
Status load_or_make_key(const std::string& path, Key256& key, std::string* problem);

}  // namespace holdfast::posix
