// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Releases: carries out what core::Release decides, and follows the print engine to the end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/exchanges.h"
#include "client/reports.h"
#include "core/release.h"

namespace holdfast::client {

class Releases {
 public:
  Releases(Context& context, Exchanges& exchanges, Reports& reports);
  ~Releases();
  Releases(const Releases&) = delete;
  Releases& operator=(const Releases&) = delete;

  // After a restart: asks the engine about each attempt without an end, and clears documents nobody
  // needs.
  void resume();
  Result<TicketId> release(TicketId ticket, SessionId session, const std::string& job_uuid);
  Status cancel(TicketId release);
  Status resolve(const JobKey& job, Resolution resolution);
  void tick();
  Instant deadline() const;

 private:
  struct Active;
  class Sink;
  class ClaimOperation;
  class FetchOperation;
  class GiveBackOperation;
  class Commit;

  bool can_print() const {
    return context_.ports.engine && context_.ports.documents && context_.ports.crypto;
  }
  Active* find(TicketId ticket);
  Active* by_attempt(const std::string& attempt_id);
  void go_on(TicketId ticket, core::ReleaseWants wants);
  void claim(Active& active);
  void claimed(TicketId ticket, core::ClaimResult result, ServerIndex server, ClaimAnswer answer);
  void fetch(Active& active);
  void fetched(TicketId ticket, core::FetchResult result);
  void committed(TicketId ticket, Status status);
  void record(Active& active);
  void print(Active& active);
  void give_back(const SessionUser& user, const JobKey& key, ServerIndex server, uint64_t token);
  void fail(Active& active);
  void engine_said(const PrintEvent& event);
  void engine_ended(const PrintEvent& event, JobState state);
  void unknown_after_restart(const std::string& attempt_id);
  void end(const std::string& attempt_id, JobState state, const PrintEvent& event);
  void tell(const Active& active, ReleaseStep step);
  void remove(TicketId ticket);
  void drop_document(const std::string& id);

  Context& context_;
  Exchanges& exchanges_;
  Reports& reports_;
  std::vector<std::unique_ptr<Active>> active_;
  Instant engine_at_ = Instant::never();
  std::shared_ptr<Releases*> alive_;  // null inside once this is gone: tasks may outlive it
};

}  // namespace holdfast::client
