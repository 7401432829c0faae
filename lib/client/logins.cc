// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/logins.h"

#include <utility>

#include "core/mutants.h"

namespace holdfast::client {

using core::RequestEnd;

Status status_of(RequestEnd end) {
  switch (end) {
    case RequestEnd::answered:
    case RequestEnd::granted:
    case RequestEnd::provisional:
      return {};
    case RequestEnd::denied:
    case RequestEnd::device_refused:
      return Code::refused;
    case RequestEnd::unreachable:
      return Code::unavailable;
    case RequestEnd::timed_out:
    case RequestEnd::outcome_unknown:
    case RequestEnd::cancelled:
      return Code::timed_out;
    case RequestEnd::too_busy:
      return Code::busy;
  }
  return Code::unavailable;
}

// ---- login

class Logins::LoginOperation : public Operation,
                               public std::enable_shared_from_this<LoginOperation> {
 public:
  LoginOperation(Logins& logins, TicketId ticket, Credential credential, std::string attempt_id)
      : logins_(logins),
        ticket_(ticket),
        credential_(std::move(credential)),
        attempt_id_(std::move(attempt_id)) {}

  void set_request(uint32_t request) { request_ = request; }

  WireRequest words(ServerIndex server) override {
    Context& context = logins_.context_;
    return context.ports.protocol->login(context.identity(server), credential_, attempt_id_);
  }

  bool read(uint32_t attempt, ServerIndex server, const WireAnswer& answer,
            core::Evidence* evidence) override {
    Result<LoginAnswer> login = logins_.context_.ports.protocol->read_login(answer);
    if (!login) return false;
    evidence->verdict = login->verdict;
    if (over_) remember(*login, server);
    answers_.keep(attempt, std::move(*login));
    return true;
  }

  bool ask_cache(uint32_t request) override {
    const std::shared_ptr<LoginOperation> self = shared_from_this();
    logins_.offline_.ask(credential_, [self, request](const vault::OfflineLogin& answer) {
      Context& context = self->logins_.context_;
      self->cached_ = answer;
      context.failover.cache_verdict(request, core::verdict_of(answer.refusal), context.now);
    });
    return true;
  }

  void ended(RequestEnd end, uint32_t attempt, ServerIndex server) override {
    over_ = true;
    LoginResult result;
    result.ticket = ticket_;
    result.server = logins_.context_.name(server);
    result.status = status_of(end);
    result.local = logins_.context_.failover.local();
    result.provisional = end == RequestEnd::provisional;
    if (end == RequestEnd::granted || result.provisional) result.verdict = Verdict::granted;
    if (end == RequestEnd::denied) result.verdict = Verdict::denied;
    if (end == RequestEnd::answered)
      result.status = Code::refused;  // an error page instead of a verdict
    const LoginAnswer* const answer = answers_.of(attempt);
    if (answer != nullptr) {
      logins_.answered_by_server(result, *answer, server);
      remember(*answer, server);
    } else if (cached_) {
      logins_.answered_by_cache(result, *cached_);
    }
    if (result.verdict == Verdict::granted) logins_.open_session(result, answer, server, request_);
    logins_.context_.listener.on_login(result);
  }

  // Home has denied what the cache or another cluster had granted.
  void contradicted() override { logins_.contradicted(request_); }

 private:
  // What home says of its users is what the cache knows.
  void remember(const LoginAnswer& answer, ServerIndex server) {
    const bool home = logins_.context_.failover.servers().at(server).home;
    if (!home && !core::mutant(core::Mutant::learns_from_all)) return;
    if (answer.verdict == Verdict::granted) logins_.offline_.learn(credential_, answer.user);
    if (answer.verdict == Verdict::denied) logins_.offline_.unlearn(credential_, answer.denial);
  }

  Logins& logins_;
  TicketId ticket_;
  Credential credential_;  // wiped with the last attempt that holds this operation
  std::string attempt_id_;
  uint32_t request_ = 0;
  Answers<LoginAnswer> answers_;
  std::optional<vault::OfflineLogin> cached_;
  bool over_ = false;  // home's word may still come, and counts for the cache
};

Result<TicketId> Logins::login(TicketId ticket, Credential credential, Duration deadline) {
  const bool password = credential.kind == CredentialKind::password;
  const size_t secret = credential.secret.reveal().size();
  if (secret == 0 || secret > 1024) return failure(Code::invalid_argument);
  if (password && (credential.user.empty() || credential.user.size() > 256))
    return failure(Code::invalid_argument);
  if (!password) credential.user.clear();
  if (context_.sessions.full()) return failure(Code::busy);
  const bool emergency = password && credential.user == vault::kBreakGlassUser &&
                         !context_.config.offline.break_glass.verifier.empty();
  if (emergency && offline_.on()) return break_glass(ticket, credential, deadline);
  std::string attempt_id = context_.new_uuid();
  if (attempt_id.empty()) return failure(Code::crypto_failed);

  core::RequestSpec spec;
  spec.kind = core::RequestKind::login;
  spec.password = password;
  spec.cache = offline_.on();
  spec.deadline = deadline;
  auto operation =
      std::make_shared<LoginOperation>(*this, ticket, std::move(credential), std::move(attempt_id));
  const Result<uint32_t> request = exchanges_.begin(spec, operation);
  if (!request) return failure(request.error());
  operation->set_request(*request);
  return ticket;
}

// The cache may answer at once, when the executor is full, or later than anybody waits.
TicketId Logins::break_glass(TicketId ticket, const Credential& credential, Duration deadline) {
  if (deadline.us <= 0) deadline = milliseconds(context_.config.request.deadline_ms);
  emergencies_.push_back({ticket, context_.now + deadline, {}});
  offline_.ask(credential, [this, ticket](const vault::OfflineLogin& answer) {
    for (Emergency& one : emergencies_)
      if (one.ticket == ticket) one.answer = answer;
  });
  return ticket;
}

void Logins::tick() {
  std::vector<Emergency> all;
  all.swap(emergencies_);
  for (Emergency& one : all) {
    if (one.answer || context_.now >= one.due) {
      ended(one);
    } else {
      emergencies_.push_back(std::move(one));
    }
  }
}

Instant Logins::deadline() const {
  Instant next = Instant::never();
  for (const Emergency& one : emergencies_)
    next = earlier(next, one.answer ? context_.now : one.due);
  return next;
}

void Logins::ended(const Emergency& emergency) {
  LoginResult result;
  result.ticket = emergency.ticket;
  result.local = context_.failover.local();
  result.status = Code::timed_out;
  if (emergency.answer) {
    result.verdict = core::verdict_of(emergency.answer->refusal);
    result.status = Code::unavailable;
    if (result.verdict == Verdict::denied) result.status = Code::refused;
    if (result.verdict == Verdict::granted) result.status = {};
    answered_by_cache(result, *emergency.answer);
  }
  if (result.verdict == Verdict::granted) open_session(result, nullptr, kNoServer, 0);
  context_.listener.on_login(result);
}

void Logins::answered_by_server(LoginResult& result, const LoginAnswer& answer,
                                ServerIndex server) {
  const bool home = context_.failover.servers().at(server).home;
  result.source = home ? AnswerSource::home : AnswerSource::fallback;
  result.user = answer.user;
  result.denial = answer.denial;
  result.retry_after_s = answer.retry_after_s;
}

void Logins::answered_by_cache(LoginResult& result, const vault::OfflineLogin& answer) {
  result.source = AnswerSource::cache;
  result.user = answer.user;
  result.denial = core::denial_of(answer.refusal);
  result.retry_after_s = answer.retry_after_s;
  result.break_glass = answer.break_glass;
}

void Logins::open_session(LoginResult& result, const LoginAnswer* answer, ServerIndex server,
                          uint32_t request) {
  // Only home's own word can't be contradicted any more.
  const bool final = answer != nullptr && !result.provisional;
  const core::Session* session =
      context_.sessions.open(answer != nullptr ? server : kNoServer, !final, final ? 0 : request);
  if (session == nullptr) {
    result.verdict = Verdict::unknown;
    result.status = Code::busy;
    result.user = {};
    return;
  }
  result.session = session->id;
  SessionUser user;
  user.id = session->id;
  user.user = result.user;
  if (answer != nullptr) {
    user.receipt = answer->receipt;
    user.cluster_id = context_.server(server).cluster_id;
  }
  context_.users.push_back(std::move(user));
}

void Logins::revoked(const std::string& user_uid) {
  if (core::mutant(core::Mutant::revoked_session)) return;
  std::vector<SessionId> sessions;
  for (const SessionUser& user : context_.users)
    if (user.user.user_uid == user_uid) sessions.push_back(user.id);
  for (const SessionId id : sessions) {
    context_.forget(id);
    context_.listener.on_session_end(id, SessionEnd::revoked);
  }
}

void Logins::contradicted(uint32_t request) {
  const core::Session* session = context_.sessions.by_login(request);
  if (session == nullptr) return;
  const SessionId id = session->id;
  context_.log(LogLevel::warning, "home denied a login that was granted without it");
  if (const SessionUser* user = context_.user(id))
    offline_.note(AuditKind::session_ended_by_home, "", user->user.user_uid);
  context_.forget(id);
  context_.listener.on_session_end(id, SessionEnd::denied_by_home);
}

void Logins::expired(SessionId session) {
  if (context_.sessions.known(session) == nullptr) return;
  context_.forget(session);
  context_.listener.on_session_end(session, SessionEnd::expired);
}

// ---- logout

// Tells the server that signed the receipt; whether it hears it changes nothing here.
class Logins::LogoutOperation : public Operation {
 public:
  LogoutOperation(Context& context, UserProof proof)
      : context_(context), proof_(std::move(proof)) {}
  ~LogoutOperation() override { wipe(proof_.receipt); }

