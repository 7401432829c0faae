// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace print_server {

// A thread for each connection, as many as there are connections. A pool of fixed size would be
// blocked by that many idle keep-alive clients.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->tasks.push_back(std::move(task));
    if (state_->idle < state_->tasks.size() && state_->threads < kMostThreads) {
      ++state_->threads;
      std::thread([state = state_] { work(*state); }).detach();
    }
    state_->arrived.notify_one();
  }

  // Idle connections end with the process; answers under way are waited for by
  // HttpServer::finish().
  void shutdown() override {}

 private:
  static constexpr size_t kMostThreads = 2000;

  struct State {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<std::function<void()>> tasks;
    size_t threads = 0;
    size_t idle = 0;
  };

  static void work(State& state) {
    std::unique_lock<std::mutex> lock(state.mutex);
    for (;;) {
      ++state.idle;
      const bool some = state.arrived.wait_for(lock, std::chrono::seconds(10),
                                               [&] { return !state.tasks.empty(); });
      --state.idle;
      if (!some) break;
      const std::function<void()> task = std::move(state.tasks.front());
      state.tasks.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
    --state.threads;
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace print_server
