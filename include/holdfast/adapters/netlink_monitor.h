// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Adapter: the kernel's word on link, address and route (Linux, rtnetlink). Needs no rights.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "holdfast/ports/network.h"
#include "holdfast/status.h"

namespace holdfast {

struct NetlinkMonitorOptions {
  // The interface that must work, and no other counts. Empty: those through which the way out
  // leads, or led while there was one; before any was seen, each. The loopback interface counts
  // only when it is named, and then needs neither address nor route.
  std::string interface_name;
  // Numeric addresses, up to 16, of the servers, say. Then "a route" means one to any of them, and
  // a network without a router is none to complain of. Empty: a default route.
  std::vector<std::string> destinations;
  // Whether 169.254.0.0/16 and fe80::/10 are addresses to work with. They are what is left when
  // nobody gave the device one, and of IPv6 each interface always has one: so only for networks
  // that live on them.
  bool link_local = false;
};

// The state is known from the creation on. Sees the network namespace it was created in, its first
// 64 interfaces (loopback and others that don't count excepted) and routes of any table.
// One socket, 40 KB, and no memory taken after creation. What changed is read again as a whole, in
// a storm of events at most 40 times a second. A kernel that doesn't answer or isn't understood is
// asked again each second, and what is not known is taken as usable.
//
// invalid_argument: a destination isn't a numeric address, there are too many, or the name is too
// long. io_error: no socket (errno).
Result<std::unique_ptr<NetworkMonitor>> netlink_monitor(const NetlinkMonitorOptions& options = {});

}  // namespace holdfast
