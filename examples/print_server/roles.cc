// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "roles.h"

#include <chrono>
#include <cstdio>

#include "problem.h"
#include "text.h"

namespace print_server {

const char* role_name(Role role) {
  return role == Role::active ? "active" : role == Role::draining ? "draining" : "passive";
}

Roles::Roles(Store& store, const Options& options, std::function<void()> on_open)
    : store_(store), options_(options), on_open_(std::move(on_open)), lock_(options.data_dir) {}

Roles::~Roles() { stop(); }

void Roles::start() {
  std::unique_lock<std::mutex> lock(mutex_);
  automatic_ = options_.role == StartRole::automatic;
  if (take_over()) {
    become(options_.role == StartRole::passive    ? Role::passive
           : options_.role == StartRole::draining ? Role::draining
                                                  : Role::active);
  } else if (!automatic_) {
    throw UsageError("the data folder " + options_.data_dir +
                     " is in use by another server: stop that one, use another --data, or run both"
                     " with --role auto");
  }
  thread_ = std::thread([this] { watch(); });
}

void Roles::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  role_ = Role::passive;
  hand_over();
}

void Roles::watch() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (automatic_ && !holding_) {
      try {
        if (take_over()) become(Role::active);
      } catch (const std::exception& error) {
        // The other node may do better; it gets the chance before the next try.
        std::fprintf(stderr, "take-over failed: %s\n", error.what());
        hand_over();
      }
    }
    changed_.wait_for(lock, std::chrono::milliseconds(200));
  }
}

bool Roles::take_over() {
  if (holding_) return true;
  if (!lock_.try_acquire()) return false;
  holding_ = true;
  store_.open();
  on_open_();
  return true;
}

void Roles::hand_over() {
  store_.close();
  lock_.release();
  holding_ = false;
}

void Roles::become(Role role) {
  // Each term of being active has its own, higher epoch, also after a restart of the only node.
  if (role == Role::active && role_ != Role::active) store_.begin_epoch();
  role_ = role;
  if (!thread_.joinable()) return;  // the first role is told with the port
  std::printf("{\"event\":\"role\",\"role\":\"%s\",\"server_epoch\":%lld}\n", role_name(role),
              static_cast<long long>(store_.identity().server_epoch));
  std::fflush(stdout);
}

void Roles::set(const std::string& wanted, int retry_after_s) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool shared = options_.role == StartRole::automatic;
  if (retry_after_s >= 0) retry_after_s_ = retry_after_s;
  if (wanted == "auto") {
    if (!shared) throw Problem(409, "role-refused", "this server was not started with --role auto");
    automatic_ = true;
    return;
  }
  if (wanted == "passive") {
    automatic_ = false;
    become(Role::passive);
    if (shared) hand_over();  // the other node may take the data
    return;
  }
  if (wanted != "active" && wanted != "draining") {
    throw invalid_request("role must be active, passive, draining or auto");
  }
  if (!take_over()) throw Problem(409, "role-refused", "the other node holds the data");
  automatic_ = shared;
  become(wanted == "active" ? Role::active : Role::draining);
}

}  // namespace print_server
