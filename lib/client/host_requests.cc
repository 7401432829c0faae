// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/host_requests.h"

#include <algorithm>
#include <utility>

#include "client/logins.h"

namespace holdfast::client {
namespace {

core::Repeat repeat_of(Repeat repeat) {
  switch (repeat) {
    case Repeat::safe:
      return core::Repeat::safe;
    case Repeat::keyed:
      return core::Repeat::keyed;
    case Repeat::never:
      break;
  }
  return core::Repeat::never;
}

bool has_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

bool well_formed(const HostRequest& request) {
  if (request.method.empty() || request.target.empty() || request.target[0] != '/') return false;
  const bool one_token = std::all_of(request.method.begin(), request.method.end(),
                                     [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!one_token || has_control(request.target) || request.target.find(' ') != std::string::npos)
    return false;
  return std::none_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
    return header.first.empty() || has_control(header.first) || has_control(header.second);
  });
}

}  // namespace

class HostRequests::HostOperation : public Operation {
 public:
  HostOperation(Context& context, TicketId ticket, HostRequest request)
      : context_(context), ticket_(ticket), request_(std::move(request)) {}
  ~HostOperation() override {
    if (request_.body_is_secret) wipe(request_.body);
  }

  WireRequest words(ServerIndex) override {
    return {request_.method, request_.target, request_.headers, request_.body,
            request_.body_is_secret};
  }
  // Whose refusal a 401 or 403 is only the host can tell: to the core it is an answer like others.
  ProblemKind kind_of(ServerProtocol&, const WireAnswer& answer) override {
    const bool refusal = answer.http_status == 401 || answer.http_status == 403;
    return refusal ? ProblemKind::user_session : ProblemKind::none;
  }
  bool read(uint32_t attempt, ServerIndex, const WireAnswer& answer, core::Evidence*) override {
    keep(attempt, answer);
    return true;
  }
  void problem(uint32_t attempt, ServerIndex, ProblemKind, const WireAnswer& answer) override {
    keep(attempt, answer);
  }
  void ended(core::RequestEnd end, uint32_t attempt, ServerIndex server) override {
    RequestResult result;
    result.ticket = ticket_;
    result.status = status_of(end);
    result.maybe_done = end == core::RequestEnd::outcome_unknown ||
                        (end == core::RequestEnd::timed_out && request_.method != "GET");
    if (RequestResult* answer = answers_.of(attempt)) {
      result.server = context_.name(server);
      result.http_status = answer->http_status;
      result.headers = std::move(answer->headers);
      result.body = std::move(answer->body);
    }
    context_.listener.on_request(result);
  }

 private:
  void keep(uint32_t attempt, const WireAnswer& answer) {
    RequestResult kept;
    kept.http_status = answer.http_status;
    kept.headers = *answer.headers;
    kept.body = *answer.body;
    answers_.keep(attempt, std::move(kept));
  }

  Context& context_;
  TicketId ticket_;
  HostRequest request_;
  Answers<RequestResult> answers_;
};

Result<TicketId> HostRequests::request(TicketId ticket, HostRequest request, Duration deadline) {
  if (!well_formed(request)) return failure(Code::invalid_argument);
  core::RequestSpec spec;
  spec.repeat = repeat_of(request.repeat);
  spec.deadline = deadline;
  if (request.session != SessionId::none) {
    const core::Session* session = context_.sessions.known(request.session);
    if (session == nullptr) return failure(Code::not_found);
    spec.prefer = session->server;
  }
  const auto begun =
      exchanges_.begin(spec, std::make_shared<HostOperation>(context_, ticket, std::move(request)));
  if (!begun) return failure(begun.error());
  return ticket;
}

}  // namespace holdfast::client
