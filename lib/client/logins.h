// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Logins, the sessions they open, and the lists that sessions ask for.
#pragma once

#include <optional>
#include <vector>

#include "client/exchanges.h"
#include "client/offline_logins.h"

namespace holdfast::client {

class Logins {
 public:
  Logins(Context& context, Exchanges& exchanges, OfflineLogins& offline)
      : context_(context), exchanges_(exchanges), offline_(offline) {}

  Result<TicketId> login(TicketId ticket, Credential credential, Duration deadline);
  Status logout(SessionId session);
  Result<TicketId> jobs(TicketId ticket, SessionId session, Duration deadline);
  // Ends what no request's deadline ends.
  void tick();
  Instant deadline() const;
  // Home denied what another cluster had granted.
  void contradicted(uint32_t request);
  // Home doesn't know this user any more: every session of his ends.
  void revoked(const std::string& user_uid);
  // The server doesn't take the session's receipt any more.
  void expired(SessionId session);

 private:
  class LoginOperation;
  class JobsOperation;
  class LogoutOperation;

  // The emergency code is this device's alone: no server ever hears it.
  struct Emergency {
    TicketId ticket = TicketId::none;
    Instant due{};
    std::optional<vault::OfflineLogin> answer;
  };
  TicketId break_glass(TicketId ticket, const Credential& credential, Duration deadline);
  void ended(const Emergency& emergency);
  void answered_by_server(LoginResult& result, const LoginAnswer& answer, ServerIndex server);
  void answered_by_cache(LoginResult& result, const vault::OfflineLogin& answer);
  void open_session(LoginResult& result, const LoginAnswer* answer, ServerIndex server,
                    uint32_t request);
  void jobs_ended(JobsResult result, ServerIndex server);

  Context& context_;
  Exchanges& exchanges_;
  OfflineLogins& offline_;
  std::vector<Emergency> emergencies_;  // under way
};

// A request's end as the host is told.
Status status_of(core::RequestEnd end);

}  // namespace holdfast::client
