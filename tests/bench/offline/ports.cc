// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "ports.h"

#include <ctime>

namespace holdfast::bench {
namespace {

int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

int64_t now_us() { return read_clock(CLOCK_MONOTONIC); }
int64_t process_cpu_us() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }
int64_t thread_cpu_us() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

Result<Key256> WatchedCrypto::pbkdf2_sha256(const std::string& secret, const std::string& salt,
                                            uint32_t iterations) {
  const int64_t begun = now_us();
  Result<Key256> key = crypto_.pbkdf2_sha256(secret, salt, iterations);
  derived_us += now_us() - begun;
  derivations.push_back({salt, iterations});
  return key;
}

void WatchedDatabase::note(Step step, Space space, std::string_view key, size_t value_bytes) {
  if (watching) writes.push_back({step, space, std::string(key), value_bytes});
}

Status WatchedDatabase::begin() {
  const int64_t begun = now_us();
  const Status status = database_.begin();
  wrote_us += now_us() - begun;
  note(Step::begin, 0, {}, 0);
  return status;
}

Status WatchedDatabase::put(Space space, std::string_view key, std::string_view value) {
  const int64_t begun = now_us();
  const Status status = database_.put(space, key, value);
  wrote_us += now_us() - begun;
  note(Step::put, space, key, value.size());
  return status;
}

Status WatchedDatabase::erase(Space space, std::string_view key) {
  const int64_t begun = now_us();
  const Status status = database_.erase(space, key);
  wrote_us += now_us() - begun;
  note(Step::erase, space, key, 0);
  return status;
}

Status WatchedDatabase::commit() {
  const int64_t begun = now_us();
  const Status status = database_.commit();
  wrote_us += now_us() - begun;
  note(Step::commit, 0, {}, 0);
  return status;
}

bool write_again(const std::vector<WatchedDatabase::Write>& writes, Database& database) {
  static const std::string bytes(Database::kLargestValue_bytes, 'x');
  using Step = WatchedDatabase::Step;
  for (const WatchedDatabase::Write& write : writes) {
    Status status;
    if (write.step == Step::begin) status = database.begin();
    if (write.step == Step::put) {
      status = database.put(write.space, write.key,
                            std::string_view(bytes).substr(0, write.value_bytes));
    }
    if (write.step == Step::erase) status = database.erase(write.space, write.key);
    if (write.step == Step::commit) status = database.commit();
    if (!status.ok()) return false;
  }
  return true;
}

Status WatchedTransport::start(Transfer&& transfer) {
  const TransferId id = transfer.id;
  if (contains(transfer.url, "/login")) {
    if (swallow_logins) return {};
  } else if (contains(transfer.url, "/users/chunks/")) {
    chunk_ = id;
  } else if (contains(transfer.url, "/users?")) {
    manifest_ = id;
    manifest_us = now_us();
  } else if (contains(transfer.url, "/health")) {
    health_ = id;
  }
  return transport_.start(std::move(transfer));
}

bool WatchedTransport::take(TransferResult& result) {
  if (!transport_.take(result)) return false;
  if (result.id == health_) health_us = now_us();
  if (result.id == manifest_) {
    manifest_came_us = now_us();
    manifest_bytes = result.body.size();
  }
  if (result.id == chunk_) {
    ++chunks;
    chunk_bytes += result.body.size();
  }
  return true;
}

}  // namespace holdfast::bench
