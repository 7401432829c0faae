// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a disk holds after its power was cut: all that was synced; of the rest, for each sector of
// 512 bytes, what it held at some moment since. Names appear and vanish likewise until the
// directory is synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recording_vfs.h"

namespace holdfast::test {

using Image = std::map<std::string, std::string>;  // file name, content

enum class Unsynced : uint8_t { kept, lost, mixed };

// Small, good enough to choose, and the same everywhere.
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}
  uint64_t next();
  size_t below(size_t limit) { return limit == 0 ? 0 : static_cast<size_t>(next() % limit); }

 private:
  uint64_t state_;
};

// `before` with the first `count` changes of the log, the power cut then.
Image crash_image(const Image& before, const std::vector<Change>& log, size_t count,
                  Unsynced unsynced, Chance& chance);

}  // namespace holdfast::test