  WireRequest words(ServerIndex server) override {
    return context_.ports.protocol->logout(context_.identity(server), proof_);
  }
  bool read(uint32_t, ServerIndex, const WireAnswer&, core::Evidence*) override { return true; }
  void ended(RequestEnd, uint32_t, ServerIndex) override {}

 private:
  Context& context_;
  UserProof proof_;
};

Status Logins::logout(SessionId session) {
  const core::Session* known = context_.sessions.known(session);
  SessionUser* user = context_.user(session);
  if (known == nullptr || user == nullptr) return Code::not_found;
  const ServerIndex server = known->server;
  if (server != kNoServer && context_.failover.servers().listed(server) &&
      context_.server(server).cluster_id == user->cluster_id) {
    core::RequestSpec spec;
    spec.only = server;
    spec.background = true;
    spec.deadline = seconds(5);
    const auto request = exchanges_.begin(
        spec, std::make_shared<LogoutOperation>(context_, context_.proof(*user, server)));
    (void)request;
  }
  context_.forget(session);
  context_.listener.on_session_end(session, SessionEnd::logout);
  return {};
}

// ---- the user's jobs

class Logins::JobsOperation : public Operation {
 public:
  JobsOperation(Logins& logins, TicketId ticket, SessionId session, SessionUser user)
      : logins_(logins), ticket_(ticket), session_(session), user_(std::move(user)) {}
  ~JobsOperation() override { wipe(user_.receipt); }

