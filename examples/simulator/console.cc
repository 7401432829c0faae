// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <holdfast/types.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "options.h"

namespace mfp {

namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void Console::block_signals() {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Console::Console(std::function<void()> wake) : wake_(std::move(wake)) {
  const sigset_t signals = ending_signals();
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  event_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signal_fd_ < 0 || event_fd_ < 0) {
    throw StartError(std::string("the console cannot be set up: ") + std::strerror(errno));
  }
  thread_ = std::thread([this] { work(); });
}

Console::~Console() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(event_fd_, 1);
  thread_.join();
  close(signal_fd_);
  close(event_fd_);
}

bool Console::take(Line& line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (lines_.empty()) return false;
  line = std::move(lines_.front());
  lines_.pop_front();
  eventfd_write(event_fd_, 1);
  return true;
}

bool Console::over() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ended_ && lines_.empty();
}

int Console::signals() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return signals_;
}

bool Console::room() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return !ended_ && lines_.size() < kMaxLines;
}

void Console::work() {
  char buffer[4096];
  for (;;) {
    // A negative descriptor is passed over: a script that runs ahead waits in its pipe.
    pollfd sources[] = {
        {event_fd_, POLLIN, 0}, {signal_fd_, POLLIN, 0}, {room() ? STDIN_FILENO : -1, POLLIN, 0}};
    if (poll(sources, 3, -1) < 0 && errno != EINTR) return;
    eventfd_t count = 0;
    (void)eventfd_read(event_fd_, &count);
    signalfd_siginfo info;
    const bool signalled = read(signal_fd_, &info, sizeof info) == sizeof info;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return;
      if (signalled) ++signals_;
    }
    if (sources[2].revents != 0) {
      const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
      if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      feed(buffer, size > 0 ? static_cast<size_t>(size) : 0);
      holdfast::wipe(buffer, sizeof buffer);
    }
    if (signalled || sources[2].revents != 0) wake_();
  }
}

// Size 0 is the end of the input; a last line without a line feed counts.
void Console::feed(const char* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (data[i] == '\n') {
      end_line();
    } else if (current_.text.size() < kMaxLineBytes) {
      current_.text += data[i];
    } else {
      current_.too_long = true;
    }
  }
  if (size > 0) return;
  if (!current_.text.empty()) end_line();
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
}

void Console::end_line() {
  if (!current_.text.empty() && current_.text.back() == '\r') current_.text.pop_back();
  const std::lock_guard<std::mutex> lock(mutex_);
  lines_.push_back(std::move(current_));
  current_ = Line();
}

}  // namespace mfp
