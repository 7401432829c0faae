// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace holdfast::curl {

// A pipe with which another thread or a signal handler ends a poll().
class WakePipe {
 public:
  WakePipe() = default;
  ~WakePipe();
  WakePipe(const WakePipe&) = delete;
  WakePipe& operator=(const WakePipe&) = delete;

  bool open();
  int read_end() const { return ends_[0]; }
  void wake() noexcept;  // async-signal-safe; errno is kept
  void drain() noexcept;

 private:
  int ends_[2] = {-1, -1};
};

// Keeps SIGPIPE away from this thread for as long as it lives, and takes the one that was raised
// meanwhile. libcurl could do so only by changing the disposition of the whole process; TLS
// libraries write without MSG_NOSIGNAL.
class SigpipeGuard {
 public:
  SigpipeGuard() noexcept;
  ~SigpipeGuard();
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  bool active_ = false;
  sigset_t before_;
};

}  // namespace holdfast::curl
