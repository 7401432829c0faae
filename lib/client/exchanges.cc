// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/exchanges.h"

#include <algorithm>
#include <utility>

namespace holdfast::client {

using core::Action;
using core::Evidence;
using core::Outcome;

std::vector<JobReport> untold_reports(const Context& context, ServerIndex server) {
  std::vector<JobReport> reports;
  for (const core::RememberedJob* job : context.memory.untold(server, kReportsPerRequest)) {
    reports.push_back(
        {job->report_id, job->key, job->state, job->impressions, job->unix_ms, job->fencing_token});
  }
  return reports;
}

Result<uint32_t> Exchanges::begin(const core::RequestSpec& spec,
                                  std::shared_ptr<Operation> operation) {
  const Result<uint32_t> request = context_.failover.request(spec, context_.now);
  if (request) operations_.emplace(*request, std::move(operation));
  return request;
}

// ---- to the transport

void Exchanges::probe(const Action& action) {
  Exchange exchange;
  exchange.is_probe = true;
  exchange.core_id = action.id;
  exchange.server = action.server;
  exchange.started = context_.now;
  exchange.action = action;
  go(std::move(exchange));
}

void Exchanges::attempt(const Action& action) {
  const auto found = operations_.find(action.request);
  if (found == operations_.end()) return;
  Exchange exchange;
  exchange.core_id = action.id;
  exchange.server = action.server;
  exchange.started = context_.now;
  exchange.action = action;
  exchange.operation = found->second;
  exchange.reporting = found->second->reports_first() && context_.memory.has_untold(action.server);
  go(std::move(exchange));
}

// As soon as it is known where to. The words come after that: what waits holds no secret, and says
// what is right when it is sent.
void Exchanges::go(Exchange exchange) {
  Names::Answer answer = names.ask(exchange.server, exchange.started, exchange.action.timeout,
                                   exchange.action.last_good_address);
  switch (answer.way) {
    case Names::Way::go:
      return send(std::move(exchange), std::move(answer.addresses));
    case Names::Way::wait:
      exchange.waits_until = answer.until;
      waiting_.push_back(std::move(exchange));
      return;
    case Names::Way::not_found:
      return not_sent(exchange, TransferOutcome::name_not_found, Code::unavailable);
    case Names::Way::unavailable:
      return not_sent(exchange, TransferOutcome::name_unavailable, Code::unavailable);
  }
}

void Exchanges::go_on() {
  (void)names.tick();
  std::vector<Exchange> waited;
  waited.swap(waiting_);
  for (Exchange& exchange : waited) go(std::move(exchange));
}

Instant Exchanges::deadline() const {
  Instant at = names.deadline();
  for (const Exchange& exchange : waiting_) at = earlier(at, exchange.waits_until);
  return at;
}

WireRequest Exchanges::words(const Exchange& exchange) {
  const ServerIndex s = exchange.server;
  ServerProtocol& protocol = *context_.ports.protocol;
  if (exchange.is_probe) {
    const ServerConfig& server = context_.server(s);
    return probe_words(server.probe, server, context_.identity(s), protocol);
  }
  if (exchange.reporting) return protocol.report(context_.identity(s), untold_reports(context_, s));
  return exchange.operation->words(s);
}

void Exchanges::send(Exchange exchange, std::vector<std::string> addresses) {
  WireRequest words = this->words(exchange);
  Transfer transfer;
  transfer.id = next_transfer_++;
  if (next_transfer_ == 0) next_transfer_ = 1;
  transfer.server = exchange.server;
  transfer.method = words.method;
  transfer.url = words.target;
  transfer.headers = std::move(words.headers);
  transfer.body = std::move(words.body);
  transfer.body_is_secret = words.body_is_secret;
  if (words.body_is_secret) wipe(words.body);  // a short one was copied
  transfer.max_answer_bytes = context_.config.limit.max_answer_bytes;
  transfer.fresh_connection = exchange.action.fresh;
  transfer.addresses = std::move(addresses);
  // The core ends what is late; the transport's own limit is only a net below it.
  const Duration spent = context_.now - exchange.started;
  transfer.timeout = longer(exchange.action.timeout - spent, milliseconds(1)) + seconds(1);
  if (exchange.is_probe) {
    transfer.connect_only = context_.server(exchange.server).probe.kind == ProbeKind::tcp;
  } else if (!exchange.reporting) {
    transfer.sink = exchange.operation->sink(exchange.core_id);
    transfer.idle_timeout = exchange.operation->idle_timeout();
    if (exchange.operation->max_answer_bytes() != 0)
      transfer.max_answer_bytes = static_cast<size_t>(exchange.operation->max_answer_bytes());
  }
  const TransferId id = transfer.id;
  const Status status = context_.ports.transport->start(std::move(transfer));
  if (status.ok()) {
    under_way_.emplace(id, std::move(exchange));
  } else {
    context_.alarm(Alarm::configuration, context_.name(exchange.server) + ": " + status.message());
    not_sent(exchange, TransferOutcome::misconfigured, status);
  }
}

void Exchanges::not_sent(const Exchange& exchange, TransferOutcome outcome, Status status) {
  TransferResult result;
  result.outcome = outcome;
  result.sent = false;
  result.status = status;
  if (exchange.is_probe) {
    probe_done(exchange, result);
  } else {
    attempt_done(exchange, result);
  }
}

void Exchanges::cancel(const Action& action) {
  const bool probe = action.kind == core::ActionKind::cancel_probe;
  const auto is_it = [&](const Exchange& exchange) {
    return exchange.is_probe == probe && exchange.core_id == action.id;
  };
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), is_it), waiting_.end());
  for (auto it = under_way_.begin(); it != under_way_.end(); ++it) {
    if (!is_it(it->second)) continue;
    if (probe) names.doubt(action.server);  // it was too late
    context_.ports.transport->cancel(it->first);
    under_way_.erase(it);
    return;
  }
}

