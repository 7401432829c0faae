// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// bench_device holdfast CONFIG.json FOLDER
// bench_device curl DEVICE TOKEN CA.pem CONNECT_MS TOTAL_MS URL...
//
// Obeys lines on standard input and answers with JSON, one object a line:
//   reset            as if switched on anew
//   login N EVERY_US N logins, one after another; if EVERY_US isn't 0, each begun so long after the
//                    one before, and left out when that one still waits then
//   at US            one login at that time of CLOCK_BOOTTIME
//   stats            CPU time, memory, threads, and what poll() took since the last stats
#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

#include "device.h"

namespace holdfast::bench {

int64_t now_us() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

bool command_waits(int64_t until_us) {
  pollfd input{0, POLLIN, 0};
  const int64_t left_ms = std::clamp<int64_t>((until_us - now_us()) / 1000, 0, 60000);
  return poll(&input, 1, static_cast<int>(left_ms)) > 0;
}

namespace {

class Input {
 public:
  // False at the end of the input. Without a whole line the device lives on.
  bool line(Device& device, std::string* out) {
    for (;;) {
      const size_t end = buffer_.find('\n');
      if (end != std::string::npos) {
        *out = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return true;
      }
      while (!command_waits(0)) device.idle_until(now_us() + 60000000);
      char bytes[256];
      const ssize_t size = read(0, bytes, sizeof bytes);
      if (size <= 0) return false;
      buffer_.append(bytes, static_cast<size_t>(size));
    }
  }

 private:
  std::string buffer_;
};

void print(const Login& login) {
  std::printf(
      "{\"begun_us\":%lld,\"wait_us\":%lld,\"granted\":%s,\"noticed\":%s,\"server\":\"%s\","
      "\"problem\":\"%s\"}\n",
      static_cast<long long>(login.begun_us), static_cast<long long>(login.wait_us),
      login.granted ? "true" : "false", login.noticed ? "true" : "false", login.server.c_str(),
      login.problem.c_str());
}

// Sleeps to the microsecond at the end: waits in poll(2) are whole milliseconds.
void reach(Device& device, int64_t at_us) {
  while (now_us() < at_us - 2000 && !command_waits(0)) device.idle_until(at_us - 2000);
  while (now_us() < at_us) usleep(static_cast<useconds_t>(std::max<int64_t>(1, at_us - now_us())));
}

void logins(Device& device, long count, int64_t every_us) {
  int64_t next = now_us();
  for (long i = 0; i < count; ++i) {
    if (every_us > 0 && now_us() >= next + every_us) {  // the last one took too long: it's missed
      next += every_us;
      continue;
    }
    reach(device, next);
    next += every_us;
    print(device.login());
    std::fflush(stdout);
  }
  std::printf("{\"done\":true}\n");
}

long status_of(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line))
    if (line.compare(0, wanted.size(), wanted) == 0)
      return std::atol(line.c_str() + wanted.size() + 1);
  return -1;
}

void print_times(const char* name, const std::vector<uint32_t>& times) {
  std::printf(",\"%s\":[", name);
  for (size_t i = 0; i < times.size(); ++i) std::printf(i == 0 ? "%u" : ",%u", times[i]);
  std::printf("]");
}

void print_polls(const Polls& polls) {
  print_times("plain_us", polls.plain_us);
  print_times("handshake_us", polls.handshake_us);
  print_times("beside_us", polls.beside_us);
  std::printf(",\"slow\":[");
  const char* comma = "";
  for (const SlowPoll& slow : polls.slow) {
    std::printf(
        "%s{\"wall_us\":%u,\"cpu_us\":%u,\"handshake_us\":%u,\"blocked\":%u,"
        "\"preempted\":%u}",
        comma, slow.wall_us, slow.cpu_us, slow.handshake_us, slow.blocked, slow.preempted);
    comma = ",";
  }
  std::printf("]");
}

void stats(const Device& device) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& t) { return int64_t{t.tv_sec} * 1000000 + t.tv_usec; };
  std::printf(
      "{\"cpu_us\":%lld,\"rss_kb\":%ld,\"peak_rss_kb\":%ld,\"heap_bytes\":%zu,"
      "\"threads\":%ld",
      static_cast<long long>(micros(usage.ru_utime) + micros(usage.ru_stime)), status_of("VmRSS"),
      status_of("VmHWM"), mallinfo2().uordblks, status_of("Threads"));
  if (const Polls* polls = device.polls()) print_polls(*polls);
  std::printf("}\n");
}

bool obey(Device& device, const std::string& line) {
  long count = 0;
  long long time = 0;
  if (line == "reset") {
    if (!device.reset()) return false;
    std::printf("{\"done\":true}\n");
  } else if (std::sscanf(line.c_str(), "login %ld %lld", &count, &time) == 2) {
    logins(device, count, time);
  } else if (std::sscanf(line.c_str(), "at %lld", &time) == 1) {
    reach(device, time);
    print(device.login());
  } else if (line == "stats") {
    stats(device);
  } else {
    return false;
  }
  std::fflush(stdout);
  return true;
}

std::unique_ptr<Device> make(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  if (kind == "holdfast" && argc == 4) return holdfast_device(argv[2], argv[3]);
  if (kind != "curl" || argc < 8) return nullptr;
  CurlOptions options;
  options.device_id = argv[2];
  options.token = argv[3];
  options.ca_file = argv[4];
  options.connect_ms = std::atol(argv[5]);
  options.total_ms = std::atol(argv[6]);
  options.urls.assign(argv + 7, argv + argc);
  return curl_device(options);
}

int run(int argc, char** argv) {
  const auto device = make(argc, argv);
  if (!device || !device->reset()) {
    std::fprintf(stderr, "bench_device: can't start; see the head of main.cc\n");
    return 2;
  }
  Input input;
  std::string line;
  while (input.line(*device, &line)) {
    if (obey(*device, line)) continue;
    std::fprintf(stderr, "bench_device: '%s' failed\n", line.c_str());
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) { return holdfast::bench::run(argc, argv); }
