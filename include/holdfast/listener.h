// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the library tells its host. All calls come from Client::poll(), on the owner's thread, but
// for on_session_end(logout), which comes from inside logout(); references are valid during the
// call only. A listener may call the client's methods, but not poll() or the destructor.
#pragma once

#include <string>
#include <vector>

#include "holdfast/audit.h"
#include "holdfast/ports/print_engine.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast {

struct LoginResult {
  TicketId ticket = TicketId::none;
  Verdict verdict = Verdict::unknown;
  AnswerSource source = AnswerSource::none;
  std::string server;                   // name of the server that answered
  SessionId session = SessionId::none;  // when granted
  // Granted by another cluster than home: a later denial by home ends the session
  bool provisional = false;
  User user;  // when granted
  // When denied: the protocol's reason ("wrong-secret", ...). When the credential cache was asked
  // and couldn't grant: its reason ("not-cached", "too-old", ...), also where the verdict is
  // unknown.
  std::string denial;
  uint32_t retry_after_s = 0;  // when locked
  bool break_glass = false;    // granted by the emergency code, to nobody in particular
  Status status;  // when unknown: unavailable, timed_out, refused (the device is), busy
  LocalHealth local = LocalHealth::ok;  // when unknown: is it us?
};

struct JobsResult {
  TicketId ticket = TicketId::none;
  SessionId session = SessionId::none;
  Status status;
  std::string server;
  std::vector<Job> jobs;  // what may be released; jobs already printed here aren't among them
};

enum class ReleaseStep : uint8_t {
  claiming,
  fetching,
  printing,
  done,    // final; `state` says how
  failed,  // final; nothing was printed, the job is still offered; `status` says why
};
const char* to_string(ReleaseStep step);

struct ReleaseUpdate {
  TicketId ticket = TicketId::none;  // none: begun before the last start of the device
  JobKey job;
  ReleaseStep step = ReleaseStep::claiming;
  std::string server;                  // from which the job comes
  JobState state = JobState::pending;  // when done: completed, canceled, aborted or unknown
  uint32_t impressions = 0;
  std::string reason;  // for a person
  Status status;
};

// The answer to Client::reserve_pages, and to settle_pages.
struct PagesResult {
  TicketId ticket = TicketId::none;  // of the reservation, for both
  SessionId session = SessionId::none;
  bool settled = false;  // answers settle_pages
  Status status;         // refused: fewer are left; else what the cache's store said
  int64_t left = -1;     // -1: no limit, or home counts
};

// The answer to Client::request.
struct RequestResult {
  TicketId ticket = TicketId::none;
  Status status;       // ok: a server answered, whatever its http_status
  std::string server;  // that answered
  int http_status = 0;
  Headers headers;  // names in lower case
  std::string body;
  bool maybe_done = false;  // not ok, and it can't be known whether a server carried it out
};

enum class SessionEnd : uint8_t {
  logout,          // told from inside logout()
  denied_by_home,  // a provisional session, contradicted
  expired,         // the server no longer takes the receipt
  revoked,         // home no longer knows the user, or not any more as one who may log in
};
const char* to_string(SessionEnd end);

enum class Alarm : uint8_t {
  server_quarantined,  // can't be trusted; somebody must look
  split_brain,         // a server behind the address claims to be active with an older epoch
  clock_untrusted,
  device_refused,
  state_not_saved,      // the state store failed: a restart may repeat what was decided since
  state_damaged,        // stored state was unreadable and was set aside
  job_unknown,          // a job's outcome is unknown; a person must decide (Client::resolve)
  remembered_full,      // as many printed jobs as allowed are remembered and not reported; no new
                        // release
  server_list_refused,  // a signed server list didn't verify
  configuration,        // a server's local files or options are unusable
};
const char* to_string(Alarm alarm);

class Listener {
 public:
  virtual ~Listener() = default;

  virtual void on_login(const LoginResult&) {}
  virtual void on_session_end(SessionId, SessionEnd) {}
  virtual void on_jobs(const JobsResult&) {}
  virtual void on_release(const ReleaseUpdate&) {}
  virtual void on_pages(const PagesResult&) {}
  virtual void on_request(const RequestResult&) {}
  virtual void on_switch(const SwitchRecord&) {}
  virtual void on_server_state(const std::string& server, ServerState from, ServerState to,
                               const char* cause) {
    (void)server, (void)from, (void)to, (void)cause;
  }
  // What is known of the network interface has changed. Comes before the on_local_health() that
  // follows from it, so that a panel can name what is missing: cable, address or route.
  virtual void on_link(const LinkState&) {}
  virtual void on_local_health(LocalHealth) {}
  // What the credential cache noted, in order; it is durable already.
  virtual void on_audit(const AuditEvent&) {}
  virtual void on_alarm(Alarm, const std::string& what) { (void)what; }
};

}  // namespace holdfast
