// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for libFuzzer's main(): gives each file to the target, whole and cut short.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "fuzz.h"

namespace {

constexpr size_t kCuts = 512;  // of the longest inputs, only so many beginnings

bool read_file(const char* path, std::vector<uint8_t>& bytes) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  uint8_t buffer[4096];
  size_t n = 0;
  while ((n = std::fread(buffer, 1, sizeof buffer, file)) > 0)
    bytes.insert(bytes.end(), buffer, buffer + n);
  const bool good = std::ferror(file) == 0;
  return std::fclose(file) == 0 && good;
}

// A block of just this size, so that a sanitizer sees each read beyond it.
void run(const std::vector<uint8_t>& bytes, size_t size) {
  const std::vector<uint8_t> exact(bytes.begin(),
                                   bytes.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE... (the corpus, which must not be empty)\n", argv[0]);
    return 2;
  }
  size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<uint8_t> bytes;
    if (!read_file(argv[i], bytes)) {
      std::fprintf(stderr, "%s: can't be read\n", argv[i]);
      return 2;
    }
    // Known before the target may end the process.
    std::printf("%s\n", argv[i]);
    std::fflush(stdout);
    const size_t step = std::max<size_t>(1, bytes.size() / kCuts);
    for (size_t size = 0; size < bytes.size(); size += step, ++runs) run(bytes, size);
    run(bytes, bytes.size());
    ++runs;
  }
  std::printf("%d inputs, %zu runs\n", argc - 1, runs);
  return 0;
}