  WireRequest words(ServerIndex server) override {
    Context& context = logins_.context_;
    return context.ports.protocol->jobs(context.identity(server), context.proof(user_, server));
  }

  bool read(uint32_t attempt, ServerIndex, const WireAnswer& answer, core::Evidence*) override {
    Context& context = logins_.context_;
    Result<std::vector<Job>> jobs = context.ports.protocol->read_jobs(answer);
    if (!jobs || jobs->size() > context.config.limit.max_list_jobs) return false;
    for (const Job& job : *jobs)
      if (job.key.user_uid != user_.user.user_uid) return false;  // somebody else's list
    answers_.keep(attempt, std::move(*jobs));
    return true;
  }

  void problem(uint32_t attempt, ServerIndex server, ProblemKind kind, const WireAnswer&) override {
    Context& context = logins_.context_;
    const bool own = context.server(server).cluster_id == user_.cluster_id;
    if (kind == ProblemKind::user_session && own) expired_by_ = attempt;
  }

  void ended(RequestEnd end, uint32_t attempt, ServerIndex server) override {
    JobsResult result;
    result.ticket = ticket_;
    result.session = session_;
    result.server = logins_.context_.name(server);
    result.status = status_of(end);
    if (std::vector<Job>* jobs = answers_.of(attempt)) {
      result.jobs = std::move(*jobs);
    } else if (result.status.ok()) {
      result.status = Code::refused;
    }
    const bool expired = expired_by_ != 0 && expired_by_ == attempt;
    Logins& logins = logins_;
    const SessionId session = session_;
    logins.jobs_ended(std::move(result), server);
    if (expired) logins.expired(session);
  }

  bool reports_first() const override { return true; }

 private:
  Logins& logins_;
  TicketId ticket_;
  SessionId session_;
  SessionUser user_;
  uint32_t expired_by_ = 0;
  Answers<std::vector<Job>> answers_;
};

Result<TicketId> Logins::jobs(TicketId ticket, SessionId session, Duration deadline) {
  const core::Session* known = context_.sessions.known(session);
  const SessionUser* user = context_.user(session);
  if (known == nullptr || user == nullptr) return failure(Code::not_found);
  core::RequestSpec spec;
  spec.prefer = known->server;
  spec.deadline = deadline;
  SessionUser copy = *user;
  copy.jobs.clear();
  const Result<uint32_t> request = exchanges_.begin(
      spec, std::make_shared<JobsOperation>(*this, ticket, session, std::move(copy)));
  if (!request) return failure(request.error());
  return ticket;
}

void Logins::jobs_ended(JobsResult result, ServerIndex server) {
  std::vector<Job> offered;
  for (Job& job : result.jobs)
    if (context_.memory.offered(job.key)) offered.push_back(std::move(job));
  result.jobs = std::move(offered);
  SessionUser* user = context_.user(result.session);
  if (user != nullptr && result.status.ok()) {
    user->jobs = result.jobs;
    context_.sessions.served(result.session, server);
  }
  context_.listener.on_jobs(result);
}

}  // namespace holdfast::client
