// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <map>
#include <string>
#include <vector>

#include "output.h"

namespace mfp {

// The panel: one user at a time, the list on its screen, what is under way. Turns commands into
// calls of the client and its answers into events.
class Panel final : public holdfast::Listener {
 public:
  explicit Panel(Output& output) : output_(output) {}
  void attach(holdfast::Client* client) { client_ = client; }

  void login(holdfast::Credential credential);
  void jobs();
  void release(const std::string& which);
  void cancel(const std::string& which);
  void resolve(const std::string& which, holdfast::Resolution resolution);
  void logout();

  bool idle() const { return login_.ticket == kNone && list_.ticket == kNone && releases_.empty(); }
  bool logged_in() const { return session_ != holdfast::SessionId::none; }

  void on_login(const holdfast::LoginResult& result) override;
  void on_session_end(holdfast::SessionId session, holdfast::SessionEnd end) override;
  void on_jobs(const holdfast::JobsResult& result) override;
  void on_release(const holdfast::ReleaseUpdate& update) override;
  void on_switch(const holdfast::SwitchRecord& record) override;
  void on_server_state(const std::string& server, holdfast::ServerState from,
                       holdfast::ServerState to, const char* cause) override;
  void on_link(const holdfast::LinkState& link) override;
  void on_local_health(holdfast::LocalHealth health) override;
  void on_audit(const holdfast::AuditEvent& event) override;
  void on_alarm(holdfast::Alarm alarm, const std::string& what) override;

 private:
  static constexpr holdfast::TicketId kNone = holdfast::TicketId::none;
  struct Asked {
    holdfast::TicketId ticket = kNone;
    holdfast::Instant since;
    holdfast::CredentialKind kind = holdfast::CredentialKind::card;  // of a login
  };
  struct Release {
    holdfast::JobKey job;
    std::string name;
    holdfast::Instant since;
  };

  // Numbers count in the last list; else the beginning of a UUID. Null after an error was told.
  const holdfast::Job* find_listed(const std::string& command, const std::string& which);
  std::string name_of(const holdfast::JobKey& job) const;
  void refused(const std::string& command, holdfast::Status status, const std::string& hint = {});

  Output& output_;
  holdfast::Client* client_ = nullptr;
  holdfast::LinkState link_;
  holdfast::SessionId session_ = holdfast::SessionId::none;
  Asked login_;
  Asked list_;
  std::vector<holdfast::Job> shown_;
  std::map<holdfast::TicketId, Release> releases_;
  std::map<std::string, std::string> names_;  // UUID -> name, of what was released
};

Json json_of(holdfast::Status status);
Json json_of(const holdfast::Job& job);
Json json_of(const holdfast::SwitchRecord& record);
Json json_of(const holdfast::ServerSnapshot& server);

}  // namespace mfp
