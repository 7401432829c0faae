// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Tells home what the credential cache noted, when home is there to hear it.
#pragma once

#include <string>
#include <vector>

#include "client/exchanges.h"
#include "client/offline_logins.h"

namespace holdfast::client {

class AuditUpload {
 public:
  AuditUpload(Context& context, Exchanges& exchanges, OfflineLogins& offline)
      : context_(context), exchanges_(exchanges), offline_(offline) {}

  void tick();
  Instant deadline() const;

 private:
  class AuditOperation;
  struct Batch {
    std::string epoch;
    std::vector<AuditEvent> events;
  };

  void send(Batch batch);
  void taken(uint64_t through);
  void ended(bool ok);
  // A server of home that would hear it now; kNoServer: none.
  ServerIndex who() const;

  Context& context_;
  Exchanges& exchanges_;
  OfflineLogins& offline_;
  bool under_way_ = false;
  uint32_t failures_ = 0;
  Instant again_at_{};
};

}  // namespace holdfast::client
