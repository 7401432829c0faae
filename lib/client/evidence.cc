// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/evidence.h"

#include "base/prng.h"
#include "base/text.h"
#include "codec/ipp/ipp.h"
#include "codec/probe_answer.h"
#include "codec/url.h"

namespace holdfast::client {
namespace {

using core::Evidence;
using core::Outcome;

Outcome transport_outcome(TransferOutcome outcome) {
  switch (outcome) {
    case TransferOutcome::answered:
      return Outcome::good;
    case TransferOutcome::refused:
      return Outcome::refused;
    case TransferOutcome::timed_out:
      return Outcome::timed_out;
    case TransferOutcome::unreachable:
      return Outcome::unreachable;
    case TransferOutcome::name_not_found:
      return Outcome::name_not_found;
    case TransferOutcome::name_unavailable:
      return Outcome::name_unavailable;
    case TransferOutcome::tls_untrusted:
      return Outcome::untrusted;
    case TransferOutcome::tls_not_yet_valid:
      return Outcome::not_yet_valid;
    case TransferOutcome::own_certificate:
      return Outcome::device_refused;
    case TransferOutcome::too_large:
      return Outcome::garbage;
    case TransferOutcome::misconfigured:
      return Outcome::misconfigured;
  }
  return Outcome::garbage;
}

Outcome status_outcome(int status, ProblemKind problem) {
  switch (status) {
    case 401:
    case 403:
      // A user's session has its own problems; what isn't said to be one is about the device.
      return problem == ProblemKind::user_session ? Outcome::client_error : Outcome::device_refused;
    case 404:
      return Outcome::not_found;
    case 408:
      return Outcome::request_timeout;
    case 429:
      return Outcome::too_many;
    case 502:
    case 504:
      return Outcome::bad_gateway;
    case 503:
      return problem == ProblemKind::not_active ? Outcome::not_active : Outcome::unavailable;
    default:
      break;
  }
  if (status >= 200 && status < 300) return Outcome::good;
  if (status >= 400 && status < 500) return Outcome::client_error;
  if (status >= 500) return Outcome::server_error;
  return Outcome::garbage;  // redirects are never followed
}

// The ipp: name of what stands at an http: address (RFC 8010, 4.2). With its port, because ipp's
// own default is another than http's.
std::string printer_uri(const std::string& server_url, const std::string& path) {
  codec::ServerUrl url;
  if (!codec::parse_server_url(server_url, url))
    return {};  // a valid configuration's always parses
  const std::string host = url.ipv6 ? "[" + url.host + "]" : url.host;
  return (url.https ? "ipps://" : "ipp://") + host + ":" + std::to_string(url.port) + url.base +
         path;
}

}  // namespace

uint32_t retry_after_s(const Headers& headers) {
  for (const auto& [name, value] : headers) {
    uint64_t seconds = 0;
    if (name == "retry-after" && parse_decimal(value, UINT32_MAX, seconds))
      return static_cast<uint32_t>(seconds);
  }
  return 0;
}

Evidence judge(const TransferResult& result, ProblemKind problem) {
  Evidence evidence;
  evidence.sent = result.sent;
  evidence.outcome = result.outcome == TransferOutcome::answered
                         ? status_outcome(result.http_status, problem)
                         : transport_outcome(result.outcome);
  evidence.retry_after_s = retry_after_s(result.headers);
  // A draining node that says until when is believed; one that doesn't is only known not to be
  // active.
  if (evidence.outcome == Outcome::not_active && evidence.retry_after_s > 0)
    evidence.outcome = Outcome::unavailable;
  return evidence;
}

WireRequest probe_words(const ProbeConfig& probe, const ServerConfig& server,
                        const DeviceIdentity& device, ServerProtocol& protocol) {
  WireRequest request;
  switch (probe.kind) {
    case ProbeKind::protocol:
      return protocol.health(device);
    case ProbeKind::tcp:
      break;
    case ProbeKind::http:
      request.target = probe.path;
      break;
    case ProbeKind::ipp:
      request.method = "POST";
      request.target = probe.path;
      request.headers.emplace_back("Content-Type", "application/ipp");
      request.body = codec::ipp_probe_request(printer_uri(server.url, probe.path));
      break;
  }
  return request;
}

ProbeReading read_probe(const ServerConfig& server, const TransferResult& result,
                        ServerProtocol& protocol) {
  ProbeReading reading;
  const WireAnswer answer{result.http_status, &result.headers, &result.body};
  const ProbeConfig& probe = server.probe;
  reading.evidence = judge(result, protocol.read_problem(answer));
  if (result.outcome != TransferOutcome::answered) return reading;
  Outcome& outcome = reading.evidence.outcome;
  switch (probe.kind) {
    case ProbeKind::tcp:
      outcome = Outcome::good;
      return reading;
    case ProbeKind::http:
      if (static_cast<uint32_t>(result.http_status) != probe.expect_status) {
        if (outcome == Outcome::good) outcome = Outcome::garbage;
      } else {
        const bool fits =
            probe.json_pointer.empty() ||
            codec::probe_body_matches(result.body, probe.json_pointer, probe.json_value);
        outcome = fits ? Outcome::good : Outcome::garbage;
      }
      return reading;
    case ProbeKind::ipp:
      if (outcome == Outcome::good && !codec::ipp_answer_ok(result.body))
        outcome = Outcome::garbage;
      return reading;
    case ProbeKind::protocol:
      break;
  }
  if (outcome != Outcome::good) return reading;
  Result<HealthAnswer> health = protocol.read_health(answer);
  if (!health) {
    outcome = Outcome::garbage;
    return reading;
  }
  if (health->cluster_id != server.cluster_id) {
    outcome = Outcome::wrong_cluster;
    return reading;
  }
  core::Identity& identity = reading.evidence.identity;
  identity.instance = fingerprint(health->instance_id);
  identity.epoch = health->server_epoch;
  identity.active = health->role == ServerRole::active && health->accepting;
  identity.spread_s = health->spread_s;
  identity.probe_s = health->probe_s;
  reading.instance_id = health->instance_id;
  reading.health = std::move(*health);
  return reading;
}

}  // namespace holdfast::client
