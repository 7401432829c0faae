// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ares.h>

#include <string>

namespace holdfast::cares {

// The sockets that c-ares asks on: closed on exec from the start, and never the reason of a
// SIGPIPE, which c-ares' own would be on a TCP connection that the name server has closed.
void use_own_sockets(ares_channel channel);

// True when a packet to this numeric IPv6 address would find a way out. Sends nothing.
bool has_route_v6(const std::string& address);

}  // namespace holdfast::cares
