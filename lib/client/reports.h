// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Remembers what was printed, durably, and tells every server.
#pragma once

#include <array>

#include "client/exchanges.h"
#include "client/saver.h"

namespace holdfast::client {

class Reports {
 public:
  Reports(Context& context, Exchanges& exchanges, Saver& saver)
      : context_(context), exchanges_(exchanges), saver_(saver) {}

  Status load();
  // Makes the memory of jobs as it is now durable.
  void save(Saver::Done done);
  void taken(ServerIndex server, const std::vector<std::string>& report_ids);
  // Sends what is due.
  void tick();
  Instant deadline() const;

 private:
  class ReportOperation;
  struct Delivery {
    bool under_way = false;
    Instant again_at{};
    uint32_t failures = 0;
  };

  void ended(ServerIndex server, bool ok);

  Context& context_;
  Exchanges& exchanges_;
  Saver& saver_;
  std::array<Delivery, kMaxServers> deliveries_;
};

}  // namespace holdfast::client
