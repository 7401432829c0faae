// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages that the host wants to print or copy, asked of the user's lease while no server of home is
// in charge.
#pragma once

#include <vector>

#include "client/context.h"
#include "client/offline_logins.h"

namespace holdfast::client {

class Pages {
 public:
  Pages(Context& context, OfflineLogins& offline) : context_(context), offline_(offline) {}

  Result<TicketId> reserve(TicketId ticket, SessionId session, uint32_t pages);
  Status settle(TicketId ticket, uint32_t used);

  // Tells what was answered at once.
  void tick();
  Instant deadline() const { return ready_.empty() ? Instant::never() : Instant{}; }

 private:
  struct Open {
    PagesResult result;
    bool granted = false;
    bool settling = false;
    bool leased = false;  // of a lease in the vault
    vault::PageReservation reservation;
  };

  bool home_counts() const;
  bool make_room();
  Open* find(TicketId ticket);
  void remove(TicketId ticket);
  void reserved(TicketId ticket, const vault::PageReservation& answer, int64_t lease);
  void settled(TicketId ticket, const vault::PageReservation& answer);
  void answer_without_cache(Open& open, int64_t lease);

  Context& context_;
  OfflineLogins& offline_;
  std::vector<Open> open_;  // the oldest first
  std::vector<PagesResult> ready_;
};

}  // namespace holdfast::client
