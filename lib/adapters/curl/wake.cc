// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/wake.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "adapters/curl/clock.h"

namespace holdfast::curl {

Instant steady_now() {
  timespec now = {};
  (void)::clock_gettime(CLOCK_MONOTONIC, &now);
  return {static_cast<int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000};
}

bool WakePipe::open() { return ::pipe2(ends_, O_NONBLOCK | O_CLOEXEC) == 0; }

WakePipe::~WakePipe() {
  for (const int end : ends_) {
    if (end >= 0) ::close(end);
  }
}

void WakePipe::wake() noexcept {
  const int saved = errno;
  const char byte = 0;
  // A full pipe is as good as one byte more.
  const ssize_t written = ::write(ends_[1], &byte, 1);
  (void)written;
  errno = saved;
}

void WakePipe::drain() noexcept {
  char bytes[64];
  while (::read(ends_[0], bytes, sizeof bytes) > 0) {
  }
}

SigpipeGuard::SigpipeGuard() noexcept {
  sigset_t pipe_only;
  sigset_t pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  // One that was pending before is the host's, and not ours to take away.
  if (::sigpending(&pending) != 0 || sigismember(&pending, SIGPIPE) == 1) return;
  active_ = ::pthread_sigmask(SIG_BLOCK, &pipe_only, &before_) == 0;
}

SigpipeGuard::~SigpipeGuard() {
  if (!active_) return;
  sigset_t pipe_only;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  const timespec at_once = {};
  while (::sigtimedwait(&pipe_only, nullptr, &at_once) < 0 && errno == EINTR) {
  }
  (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace holdfast::curl
