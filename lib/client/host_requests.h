// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/exchanges.h"

namespace holdfast::client {

// Requests of the host's own protocol, routed like the library's own.
class HostRequests {
 public:
  HostRequests(Context& context, Exchanges& exchanges) : context_(context), exchanges_(exchanges) {}

  Result<TicketId> request(TicketId ticket, HostRequest request, Duration deadline);

 private:
  class HostOperation;

  Context& context_;
  Exchanges& exchanges_;
};

}  // namespace holdfast::client
