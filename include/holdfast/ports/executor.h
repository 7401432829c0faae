// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: where work goes that may block (an fsync, a key derivation), so that Client::poll()
// doesn't.
#pragma once

#include <functional>
#include <memory>

#include "holdfast/status.h"

namespace holdfast {

class Task {
 public:
  virtual ~Task() = default;
  virtual void run() noexcept = 0;     // may block; on the worker where there is one
  virtual void finish() noexcept = 0;  // on the owner's thread, from Executor::poll()
};

// Tasks run one after the other, in the order of submission.
class Executor {
 public:
  virtual ~Executor() = default;

  // Takes the task. busy when the queue is full (the task is gone; the caller reports it).
  virtual Status submit(std::unique_ptr<Task> task) = 0;
  // Calls finish() of each task that has run, in order. Owner's thread.
  virtual void poll() = 0;
  // True when no task is queued, running or unfinished.
  virtual bool idle() const = 0;
  // `waker` is called on the worker after each run(), so that a sleeping owner comes to poll(). Set
  // before use.
  virtual void set_waker(std::function<void()> waker) = 0;
};

}  // namespace holdfast
