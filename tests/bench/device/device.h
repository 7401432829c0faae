// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A device under measurement: it logs the same card in, again and again, and says how long each
// login took.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::bench {

inline constexpr const char* kCard = "04A2B3C4";
inline constexpr const char* kUser = "u-ada";

struct Login {
  int64_t begun_us = 0;
  int64_t wait_us = 0;
  bool granted = false;  // and the right user
  bool noticed = false;  // the first server was already known to be in trouble
  std::string server;    // that answered
  std::string problem;   // when not granted
};

// A poll() above 5 ms, and what it was doing.
struct SlowPoll {
  uint32_t wall_us = 0, cpu_us = 0, handshake_us = 0;
  uint32_t blocked = 0;    // times it waited for something: a disk, a lock
  uint32_t preempted = 0;  // times another process got its processor
};

// What poll() cost, where the system has such a call.
struct Polls {
  std::vector<uint32_t> plain_us;      // no TLS handshake ran in it
  std::vector<uint32_t> handshake_us;  // one did
  std::vector<uint32_t> beside_us;     // of the latter, without the handshake's own time
  std::vector<SlowPoll> slow;
};

class Device {
 public:
  virtual ~Device() = default;
  // As if switched on anew.
  virtual bool reset() = 0;
  virtual Login login() = 0;
  // Lives on until that time or until a command waits on standard input.
  virtual void idle_until(int64_t us) = 0;
  virtual const Polls* polls() const { return nullptr; }
};

std::unique_ptr<Device> holdfast_device(const std::string& config, const std::string& folder);

struct CurlOptions {
  std::string device_id, token, ca_file;
  long connect_ms = 0, total_ms = 0;
  std::vector<std::string> urls;
};
std::unique_ptr<Device> curl_device(const CurlOptions& options);

int64_t now_us();  // CLOCK_BOOTTIME
bool command_waits(int64_t until_us);

}  // namespace holdfast::bench
