// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port, optional: what the device knows of its own network, so that no server is blamed for a cable
// that was pulled. Without it the host says so by Client::link(), or nothing is known and the
// network is taken as usable. One thread owns it.
#pragma once

#include <vector>

#include "holdfast/ports/wait.h"
#include "holdfast/time.h"
#include "holdfast/types.h"

namespace holdfast {

class NetworkMonitor {
 public:
  virtual ~NetworkMonitor() = default;

  // Takes in what has happened; bounded work, never blocks. Returns when it wants to be called
  // again at the latest: Instant::never() when descriptors() tell everything, otherwise an interval
  // of its own, which should be a second or less: servers are suspected after about two.
  virtual Instant poll(Instant now) = 0;

  // As of the last poll(), or of the creation. A monitor that can't tell, now or at all, says
  // usable: a mistaken "down" would hide a server's failure, and no error of a monitor may do that.
  virtual LinkState state() const = 0;

  // Appends what is ready as soon as poll() has something to take in. May differ from call to call.
  virtual void descriptors(std::vector<WaitOn>& out) const { (void)out; }
};

}  // namespace holdfast
