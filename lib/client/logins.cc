// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/logins.h"

#include <utility>

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

class Logins::LoginOperation : public Operation {
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

  bool read(uint32_t attempt, ServerIndex, const WireAnswer& answer,
            core::Evidence* evidence) override {
    Result<LoginAnswer> login = logins_.context_.ports.protocol->read_login(answer);
    if (!login) return false;
    evidence->verdict = login->verdict;
    answers_.keep(attempt, std::move(*login));
    return true;
  }

  void ended(RequestEnd end, uint32_t attempt, ServerIndex server) override {
    LoginResult result;
    result.ticket = ticket_;
    result.server = logins_.context_.name(server);
    result.status = status_of(end);
    result.local = logins_.context_.failover.local();
    const bool granted = end == RequestEnd::granted || end == RequestEnd::provisional;
    if (granted) result.verdict = Verdict::granted;
    if (end == RequestEnd::denied) result.verdict = Verdict::denied;
    if (end == RequestEnd::answered)
      result.status = Code::refused;  // an error page instead of a verdict
    result.provisional = end == RequestEnd::provisional;
    logins_.login_ended(std::move(result), answers_.of(attempt), server, request_);
  }

  void contradicted() override { logins_.contradicted(request_); }

 private:
  Logins& logins_;
  TicketId ticket_;
  Credential credential_;  // wiped with the last attempt that holds this operation
  std::string attempt_id_;
  uint32_t request_ = 0;
  Answers<LoginAnswer> answers_;
};

Result<TicketId> Logins::login(TicketId ticket, Credential credential, Duration deadline) {
  const bool password = credential.kind == CredentialKind::password;
  const size_t secret = credential.secret.reveal().size();
  if (secret == 0 || secret > 1024) return failure(Code::invalid_argument);
  if (password && (credential.user.empty() || credential.user.size() > 256))
    return failure(Code::invalid_argument);
  if (!password) credential.user.clear();
  if (context_.sessions.full()) return failure(Code::busy);
  std::string attempt_id = context_.new_uuid();
  if (attempt_id.empty()) return failure(Code::crypto_failed);

  core::RequestSpec spec;
  spec.kind = core::RequestKind::login;
  spec.password = password;
  spec.deadline = deadline;
  auto operation =
      std::make_shared<LoginOperation>(*this, ticket, std::move(credential), std::move(attempt_id));
  const Result<uint32_t> request = exchanges_.begin(spec, operation);
  if (!request) return failure(request.error());
  operation->set_request(*request);
  return ticket;
}

void Logins::login_ended(LoginResult result, const LoginAnswer* answer, ServerIndex server,
                         uint32_t request) {
  if (answer != nullptr) {
    const bool home = context_.failover.servers().at(server).home;
    result.source = home ? AnswerSource::home : AnswerSource::fallback;
    result.denial = answer->denial;
    result.retry_after_s = answer->retry_after_s;
  }
  if (result.verdict == Verdict::granted && answer != nullptr) {
    const core::Session* session =
        context_.sessions.open(server, result.provisional, result.provisional ? request : 0);
    if (session == nullptr) {
      result.verdict = Verdict::unknown;
      result.status = Code::busy;
    } else {
      result.session = session->id;
      result.user = answer->user;
      context_.users.push_back(
          {session->id, answer->user, answer->receipt, context_.server(server).cluster_id, {}});
    }
  }
  context_.listener.on_login(result);
}

void Logins::contradicted(uint32_t request) {
  const core::Session* session = context_.sessions.by_login(request);
  if (session == nullptr) return;
  const SessionId id = session->id;
  context_.log(LogLevel::warning, "home denied a login that a fallback had granted");
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