void Exchanges::finish(const Action& action) {
  const auto found = operations_.find(action.request);
  if (found == operations_.end()) return;
  const std::shared_ptr<Operation> operation = found->second;
  operations_.erase(found);
  operation->ended(action.end, action.id, action.server);
}

void Exchanges::ask_cache(const Action& action) {
  const auto found = operations_.find(action.request);
  if (found != operations_.end() && found->second->ask_cache(action.request)) return;
  context_.failover.cache_verdict(action.request, Verdict::unknown, context_.now);
}

// ---- from the transport

void Exchanges::take_results() {
  go_on();
  TransferResult result;
  while (context_.ports.transport->take(result)) {
    const auto found = under_way_.find(result.id);
    if (found == under_way_.end()) continue;
    const Exchange exchange = std::move(found->second);
    under_way_.erase(found);
    if (result.outcome == TransferOutcome::answered) {
      names.answered(exchange.server, result.address);
    } else {
      names.doubt(exchange.server);
    }
    if (!result.culprit.empty()) {
      context_.log(LogLevel::error,
                   context_.name(exchange.server) + ": can't use " + result.culprit);
    }
    if (exchange.is_probe) {
      probe_done(exchange, result);
    } else {
      attempt_done(exchange, result);
    }
    wipe(result.body);  // perhaps a receipt
    result = {};
  }
}

void Exchanges::probe_done(const Exchange& exchange, const TransferResult& result) {
  const ProbeReading reading =
      read_probe(context_.server(exchange.server), result, *context_.ports.protocol);
  if (!reading.instance_id.empty()) context_.instance[exchange.server] = reading.instance_id;
  context_.failover.probe_result(exchange.core_id, reading.evidence, context_.now);
  if (reading.evidence.outcome == Outcome::good && on_heard)
    on_heard(exchange.server, reading.health ? &*reading.health : nullptr);
}

void Exchanges::attempt_done(const Exchange& exchange, const TransferResult& result) {
  if (exchange.reporting && reports_done(exchange, result)) {
    Exchange next = exchange;
    next.reporting = context_.memory.has_untold(exchange.server);
    go(std::move(next));
    return;
  }
  const WireAnswer answer{result.http_status, &result.headers, &result.body};
  const ProblemKind problem = exchange.operation->kind_of(*context_.ports.protocol, answer);
  Evidence evidence = judge(result, problem);
  if (!exchange.reporting && result.outcome == TransferOutcome::answered) {
    if (evidence.outcome == Outcome::good) {
      const bool ours =
          exchange.operation->read(exchange.core_id, exchange.server, answer, &evidence);
      if (!ours) evidence.outcome = Outcome::garbage;
      if (ours && on_heard) on_heard(exchange.server, nullptr);
    } else {
      exchange.operation->problem(exchange.core_id, exchange.server, problem, answer);
    }
  }
  context_.failover.attempt_result(exchange.core_id, evidence, context_.now);
}

// True when the request proper may follow.
bool Exchanges::reports_done(const Exchange& exchange, const TransferResult& result) {
  if (result.outcome != TransferOutcome::answered) return false;
  const WireAnswer answer{result.http_status, &result.headers, &result.body};
  if (result.http_status < 200 || result.http_status >= 300) return false;
  const auto taken = context_.ports.protocol->read_report(answer);
  if (!taken || taken->empty()) return false;
  if (on_reported) on_reported(exchange.server, *taken);
  return true;
}

}  // namespace holdfast::client
