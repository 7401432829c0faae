// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace mfp {

struct Line {
  std::string text;
  bool too_long = false;  // the text is its beginning
};

// Standard input and the signals that end the program, read by a thread of its own so that the
// client's loop never waits for a person.
class Console {
 public:
  // Blocks SIGINT and SIGTERM for the process. Call it before any thread is started.
  static void block_signals();

  // `wake` is called on the console's thread after each change.
  explicit Console(std::function<void()> wake);
  ~Console();

  bool take(Line& line);
  bool over() const;    // the input has ended and each line was taken
  int signals() const;  // SIGINT and SIGTERM so far

 private:
  void work();
  bool room() const;
  void feed(const char* data, size_t size);
  void end_line();

  static constexpr size_t kMaxLineBytes = 4096;
  static constexpr size_t kMaxLines = 256;

  std::function<void()> wake_;
  int signal_fd_ = -1;
  int event_fd_ = -1;  // to the thread: there is room again, or it is to end

  mutable std::mutex mutex_;
  std::deque<Line> lines_;
  bool ended_ = false;
  bool stopping_ = false;
  int signals_ = 0;

  Line current_;  // the thread's own
  std::thread thread_;
};

}  // namespace mfp
