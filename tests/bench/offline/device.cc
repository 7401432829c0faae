// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/mbedtls_crypto.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/adapters/sqlite_database.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace holdfast::bench {
namespace {

constexpr size_t kPollsKept = 2000000;
constexpr char kSynchronised[] = "users synchronised: version ";

WallClock wall() { return wall_now(WallTrust::always); }

}  // namespace

std::string user_name(uint32_t user) {
  char text[32];
  std::snprintf(text, sizeof text, "user%06u", user);
  return text;
}

Credential credential(CredentialKind kind, uint32_t user, uint32_t list) {
  Credential made;
  made.kind = kind;
  char text[64];
  if (kind == CredentialKind::card) {
    std::snprintf(text, sizeof text, "%02X%012llX", 4 + list,
                  (user * 2654435761ull) & 0xffffffffffffull);
  } else if (kind == CredentialKind::pin) {
    std::snprintf(text, sizeof text, "%012llu",
                  (user * 7368787ull + list * 500000000000ull + 123456789ull) % 1000000000000ull);
  } else {
    std::snprintf(text, sizeof text, "password of user %06u", user);
    made.user = user_name(user);
  }
  made.secret = Secret(std::string(text));
  return made;
}

Result<std::unique_ptr<FusedKey>> fused_key(const std::string& folder, Crypto& crypto,
                                            std::string* problem) {
  auto file = file_device_key(folder + "/device.key", crypto, problem);
  if (!file) return failure(file.error());
  return std::make_unique<FusedKey>(std::move(*file));
}

void print_numbers(const char* name, const std::vector<uint32_t>& numbers) {
  std::printf("\"%s\":[", name);
  for (size_t i = 0; i < numbers.size(); ++i) std::printf(i == 0 ? "%u" : ",%u", numbers[i]);
  std::printf("]");
}

Device::Device() {
  polls.wall_us.reserve(kPollsKept);
  polls.cpu_us.reserve(kPollsKept);
}

bool Device::start(const Config& config, const std::string& folder, bool with_worker,
                   std::string* problem) {
  auto curl = curl_transport();
  auto mbedtls = mbedtls_crypto();
  SqliteOptions options;
  options.path = folder + "/cred.db";
  auto sqlite = sqlite_database(options, problem);
  auto state = file_state_store(folder, problem);
  if (!curl || !mbedtls || !sqlite || !state) return false;
  curl_ = std::move(*curl);
  mbedtls_ = std::move(*mbedtls);
  sqlite_ = std::move(*sqlite);
  state_ = std::move(*state);
  auto key = fused_key(folder, *mbedtls_, problem);
  if (!key) return false;
  key_ = std::move(*key);
  random_ = system_random();
  protocol_ = device_protocol_v1();
  transport = std::make_unique<WatchedTransport>(*curl_);
  crypto = std::make_unique<WatchedCrypto>(*mbedtls_);
  database = std::make_unique<WatchedDatabase>(*sqlite_);
  if (with_worker) {
    auto worker = worker_executor("credentials");
    if (!worker) return false;
    executor_ = std::move(*worker);
  } else {
    executor_ = inline_executor();
  }
  Ports ports;
  ports.transport = transport.get();
  ports.protocol = protocol_.get();
  ports.state = state_.get();
  ports.executor = executor_.get();
  ports.random = random_.get();
  ports.crypto = crypto.get();
  ports.device_key = key_.get();
  ports.credentials = database.get();
  ports.log = this;
  auto client = Client::create(config, ports, *this, monotonic_now(), wall());
  if (!client) {
    *problem = client.error().message();
    return false;
  }
  client_ = std::move(*client);
  return true;
}

Device::~Device() {
  client_.reset();
  executor_.reset();  // before what its tasks use
}

void Device::write(LogLevel level, const char* text) noexcept {
  if (std::strncmp(text, kSynchronised, sizeof kSynchronised - 1) == 0) {
    synchronised_ = std::strtoull(text + sizeof kSynchronised - 1, nullptr, 10);
    synchronised_us = now_us();
  }
  if (level <= LogLevel::warning) last_warning = text;
  if (level <= LogLevel::warning && std::getenv("BENCH_OFFLINE_LOG") != nullptr)
    std::fprintf(stderr, "%s\n", text);
}

void Device::step(int64_t until_us) {
  const int64_t cpu = thread_cpu_us();
  const int64_t begun = now_us();
  const Step next = client_->poll(monotonic_now(), wall());
  if (polls.wall_us.size() < kPollsKept) {
    polls.wall_us.push_back(static_cast<uint32_t>(now_us() - begun));
    polls.cpu_us.push_back(static_cast<uint32_t>(thread_cpu_us() - cpu));
  }
  if (answered_) return;
  const Duration left{until_us - now_us()};
  client_->wait(shorter(next.call_again - monotonic_now(), left));
}

bool Device::until(const std::function<bool()>& reached, int64_t limit_us) {
  const int64_t end = now_us() + limit_us;
  while (!reached()) {
    if (now_us() >= end) return false;
    step(end);
  }
  return true;
}

bool Device::login(Credential credential, Login* login, Duration deadline) {
  answered_ = false;
  crypto->derivations.clear();
  database->writes.clear();
  crypto->derived_us = database->wrote_us = 0;
  database->watching = watching;
  const int64_t cpu = process_cpu_us();
  const int64_t begun = now_us();
  const auto ticket = client_->login(std::move(credential), monotonic_now(), deadline);
  const bool answered = ticket && until([this] { return answered_; }, 30000000);
  login->cpu_us = process_cpu_us() - cpu;
  database->watching = false;
  answered_ = false;
  if (!answered) return false;
  login->wall_us = login_us_ - begun;
  login->derived_us = crypto->derived_us;
  login->wrote_us = database->wrote_us;
  login->result = login_;
  if (login_.session != SessionId::none) (void)client_->logout(login_.session, monotonic_now());
  return true;
}

bool Device::rest(int64_t limit_us) {
  int64_t idle_since = now_us();
  return until(
      [&] {
        if (!executor_->idle()) idle_since = now_us();
        return now_us() - idle_since > 400000;
      },
      limit_us);
}

}  // namespace holdfast::bench
