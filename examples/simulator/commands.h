// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <string>

#include "options.h"
#include "output.h"
#include "panel.h"

namespace mfp {

// Runs one command line after the other, with the pauses that scripts ask for in between.
class Commands {
 public:
  Commands(Options& options, Output& output, Panel& panel, holdfast::Client& client)
      : options_(options), output_(output), panel_(panel), client_(client) {}

  // Runs a line and wipes it, for it may hold a secret. Not while paused().
  void run(std::string& line);

  bool quitting() const { return quitting_; }

  // A `wait` or `wait-for` under way. Call poll() in each round; it ends the pause.
  bool paused() const { return pause_ != Pause::none; }
  void poll(holdfast::Instant now);
  holdfast::Instant deadline() const { return pause_until_; }

 private:
  enum class Pause { none, time, event };
  struct Words;
  struct Entry;
  static const Entry kEntries[];

  void login(Words& words);
  void release(Words& words);
  void resolve(Words& words);
  void servers();
  void status();
  void history();
  void present(Words& words);
  void link(Words& words);
  void failback();
  void break_glass(Words& words);
  void wipe_credentials();
  void rotate_key();
  void reload();
  void wait(Words& words);
  void wait_for(Words& words);
  void help();

  void wrong(const Words& words);
  void done(const char* command, const char* text = "");
  void answer(const char* command, holdfast::Status status, const char* text);

  Options& options_;
  Output& output_;
  Panel& panel_;
  holdfast::Client& client_;
  bool quitting_ = false;
  Pause pause_ = Pause::none;
  std::string pause_event_;
  holdfast::Instant pause_until_ = holdfast::Instant::never();
};

}  // namespace mfp
