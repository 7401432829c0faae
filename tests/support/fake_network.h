// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A NetworkMonitor that says what the test says; it takes it in at the next poll(), as a real one
// does.
#pragma once

#include <vector>

#include "holdfast/ports/network.h"

namespace holdfast::test {

class FakeNetwork final : public NetworkMonitor {
 public:
  LinkState truth;
  Duration interval = milliseconds(500);  // of its polling; it has no descriptor of its own
  int fd = -1;                            // to be handed out, if any
  size_t polls = 0;

  Instant poll(Instant now) override {
    ++polls;
    seen_ = truth;
    return fd >= 0 ? Instant::never() : now + interval;
  }
  LinkState state() const override { return seen_; }
  void descriptors(std::vector<WaitOn>& out) const override {
    if (fd >= 0) out.push_back({fd, true, false});
  }

 private:
  LinkState seen_;
};

}  // namespace holdfast::test
