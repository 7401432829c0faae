// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A printer with the library, its ports watched, and everybody's cards, PINs and passwords.
#pragma once

#include <holdfast/client.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports.h"

namespace holdfast::bench {

// Whose secret is what, as users.py has it. `list`: cards and PINs of some change with list 2.
std::string user_name(uint32_t user);
Credential credential(CredentialKind kind, uint32_t user, uint32_t list);

struct Polls {
  std::vector<uint32_t> wall_us, cpu_us;  // of each poll(), and of that on its thread
};

struct Login {
  int64_t wall_us = 0;
  int64_t cpu_us = 0;      // of the process, all threads
  int64_t derived_us = 0;  // of wall_us: in PBKDF2
  int64_t wrote_us = 0;    // of wall_us: in begin, put, erase and commit
  LoginResult result;

  bool granted() const { return result.verdict == Verdict::granted; }
  bool by_cache() const { return result.source == AnswerSource::cache; }
};

class Device final : private Listener, private Log {
 public:
  Device();  // has all the memory that it will need for what it measures
  // False: `problem` says why.
  bool start(const Config& config, const std::string& folder, bool with_worker,
             std::string* problem);
  ~Device() override;

  // Polls until then, or so long. False: in vain.
  bool until(const std::function<bool()>& reached, int64_t limit_us);
  bool login(Credential credential, Login* login, Duration deadline = {});
  // Nothing is left to tidy or to write.
  bool rest(int64_t limit_us);

  uint64_t users_version() const { return synchronised_; }
  bool server_is_up() const { return up_; }
  bool server_is_down() const { return down_; }
  size_t users() const { return client_->snapshot().offline.users; }

  Polls polls;           // since somebody cleared it
  bool watching = true;  // what a login writes
  std::unique_ptr<WatchedTransport> transport;
  std::unique_ptr<WatchedCrypto> crypto;
  std::unique_ptr<WatchedDatabase> database;
  int64_t synchronised_us = 0;
  std::string last_warning;

 private:
  void step(int64_t until_us);
  void on_login(const LoginResult& result) override {
    login_ = result;
    login_us_ = now_us();
    answered_ = true;
  }
  void on_server_state(const std::string&, ServerState, ServerState to, const char*) override {
    up_ = to == ServerState::up;
    down_ = to == ServerState::down;
  }
  void on_alarm(Alarm, const std::string& what) override { last_warning = what; }
  void write(LogLevel level, const char* text) noexcept override;

  std::unique_ptr<Transport> curl_;
  std::unique_ptr<Crypto> mbedtls_;
  std::unique_ptr<Database> sqlite_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<Random> random_;
  std::unique_ptr<ServerProtocol> protocol_;
  std::unique_ptr<FusedKey> key_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Client> client_;
  uint64_t synchronised_ = 0;
  bool up_ = false, down_ = false;
  bool answered_ = false;
  int64_t login_us_ = 0;
  LoginResult login_;
};

// ---- what main.cc is told to do; each prints one line of JSON

bool compare(Device& device, const std::string& bare_path, uint32_t count, uint32_t real,
             uint32_t stride);
bool blind(Device& device, uint32_t count, uint32_t real, uint32_t stride);
bool synchronise(Device& device, uint64_t version, int64_t limit_s);
bool watch(Device& device, uint64_t version, uint32_t watched, uint32_t stride, int64_t limit_s);
int open_cache(const std::string& config, const std::string& folder);

void print_numbers(const char* name, const std::vector<uint32_t>& numbers);
Result<std::unique_ptr<FusedKey>> fused_key(const std::string& folder, Crypto& crypto,
                                            std::string* problem);

}  // namespace holdfast::bench
