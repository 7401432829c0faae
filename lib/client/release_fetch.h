// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One release under way, and the requests it makes.
#pragma once

#include <memory>
#include <string>

#include "base/hex.h"
#include "client/releases.h"

namespace holdfast::client {

// Takes a document in: stores, hashes and counts it on the way.
class Releases::Sink : public BodySink {
 public:
  Sink(std::unique_ptr<DocumentWriter> writer, std::unique_ptr<Sha256> hash)
      : writer_(std::move(writer)), hash_(std::move(hash)) {}

  Status write(const uint8_t* data, size_t size) override {
    const Status hashed = hash_->update(data, size);
    if (!hashed.ok()) return hashed;
    const Status written = writer_->write(data, size);
    if (!written.ok()) local_failure_ = true;
    bytes_ += size;
    return written;
  }

  // Once, at the end.
  bool is(const Job& job) {
    const Result<Sha256Digest> digest = hash_->finish();
    return digest && bytes_ == job.bytes &&
           hex_encode(digest->data(), digest->size()) == job.key.sha256;
  }
  bool failed_here() const { return local_failure_; }
  std::unique_ptr<DocumentWriter> take_writer() { return std::move(writer_); }

 private:
  std::unique_ptr<DocumentWriter> writer_;
  std::unique_ptr<Sha256> hash_;
  uint64_t bytes_ = 0;
  bool local_failure_ = false;
};

struct Releases::Active {
  TicketId ticket = TicketId::none;
  SessionUser user;
  SessionId session = SessionId::none;
  Job job;
  std::string attempt_id;  // also the document's name on the device
  std::string claim_key;
  core::Release way;
  ServerIndex prefer = kNoServer;
  ClaimAnswer claim;
  uint32_t request = 0;  // under way at the core
  std::unique_ptr<Sink> sink;
  bool cancelled = false;
  ReleaseStep step = ReleaseStep::claiming;
  std::string server;
  uint32_t impressions = 0;

  Active(const RequestPolicy* request_policy, const JobPolicy* job_policy, Instant now)
      : way(request_policy, job_policy, now) {}
  ~Active() { wipe(user.receipt); }
};

class Releases::ClaimOperation : public Operation {
 public:
  ClaimOperation(Releases& releases, const Active& active)
      : releases_(releases),
        ticket_(active.ticket),
        user_(active.user),
        key_(active.job.key),
        claim_key_(active.claim_key) {}
  ~ClaimOperation() override { wipe(user_.receipt); }

  WireRequest words(ServerIndex server) override {
    Context& context = releases_.context_;
    return context.ports.protocol->claim(context.identity(server), context.proof(user_, server),
                                         key_, claim_key_);
  }
  bool read(uint32_t attempt, ServerIndex, const WireAnswer& answer, core::Evidence*) override {
    Result<ClaimAnswer> claim = releases_.context_.ports.protocol->read_claim(answer);
    if (!claim) return false;
    answers_.keep(attempt, std::move(*claim));
    return true;
  }
  void problem(uint32_t attempt, ServerIndex, ProblemKind kind, const WireAnswer& answer) override {
    problems_.keep(attempt, {kind, answer.http_status});
  }
  void ended(core::RequestEnd end, uint32_t attempt, ServerIndex server) override {
    ClaimAnswer answer;
    core::ClaimResult result = core::ClaimResult::unreachable;
    if (const ClaimAnswer* claim = answers_.of(attempt)) {
      answer = *claim;
      result = core::ClaimResult::granted;
    } else if (const auto* problem = problems_.of(attempt)) {
      result = meaning(problem->first, problem->second);
    } else if (end == core::RequestEnd::device_refused) {
      result = core::ClaimResult::refused;
    }
    releases_.claimed(ticket_, result, server, answer);
  }

