// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/exchanges.h"

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
  const ServerConfig& server = context_.server(action.server);
  send(std::move(exchange), probe_words(server.probe, server, context_.identity(action.server),
                                        *context_.ports.protocol));
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
  send_words(std::move(exchange));
}

void Exchanges::send_words(Exchange exchange) {
  const WireRequest words = exchange.reporting ? context_.ports.protocol->report(
                                                     context_.identity(exchange.server),
                                                     untold_reports(context_, exchange.server))
                                               : exchange.operation->words(exchange.server);
  send(std::move(exchange), words);
}

void Exchanges::send(Exchange exchange, const WireRequest& words) {
  Transfer transfer;
  transfer.id = next_transfer_++;
  if (next_transfer_ == 0) next_transfer_ = 1;
  transfer.server = exchange.server;
  transfer.method = words.method;
  transfer.url = words.target;
  transfer.headers = words.headers;
  transfer.body = words.body;
  transfer.body_is_secret = words.body_is_secret;
  transfer.max_answer_bytes = context_.config.limit.max_answer_bytes;
  transfer.fresh_connection = exchange.action.fresh;
  transfer.use_last_good_address = exchange.action.last_good_address;
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
    could_not_send(exchange, status);
  }
}

void Exchanges::could_not_send(const Exchange& exchange, Status status) {
  TransferResult result;
  result.outcome = TransferOutcome::misconfigured;
  result.sent = false;
  result.status = status;
  context_.alarm(Alarm::configuration, context_.name(exchange.server) + ": " + status.message());
  if (exchange.is_probe) {
    probe_done(exchange, result);
  } else {
    attempt_done(exchange, result);
  }
}

void Exchanges::cancel(const Action& action) {
  const bool probe = action.kind == core::ActionKind::cancel_probe;
  for (auto it = under_way_.begin(); it != under_way_.end(); ++it) {
    if (it->second.is_probe != probe || it->second.core_id != action.id) continue;
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

// ---- from the transport

void Exchanges::take_results() {
  TransferResult result;
  while (context_.ports.transport->take(result)) {
    const auto found = under_way_.find(result.id);
    if (found == under_way_.end()) continue;
    const Exchange exchange = std::move(found->second);
    under_way_.erase(found);
    if (result.outcome == TransferOutcome::answered && !result.address.empty())
      context_.last_address[exchange.server] = result.address;
    if (exchange.is_probe) {
      probe_done(exchange, result);
    } else {
      attempt_done(exchange, result);
    }
    result = {};
  }
}

void Exchanges::probe_done(const Exchange& exchange, const TransferResult& result) {
  const ProbeReading reading =
      read_probe(context_.server(exchange.server), result, *context_.ports.protocol);
  if (!reading.instance_id.empty()) context_.instance[exchange.server] = reading.instance_id;
  context_.failover.probe_result(exchange.core_id, reading.evidence, context_.now);
  if (reading.servers_version != 0 && on_servers_version)
    on_servers_version(exchange.server, reading.servers_version);
}

void Exchanges::attempt_done(const Exchange& exchange, const TransferResult& result) {
  if (exchange.reporting && reports_done(exchange, result)) {
    Exchange next = exchange;
    next.reporting = context_.memory.has_untold(exchange.server);
    send_words(std::move(next));
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
