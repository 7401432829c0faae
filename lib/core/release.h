// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One job's way from a server onto paper: claim, fetch, record the intent, print. Decides each next
// step.
#pragma once

#include "core/words.h"
#include "holdfast/config.h"
#include "holdfast/status.h"

namespace holdfast::core {

enum class ReleaseWants : uint8_t {
  nothing,    // wait for what is under way, or for deadline()
  claim,      // ask for the job, at the session's server first
  fetch,      // the document, from `server`
  record,     // the intent, durably
  print,      // start the engine
  give_back,  // over, nothing printed; give the claim at `server` back
  fail,       // over, nothing printed, no claim to give back
};

enum class ClaimResult : uint8_t {
  granted,
  taken,        // another device has it
  ended,        // printed, cancelled or expired already
  unknown_job,  // that server doesn't have it
  refused,      // the session or the device isn't accepted
  unreachable,  // no server answered
};

enum class FetchResult : uint8_t {
  complete,   // and its bytes are those of the job
  different,  // its bytes aren't those that the job names
  cut,        // no or not the whole answer
  overtaken,  // the claim isn't ours any more
  gone,       // the server doesn't have it any more
  no_room,    // it can't be kept on this device
};

class Release {
 public:
  Release(const RequestPolicy* request, const JobPolicy* job, Instant now)
      : request_(request),
        claim_by_(now + milliseconds(request->deadline_ms)),
        fetch_by_(now + milliseconds(job->release_deadline_ms)) {}

  ReleaseWants begin() { return ReleaseWants::claim; }
  ReleaseWants claimed(ClaimResult result, ServerIndex server, Instant now);
  ReleaseWants fetched(FetchResult result, Instant now);
  ReleaseWants recorded(Status status);
  // What PrintEngine::start said. busy: the printer is asked again.
  ReleaseWants started(Status status, Instant now);
  ReleaseWants cancel();
  ReleaseWants tick(Instant now);
  Instant deadline() const { return again_at_; }

  ServerIndex server() const { return server_; }  // that holds the claim; kNoServer: none
  bool printing() const { return step_ == Step::printing; }
  bool over() const { return step_ == Step::over; }
  Status why() const { return why_; }             // when it failed
  const char* reason() const { return reason_; }  // the same, for a person
  // How long the next claim or fetch may take.
  Duration claim_time(Instant now) const { return longer(claim_by_ - now, milliseconds(1)); }
  Duration fetch_time(Instant now) const { return longer(fetch_by_ - now, milliseconds(1)); }

 private:
  enum class Step : uint8_t { claiming, fetching, recording, starting, printing, over };

  ReleaseWants later(Instant at);
  ReleaseWants end(Code code, const char* reason);

  const RequestPolicy* request_;
  Step step_ = Step::claiming;
  Instant claim_by_, fetch_by_;
  Instant again_at_ = Instant::never();
  ServerIndex server_ = kNoServer;
  uint32_t fetches_ = 0;
  uint32_t claims_ = 0;
  Status why_;
  const char* reason_ = "";
};

}  // namespace holdfast::core
