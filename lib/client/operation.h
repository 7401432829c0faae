// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a request is about: its words to each server, and what to do with the answer. One object for
// a request, however many attempts the core makes.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "core/words.h"
#include "holdfast/ports/protocol.h"
#include "holdfast/ports/transport.h"

namespace holdfast::client {

class Operation {
 public:
  virtual ~Operation() = default;

  virtual WireRequest words(ServerIndex server) = 0;
  // Reads a 2xx answer, fills evidence.verdict where there is one, and keeps what it says under
  // `attempt`. false: this isn't an answer of ours.
  virtual bool read(uint32_t attempt, ServerIndex server, const WireAnswer& answer,
                    core::Evidence* evidence) = 0;
  // Any other answer with an HTTP status, before it becomes the request's end.
  virtual void problem(uint32_t attempt, ServerIndex server, ProblemKind kind,
                       const WireAnswer& answer) {
    (void)attempt, (void)server, (void)kind, (void)answer;
  }
  // What an answer that isn't 2xx says beyond its status.
  virtual ProblemKind kind_of(ServerProtocol& protocol, const WireAnswer& answer) {
    return protocol.read_problem(answer);
  }
  // The request ended; `attempt` is the one whose answer counts (0: none). Called once.
  virtual void ended(core::RequestEnd end, uint32_t attempt, ServerIndex server) = 0;
  virtual void contradicted() {}
  // A login that the credential cache may answer; true: Failover::cache_verdict() will be called.
  virtual bool ask_cache(uint32_t request) {
    (void)request;
    return false;
  }

  // For a document: where its bytes go, and how long none may come.
  virtual BodySink* sink(uint32_t attempt) {
    (void)attempt;
    return nullptr;
  }
  virtual Duration idle_timeout() const { return {0}; }
  virtual uint64_t max_answer_bytes() const { return 0; }  // 0: the configured limit
  // The server must have heard of what was printed before it is asked.
  virtual bool reports_first() const { return false; }
};

// What each attempt's answer said, until one of them counts.
template <class T>
class Answers {
 public:
  void keep(uint32_t attempt, T value) { kept_.insert_or_assign(attempt, std::move(value)); }
  T* of(uint32_t attempt) {
    const auto found = kept_.find(attempt);
    return found == kept_.end() ? nullptr : &found->second;
  }

 private:
  std::map<uint32_t, T> kept_;
};

}  // namespace holdfast::client
