// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What the print engine says of an attempt, in this run of the device or after a restart.
#include "client/release_fetch.h"
#include "client/releases.h"

namespace holdfast::client {

using core::AttemptPhase;

void Releases::resume() {
  std::vector<std::string> open;
  for (const core::RememberedJob& job : context_.memory.all())
    if (job.phase != AttemptPhase::final) open.push_back(job.attempt_id);
  for (const std::string& attempt_id : open) {
    const core::RememberedJob* job = context_.memory.find_attempt(attempt_id);
    PrintAttempt attempt;
    attempt.attempt_id = attempt_id;
    attempt.job = job->key;
    const Status asked = context_.ports.engine != nullptr
                             ? context_.ports.engine->reattach(attempt, job->engine_job)
                             : Status(Code::unsupported);
    if (!asked.ok()) unknown_after_restart(attempt_id);
  }
  // A document is of use only to an attempt in this run; servers still have those that weren't
  // printed.
  if (context_.ports.documents == nullptr) return;
  const auto documents = context_.ports.documents->list();
  if (!documents) return;
  for (const std::string& id : *documents) drop_document(id);
}

void Releases::unknown_after_restart(const std::string& attempt_id) {
  PrintEvent event;
  event.attempt_id = attempt_id;
  event.phase = PrintPhase::unknown;
  event.reason = "the engine can't be asked what became of it";
  engine_ended(event, JobState::unknown);
}

void Releases::engine_said(const PrintEvent& event) {
  Active* active = by_attempt(event.attempt_id);
  if (active != nullptr && event.impressions > active->impressions)
    active->impressions = event.impressions;
  switch (event.phase) {
    case PrintPhase::accepted:
      if (context_.memory.started(event.attempt_id, event.engine_job)) reports_.save({});
      return;
    case PrintPhase::printing:
      context_.memory.progressed(event.attempt_id, event.impressions);
      if (active != nullptr) tell(*active, ReleaseStep::printing);
      return;
    case PrintPhase::completed:
      return engine_ended(event, JobState::completed);
    case PrintPhase::canceled:
      return engine_ended(event, JobState::canceled);
    case PrintPhase::aborted:
      return engine_ended(event, JobState::aborted);
    case PrintPhase::unknown:
      return engine_ended(event, JobState::unknown);
    case PrintPhase::not_started:
      break;
  }
  // Certainly nothing came out: the job is offered again.
  if (!context_.memory.withdrawn(event.attempt_id)) return;
  reports_.save({});
  if (active == nullptr) return;
  give_back(active->user, active->job.key, active->way.server(), active->claim.fencing_token);
  ReleaseUpdate update;
  update.ticket = active->ticket;
  update.job = active->job.key;
  update.step = ReleaseStep::failed;
  update.server = active->server;
  update.reason = event.reason;
  update.status = Code::unavailable;
  drop_document(active->attempt_id);
  remove(active->ticket);
  context_.listener.on_release(update);
}

// The end is told when it is durable: what the panel showed as printed stays printed after a power
// cut.
void Releases::engine_ended(const PrintEvent& event, JobState state) {
  if (!context_.memory.ended(event.attempt_id, state, event.impressions, context_.new_uuid(),
                             context_.unix_ms()))
    return;
  const std::shared_ptr<Releases*> alive = alive_;
  reports_.save([alive, event, state](Status) {
    if (*alive != nullptr) (*alive)->end(event.attempt_id, state, event);
  });
}

void Releases::end(const std::string& attempt_id, JobState state, const PrintEvent& event) {
  drop_document(attempt_id);
  const core::RememberedJob* job = context_.memory.find_attempt(attempt_id);
  if (job == nullptr) return;
  ReleaseUpdate update;
  update.job = job->key;
  update.step = ReleaseStep::done;
  update.state = state;
  update.impressions = job->impressions;
  update.reason = event.reason;
  if (const Active* active = by_attempt(attempt_id)) {
    update.ticket = active->ticket;
    update.server = active->server;
    remove(active->ticket);
  }
  context_.listener.on_release(update);
  if (state == JobState::unknown)
    context_.alarm(Alarm::job_unknown, update.job.uuid + ": " + event.reason);
}

Status Releases::resolve(const JobKey& job, Resolution resolution) {
  const Status resolved =
      context_.memory.resolve(job, resolution, context_.new_uuid(), context_.unix_ms());
  if (resolved.ok()) reports_.save({});
  return resolved;
}

// What can't be removed now is cleared at the next start.
void Releases::drop_document(const std::string& id) {
  if (context_.ports.documents == nullptr) return;
  const Status removed = context_.ports.documents->remove(id);
  if (!removed.ok())
    context_.log(LogLevel::warning,
                 std::string("a document can't be removed: ") + removed.message());
}

Releases::Active* Releases::by_attempt(const std::string& attempt_id) {
  for (const auto& active : active_)
    if (active->attempt_id == attempt_id) return active.get();
  return nullptr;
}

}  // namespace holdfast::client
