// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include <csignal>
#include <deque>
#include <utility>

#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

using TaskPtr = std::unique_ptr<Task>;

class InlineExecutor final : public Executor {
 public:
  explicit InlineExecutor(size_t queue_limit) : queue_limit_(queue_limit) {}

  Status submit(TaskPtr task) override {
    if (done_.size() >= queue_limit_) return Code::busy;
    task->run();
    done_.push_back(std::move(task));
    if (waker_) waker_();
    return {};
  }

  void poll() override {
    // Those that are there now: a finish() may submit the next one, and poll() is to end.
    for (size_t left = done_.size(); left > 0; --left) {
      const TaskPtr task = std::move(done_.front());
      done_.pop_front();
      task->finish();
    }
  }

  bool idle() const override { return done_.empty(); }
  void set_waker(std::function<void()> waker) override { waker_ = std::move(waker); }

 private:
  const size_t queue_limit_;
  std::deque<TaskPtr> done_;
  std::function<void()> waker_;
};

// pthread and not std::thread, whose constructor can only throw when there is no thread to be had,
// and which knows neither names nor signal masks.
class WorkerExecutor final : public Executor {
 public:
  explicit WorkerExecutor(size_t queue_limit) : queue_limit_(queue_limit) {}

  ~WorkerExecutor() override {
    if (started_) {
      lock();
      stopping_ = true;
      (void)::pthread_cond_signal(&changed_);
      unlock();
      (void)::pthread_join(thread_, nullptr);
    }
    (void)::pthread_cond_destroy(&changed_);
    (void)::pthread_mutex_destroy(&mutex_);
  }

  Status start(const std::string& name) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    // A thread inherits the mask of its creator: so no signal of the host's ever finds this one.
    (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = ::pthread_create(&thread_, nullptr, &WorkerExecutor::main, this);
    (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error != 0) return Status(Code::io_error, error);
    started_ = true;
    constexpr size_t kLongestName = 15;
    (void)::pthread_setname_np(thread_, name.substr(0, kLongestName).c_str());
    return {};
  }

  Status submit(TaskPtr task) override {
    lock();
    const bool full = unfinished_ >= queue_limit_;
    if (!full) {
      queue_.push_back(std::move(task));
      ++unfinished_;
      (void)::pthread_cond_signal(&changed_);
    }
    unlock();
    return full ? Status(Code::busy) : Status();
  }

  void poll() override {
    std::deque<TaskPtr> ready;
    lock();
    ready.swap(done_);
    unlock();
    for (TaskPtr& task : ready) {
      task->finish();
      task.reset();
      lock();
      --unfinished_;
      unlock();
    }
  }

  bool idle() const override {
    lock();
    const bool nothing = unfinished_ == 0;
    unlock();
    return nothing;
  }

  void set_waker(std::function<void()> waker) override {
    lock();
    waker_ = std::move(waker);
    unlock();
  }

 private:
  static void* main(void* self) {
    static_cast<WorkerExecutor*>(self)->work();
    return nullptr;
  }

  void work() {
    lock();
    for (;;) {
      while (queue_.empty() && !stopping_) (void)::pthread_cond_wait(&changed_, &mutex_);
      if (queue_.empty()) break;
      TaskPtr task = std::move(queue_.front());
      queue_.pop_front();
      unlock();
      task->run();
      lock();
      done_.push_back(std::move(task));
      const std::function<void()> waker = stopping_ ? nullptr : waker_;
      unlock();
      if (waker) waker();
      lock();
    }
    unlock();
  }

  void lock() const { (void)::pthread_mutex_lock(&mutex_); }
  void unlock() const { (void)::pthread_mutex_unlock(&mutex_); }

  const size_t queue_limit_;
  mutable pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
  std::deque<TaskPtr> queue_;  // to run
  std::deque<TaskPtr> done_;   // to finish
  size_t unfinished_ = 0;      // submitted and not yet finished
  bool stopping_ = false;
  std::function<void()> waker_;
  pthread_t thread_ = {};
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Executor> inline_executor(size_t queue_limit) {
  return std::make_unique<InlineExecutor>(queue_limit);
}

Result<std::unique_ptr<Executor>> worker_executor(const std::string& name, size_t queue_limit) {
  auto executor = std::make_unique<WorkerExecutor>(queue_limit);
  const Status started = executor->start(name);
  if (!started.ok()) return failure(started);
  return executor;
}

}  // namespace holdfast
