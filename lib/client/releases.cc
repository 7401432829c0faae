// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// From the user's wish to the engine's start. What the engine says then is in release_print.cc.
#include "client/releases.h"

#include <algorithm>

#include "client/release_fetch.h"

namespace holdfast::client {

using core::ReleaseWants;

Releases::Releases(Context& context, Exchanges& exchanges, Reports& reports)
    : context_(context),
      exchanges_(exchanges),
      reports_(reports),
      alive_(std::make_shared<Releases*>(this)) {}

Releases::~Releases() { *alive_ = nullptr; }

Releases::Active* Releases::find(TicketId ticket) {
  for (const auto& active : active_)
    if (active->ticket == ticket) return active.get();
  return nullptr;
}

Result<TicketId> Releases::release(TicketId ticket, SessionId session,
                                   const std::string& job_uuid) {
  if (!can_print()) return failure(Code::unsupported);
  SessionUser* user = context_.user(session);
  const core::Session* known = context_.sessions.known(session);
  if (user == nullptr || known == nullptr) return failure(Code::not_found);
  const auto job = std::find_if(user->jobs.begin(), user->jobs.end(),
                                [&](const Job& j) { return j.key.uuid == job_uuid; });
  if (job == user->jobs.end()) return failure(Code::not_found);
  const bool under_way = std::any_of(active_.begin(), active_.end(), [&](const auto& active) {
    return active->job.key == job->key;
  });
  if (under_way || !context_.memory.offered(job->key)) return failure(Code::already_exists);
  if (active_.size() >= context_.config.job.max_releases) return failure(Code::busy);
  if (job->bytes > context_.config.job.max_document_bytes) return failure(Code::no_space);

  auto active =
      std::make_unique<Active>(&context_.config.request, &context_.config.job, context_.now);
  active->ticket = ticket;
  active->session = session;
  active->user = *user;
  active->user.jobs.clear();
  active->job = *job;
  active->prefer = known->server;
  active->attempt_id = context_.new_uuid();
  active->claim_key = context_.new_uuid();
  if (active->attempt_id.empty() || active->claim_key.empty()) return failure(Code::crypto_failed);
  const ReleaseWants wants = active->way.begin();
  active_.push_back(std::move(active));
  go_on(ticket, wants);
  return ticket;
}

void Releases::go_on(TicketId ticket, ReleaseWants wants) {
  Active* active = find(ticket);
  if (active == nullptr) return;
  switch (wants) {
    case ReleaseWants::nothing:
      return;
    case ReleaseWants::claim:
      return claim(*active);
    case ReleaseWants::fetch:
      return fetch(*active);
    case ReleaseWants::record:
      return record(*active);
    case ReleaseWants::print:
      return print(*active);
    case ReleaseWants::give_back:
      give_back(active->user, active->job.key, active->way.server(), active->claim.fencing_token);
      return fail(*active);
    case ReleaseWants::fail:
      return fail(*active);
  }
}

// ---- claim

void Releases::claim(Active& active) {
  tell(active, ReleaseStep::claiming);
  core::RequestSpec spec;
  spec.single_cluster = true;
  spec.prefer = active.prefer;
  spec.deadline = active.way.claim_time(context_.now);
  const auto request = exchanges_.begin(spec, std::make_shared<ClaimOperation>(*this, active));
  active.request = request ? *request : 0;
  if (!request)
    go_on(active.ticket,
          active.way.claimed(core::ClaimResult::unreachable, kNoServer, context_.now));
}

void Releases::claimed(TicketId ticket, core::ClaimResult result, ServerIndex server,
                       ClaimAnswer answer) {
  Active* active = find(ticket);
  if (active == nullptr) return;
  active->request = 0;
  if (result == core::ClaimResult::granted) {
    active->claim = answer;
    active->server = context_.name(server);
    active->prefer = server;
  } else {
    active->prefer = kNoServer;
  }
  go_on(ticket, active->way.claimed(result, server, context_.now));
}

void Releases::give_back(const SessionUser& user, const JobKey& key, ServerIndex server,
                         uint64_t token) {
  core::RequestSpec spec;
  spec.only = server;
  spec.background = true;
  spec.deadline = seconds(10);
  const auto request =
      exchanges_.begin(spec, std::make_shared<GiveBackOperation>(context_, user, key, token));
  (void)request;  // the lease ends by itself where this can't be sent
}

// ---- fetch

void Releases::fetch(Active& active) {
  tell(active, ReleaseStep::fetching);
  active.sink.reset();
  auto writer = context_.ports.documents->create(active.attempt_id);
  auto hash = context_.ports.crypto->sha256();
  if (!writer || !hash)
    return go_on(active.ticket, active.way.fetched(core::FetchResult::no_room, context_.now));
  active.sink = std::make_unique<Sink>(std::move(*writer), std::move(*hash));
  core::RequestSpec spec;
  spec.only = active.way.server();
  spec.bulk = true;
  spec.deadline = active.way.fetch_time(context_.now);
  const auto request = exchanges_.begin(spec, std::make_shared<FetchOperation>(*this, active));
  active.request = request ? *request : 0;
  if (!request) go_on(active.ticket, active.way.fetched(core::FetchResult::cut, context_.now));
}

void Releases::fetched(TicketId ticket, core::FetchResult result) {
  Active* active = find(ticket);
  if (active == nullptr) return;
  active->request = 0;
  if (active->sink == nullptr) return;
  if (result == core::FetchResult::complete && !active->sink->is(active->job))
    result = core::FetchResult::different;
  else if (active->sink->failed_here())
    result = core::FetchResult::no_room;
  if (result != core::FetchResult::complete) {
    active->sink.reset();
    return go_on(ticket, active->way.fetched(result, context_.now));
  }
  auto commit = std::make_unique<Commit>(active->sink->take_writer(), ticket, alive_);
  active->sink.reset();
  const Status queued = context_.ports.executor->submit(std::move(commit));
  if (!queued.ok()) committed(ticket, queued);
}

void Releases::committed(TicketId ticket, Status status) {
  Active* active = find(ticket);
  if (active == nullptr) return;
  const core::FetchResult result =
      status.ok() ? core::FetchResult::complete : core::FetchResult::no_room;
  go_on(ticket, active->way.fetched(result, context_.now));
}

// ---- record the intent, then print

void Releases::record(Active& active) {
  const Status kept = context_.memory.intend(active.job.key, active.attempt_id,
                                             active.claim.fencing_token, context_.listed_servers());
  if (!kept.ok()) {
    if (kept.code() == Code::busy)
      context_.alarm(Alarm::remembered_full, "too many unreported jobs");
    return go_on(active.ticket, active.way.recorded(kept));
  }
  const TicketId ticket = active.ticket;
  const std::string attempt_id = active.attempt_id;
  const std::shared_ptr<Releases*> alive = alive_;
  reports_.save([alive, ticket, attempt_id](Status status) {
    if (*alive == nullptr) return;
    Releases& self = **alive;
    Active* found = self.find(ticket);
    if (found == nullptr) return;
    if (!status.ok()) self.context_.memory.withdrawn(attempt_id);
    self.go_on(ticket, found->way.recorded(status));
  });
}

void Releases::print(Active& active) {
  if (active.cancelled) {
    // The intent is recorded, the engine knows nothing of it: take it back.
    context_.memory.withdrawn(active.attempt_id);
    reports_.save({});
    return go_on(active.ticket, active.way.cancel());
  }
  auto document = context_.ports.documents->open(active.attempt_id);
  Status started = document ? Status() : document.error();
  if (document) {
    PrintAttempt attempt;
    attempt.attempt_id = active.attempt_id;
    attempt.job = active.job.key;
    attempt.job_name = active.job.name;
    attempt.user_name = active.user.user.name;
    attempt.mime = active.job.mime;
    attempt.pages = active.job.pages;
    started = context_.ports.engine->start(attempt, std::move(*document));
    if (started.ok()) {
      engine_at_ = context_.now;
      tell(active, ReleaseStep::printing);
    }
  }
  const ReleaseWants wants = active.way.started(started, context_.now);
  if (!started.ok() && active.way.over()) {
    context_.memory.withdrawn(active.attempt_id);
    reports_.save({});
  }
  go_on(active.ticket, wants);
}

// ---- the end without print

void Releases::fail(Active& active) {
  drop_document(active.attempt_id);
  tell(active, ReleaseStep::failed);
  remove(active.ticket);
}

Status Releases::cancel(TicketId ticket) {
  Active* active = find(ticket);
  if (active == nullptr) return Code::not_found;
  if (active->way.printing()) {
    context_.ports.engine->cancel(active->attempt_id);
    engine_at_ = context_.now;
    return {};
  }
  active->cancelled = true;
  // While the intent is being recorded the answer is awaited; print() sees the mark.
  if (context_.memory.find_attempt(active->attempt_id) != nullptr) return {};
  if (active->request != 0) context_.failover.cancel(active->request, context_.now);
  if (Active* still = find(ticket)) go_on(ticket, still->way.cancel());
  return {};
}

void Releases::remove(TicketId ticket) {
  active_.erase(std::remove_if(active_.begin(), active_.end(),
                               [&](const auto& active) { return active->ticket == ticket; }),
                active_.end());
}

void Releases::tell(const Active& active, ReleaseStep step) {
  ReleaseUpdate update;
  update.ticket = active.ticket;
  update.job = active.job.key;
  update.step = step;
  update.server = active.server;
  update.impressions = active.impressions;
  if (step == ReleaseStep::failed) {
    update.status = active.way.why();
    update.reason = active.way.reason();
  }
  context_.listener.on_release(update);
}

void Releases::tick() {
  // Tickets, not pointers: a step may end a release and move the others.
  std::vector<TicketId> due;
  for (const auto& active : active_)
    if (active->way.deadline() <= context_.now) due.push_back(active->ticket);
  for (const TicketId ticket : due)
    if (Active* active = find(ticket)) go_on(ticket, active->way.tick(context_.now));

  if (context_.ports.engine == nullptr) return;
  engine_at_ = context_.ports.engine->poll(context_.now);
  PrintEvent event;
  while (context_.ports.engine->take(event)) {
    engine_said(event);
    event = {};
  }
}

Instant Releases::deadline() const {
  Instant next = engine_at_;
  for (const auto& active : active_) next = earlier(next, active->way.deadline());
  return next;
}

}  // namespace holdfast::client