 private:
  static core::ClaimResult meaning(ProblemKind kind, int status) {
    switch (kind) {
      case ProblemKind::job_claimed:
        return core::ClaimResult::taken;
      case ProblemKind::job_ended:
        return core::ClaimResult::ended;
      case ProblemKind::job_unknown:
      case ProblemKind::identity_conflict:
        return core::ClaimResult::unknown_job;
      case ProblemKind::user_session:
        return core::ClaimResult::refused;
      default:
        break;
    }
    if (status >= 500) return core::ClaimResult::unreachable;
    return status == 404 || status == 410 ? core::ClaimResult::unknown_job
                                          : core::ClaimResult::refused;
  }

  Releases& releases_;
  TicketId ticket_;
  SessionUser user_;
  JobKey key_;
  std::string claim_key_;
  Answers<ClaimAnswer> answers_;
  Answers<std::pair<ProblemKind, int>> problems_;
};

class Releases::FetchOperation : public Operation {
 public:
  FetchOperation(Releases& releases, const Active& active)
      : releases_(releases),
        ticket_(active.ticket),
        user_(active.user),
        key_(active.job.key),
        bytes_(active.job.bytes),
        token_(active.claim.fencing_token) {}
  ~FetchOperation() override { wipe(user_.receipt); }

  WireRequest words(ServerIndex server) override {
    Context& context = releases_.context_;
    return context.ports.protocol->document(context.identity(server), context.proof(user_, server),
                                            key_, token_);
  }
  bool read(uint32_t, ServerIndex, const WireAnswer&, core::Evidence*) override {
    whole_ = true;
    return true;
  }
  void problem(uint32_t, ServerIndex, ProblemKind kind, const WireAnswer& answer) override {
    const int status = answer.http_status;
    if (kind == ProblemKind::fencing_stale)
      result_ = core::FetchResult::overtaken;
    else if (status == 404 || status == 410)
      result_ = core::FetchResult::gone;
  }
  void ended(core::RequestEnd, uint32_t, ServerIndex) override {
    releases_.fetched(ticket_, whole_ ? core::FetchResult::complete : result_);
  }
  BodySink* sink(uint32_t) override {
    Active* active = releases_.find(ticket_);
    return active != nullptr ? active->sink.get() : nullptr;
  }
  Duration idle_timeout() const override {
    return milliseconds(releases_.context_.config.job.document_idle_ms);
  }
  uint64_t max_answer_bytes() const override { return bytes_ + 1; }

 private:
  Releases& releases_;
  TicketId ticket_;
  SessionUser user_;
  JobKey key_;
  uint64_t bytes_;
  uint64_t token_;
  bool whole_ = false;
  core::FetchResult result_ = core::FetchResult::cut;
};

class Releases::GiveBackOperation : public Operation {
 public:
  GiveBackOperation(Context& context, SessionUser user, JobKey key, uint64_t token)
      : context_(context), user_(std::move(user)), key_(std::move(key)), token_(token) {}
  ~GiveBackOperation() override { wipe(user_.receipt); }

  WireRequest words(ServerIndex server) override {
    return context_.ports.protocol->unclaim(context_.identity(server),
                                            context_.proof(user_, server), key_, token_);
  }
  bool read(uint32_t, ServerIndex, const WireAnswer&, core::Evidence*) override { return true; }
  void ended(core::RequestEnd, uint32_t, ServerIndex) override {}

 private:
  Context& context_;
  SessionUser user_;
  JobKey key_;
  uint64_t token_;
};

// Makes the document whole and durable; may block.
class Releases::Commit : public Task {
 public:
  Commit(std::unique_ptr<DocumentWriter> writer, TicketId ticket,
         std::shared_ptr<Releases*> releases)
      : writer_(std::move(writer)), ticket_(ticket), releases_(std::move(releases)) {}

  void run() noexcept override { status_ = writer_->commit(); }
  void finish() noexcept override {
    writer_.reset();
    if (*releases_ != nullptr) (*releases_)->committed(ticket_, status_);
  }

 private:
  std::unique_ptr<DocumentWriter> writer_;
  TicketId ticket_;
  std::shared_ptr<Releases*> releases_;
  Status status_;
};

}  // namespace holdfast::client
