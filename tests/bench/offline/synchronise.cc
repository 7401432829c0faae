// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The user feed, from a real server over TLS.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "device.h"
#include "heap.h"

namespace holdfast::bench {
namespace {

// Of a login during which home is silent: asked of the cache after 100 ms.
constexpr Duration kDeadline = milliseconds(800);

bool in_vain(const Device& device, const char* what) {
  std::fprintf(stderr, "bench_offline: %s: %s\n", what, device.last_warning.c_str());
  return false;
}

// What this process has sent to the disk, by the kernel's count.
long long written_bytes() {
  std::ifstream io("/proc/self/io");
  std::string line;
  while (std::getline(io, line))
    if (line.compare(0, 13, "write_bytes: ") == 0) return std::atoll(line.c_str() + 13);
  return 0;
}

void print_outcome(const Device& device, int64_t health_us, long long written_before) {
  const heap::Use use = heap::since_mark();
  const WatchedTransport& feed = *device.transport;
  std::printf(
      "\"users\":%zu,\"seconds\":%.3f,\"since_health_s\":%.3f,\"manifest_s\":%.3f,"
      "\"manifest_bytes\":%llu,\"chunks\":%llu,\"chunk_bytes\":%llu,\"heap_peak_bytes\":%zu,"
      "\"sqlite_peak_bytes\":%zu,\"tls_http_peak_bytes\":%zu,\"written_bytes\":%lld,",
      device.users(), static_cast<double>(device.synchronised_us - feed.manifest_us) / 1e6,
      static_cast<double>(device.synchronised_us - health_us) / 1e6,
      static_cast<double>(feed.manifest_came_us - feed.manifest_us) / 1e6,
      static_cast<unsigned long long>(feed.manifest_bytes),
      static_cast<unsigned long long>(feed.chunks),
      static_cast<unsigned long long>(feed.chunk_bytes), use.peak_bytes, use.sqlite_peak_bytes,
      use.tls_http_peak_bytes, written_bytes() - written_before);
  print_numbers("poll_us", device.polls.wall_us);
  std::printf(",");
  print_numbers("poll_cpu_us", device.polls.cpu_us);
}

void begin(Device& device) {
  heap::forget_peaks();
  device.polls.wall_us.clear();
  device.polls.cpu_us.clear();
  device.transport->chunks = device.transport->chunk_bytes = 0;
}

}  // namespace

bool synchronise(Device& device, uint64_t version, int64_t limit_s) {
  begin(device);
  const long long written_before = written_bytes();
  // The answer to a probe that said that there is something new.
  int64_t health_us = 0;
  const auto reached = [&] {
    if (device.transport->chunks == 0) health_us = device.transport->health_us;
    return device.users_version() == version;
  };
  if (!device.until(reached, limit_s * 1000000)) return in_vain(device, "not synchronised");
  std::printf("{");
  print_outcome(device, health_us, written_before);
  std::printf("}\n");
  return true;
}

// Tries the old and the new card of each watched user in turn, from before the new list is there
// until each has been tried after it. Who is let in must follow from one moment of change.
bool watch(Device& device, uint64_t version, uint32_t watched, uint32_t stride, int64_t limit_s) {
  const long long written_before = written_bytes();
  device.transport->swallow_logins = true;
  device.watching = false;  // beside a list, what is written isn't the login's
  const int64_t end = now_us() + limit_s * 1000000;
  struct Try {
    bool new_card, granted;
  };
  std::vector<Try> tries;
  tries.reserve(10000);
  std::vector<uint32_t> granted_us;
  granted_us.reserve(10000);
  begin(device);
  uint32_t unanswered = 0;
  uint32_t after = 0;
  uint32_t during = 0;
  for (uint32_t turn = 0; after < 4 * watched; ++turn) {
    if (now_us() > end) return in_vain(device, "not synchronised");
    const bool new_card = turn % 2 == 1;
    const uint32_t user = turn / 2 % watched * stride;
    const bool done = device.users_version() == version;
    const bool begun = device.transport->chunks > 0;
    Login login;
    if (!device.login(credential(CredentialKind::card, user, new_card ? 1 : 0), &login, kDeadline))
      return in_vain(device, "no answer to a login");
    after += done ? 1 : 0;
    during += begun && !done ? 1 : 0;
    if (login.result.verdict == Verdict::unknown) {
      ++unanswered;
      continue;
    }
    tries.push_back({new_card, login.granted()});
    if (begun && !done && login.granted())
      granted_us.push_back(static_cast<uint32_t>(login.wall_us));
  }
  device.transport->swallow_logins = false;
  device.watching = true;
  // Each try says on which side of the change it was.
  uint32_t switches = 0;
  bool is_new = false;
  for (const Try& one : tries) {
    const bool side = one.granted == one.new_card;
    switches += side != is_new ? 1 : 0;
    is_new = side;
  }
  std::printf("{\"tries\":%zu,\"during\":%u,\"unanswered\":%u,\"switches\":%u,\"ends_new\":%s,",
              tries.size(), during, unanswered, switches, is_new ? "true" : "false");
  print_numbers("granted_us", granted_us);
  std::printf(",");
  print_outcome(device, device.transport->health_us, written_before);
  std::printf("}\n");
  return true;
}

}  // namespace holdfast::bench
