// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// bench_offline open CONFIG.json FOLDER            opens the cache of FOLDER, and ends
// bench_offline worker|inline CONFIG.json FOLDER   a device that obeys lines on standard input:
//   sync VERSION LIMIT_S                 until that version of the list is held
//   watch VERSION USERS STRIDE LIMIT_S   the same, with logins meanwhile
//   down LIMIT_S                         until no server is left to ask
//   rest LIMIT_S                         until nothing is left to tidy
//   compare COUNT USERS STRIDE BARE.db   logins, each followed by its derivations and writes alone
//   blind COUNT USERS STRIDE             logins of users known and unknown
// and answers each with a line of JSON. USERS: so many have secrets that are known, each STRIDE-th
// one of the list. BENCH_OFFLINE_LOG in the environment: warnings go to standard error.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "device.h"
#include "heap.h"

namespace holdfast::bench {
namespace {

bool obey(Device& device, const std::string& line) {
  std::istringstream words(line);
  std::string command, path;
  uint64_t version = 0;
  uint32_t count = 0, users = 0, stride = 0;
  int64_t limit_s = 0;
  words >> command;
  if (command == "sync" && words >> version >> limit_s)
    return synchronise(device, version, limit_s);
  if (command == "watch" && words >> version >> users >> stride >> limit_s)
    return watch(device, version, users, stride, limit_s);
  if (command == "compare" && words >> count >> users >> stride >> path)
    return compare(device, path, count, users, stride);
  if (command == "blind" && words >> count >> users >> stride)
    return blind(device, count, users, stride);
  bool done = false;
  if (command == "down" && words >> limit_s)
    done = device.until([&] { return device.server_is_down(); }, limit_s * 1000000);
  if (command == "rest" && words >> limit_s) done = device.rest(limit_s * 1000000);
  if (done) std::printf("{}\n");
  return done;
}

int run(int argc, char** argv) {
  if (argc != 4 || !heap::count_apart()) {
    std::fprintf(stderr, "bench_offline: see the head of main.cc\n");
    return 2;
  }
  std::stringstream text;
  text << std::ifstream(argv[2]).rdbuf();
  if (std::strcmp(argv[1], "open") == 0) return open_cache(text.str(), argv[3]);
  const auto config = parse_config(text.str());
  if (!config) {
    std::fprintf(stderr, "%s: %s\n", argv[2], config.error().front().text().c_str());
    return 2;
  }
  Device device;
  std::string problem;
  std::string line;
  line.reserve(256);
  heap::mark();
  if (!device.start(*config, argv[3], std::strcmp(argv[1], "worker") == 0, &problem)) {
    std::fprintf(stderr, "bench_offline: %s\n", problem.c_str());
    return 2;
  }
  while (std::getline(std::cin, line)) {
    if (!obey(device, line)) {
      std::fprintf(stderr, "bench_offline: '%s' failed: %s\n", line.c_str(),
                   device.last_warning.c_str());
      return 2;
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) { return holdfast::bench::run(argc, argv); }
