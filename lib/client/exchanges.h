// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Carries the core's probes and attempts to the transport, and their results back.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/context.h"
#include "client/evidence.h"
#include "client/names.h"
#include "client/operation.h"

namespace holdfast::client {

class Exchanges {
 public:
  explicit Exchanges(Context& context) : names(context), context_(context) {}

  // Asks the core for a place; the operation's end comes from a later pump. busy when too many are
  // under way.
  Result<uint32_t> begin(const core::RequestSpec& spec, std::shared_ptr<Operation> operation);

  // The core's actions of that kind.
  void probe(const core::Action& action);
  void attempt(const core::Action& action);
  void cancel(const core::Action& action);
  void finish(const core::Action& action);
  void ask_cache(const core::Action& action);

  // Hands each result of the transport to the core, and sends what has waited for a name.
  void take_results();
  // When take_results() has something to do by time alone.
  Instant deadline() const;

  Names names;

  // Set by the client: a server answered as one of ours, and said this of itself (null: nothing,
  // since it was asked something else); printed jobs were reported.
  std::function<void(ServerIndex, const HealthAnswer*)> on_heard;
  std::function<void(ServerIndex, const std::vector<std::string>&)> on_reported;

 private:
  struct Exchange {
    bool is_probe = false;
    bool reporting = false;  // the reports go first; the request proper follows
    uint32_t core_id = 0;    // the core's id of the probe or attempt
    ServerIndex server = kNoServer;
    Instant started{};
    core::Action action;
    std::shared_ptr<Operation> operation;
    Instant waits_until{};  // for its server's addresses
  };

  void go(Exchange exchange);
  void go_on();
  WireRequest words(const Exchange& exchange);
  void send(Exchange exchange, std::vector<std::string> addresses);
  void not_sent(const Exchange& exchange, TransferOutcome outcome, Status status);
  void probe_done(const Exchange& exchange, const TransferResult& result);
  void attempt_done(const Exchange& exchange, const TransferResult& result);
  bool reports_done(const Exchange& exchange, const TransferResult& result);

  Context& context_;
  std::map<TransferId, Exchange> under_way_;
  std::vector<Exchange> waiting_;                              // for a name; few
  std::map<uint32_t, std::shared_ptr<Operation>> operations_;  // by the core's request
  TransferId next_transfer_ = 1;
};

// At most so many reports in one request (docs/protocol).
constexpr size_t kReportsPerRequest = 50;
std::vector<JobReport> untold_reports(const Context& context, ServerIndex server);

}  // namespace holdfast::client
