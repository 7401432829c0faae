// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A probe's answer. The input is five lines: kind of probe and of status (a letter and a digit),
// Retry-After, JSON pointer, expected value; the body is what remains.
#include "client/evidence.h"
#include "codec/ipp/ipp.h"
#include "codec/json.h"
#include "codec/probe_answer.h"
#include "fuzz.h"

using namespace holdfast;
using core::Outcome;

namespace {

constexpr int kStatuses[] = {200, 204, 302, 401, 403, 404, 429, 500, 502, 503};

ProbeKind kind_of(char letter) {
  switch (letter) {
    case 'h':
      return ProbeKind::http;
    case 't':
      return ProbeKind::tcp;
    case 'i':
      return ProbeKind::ipp;
    default:
      return ProbeKind::protocol;
  }
}

void check_good(const ServerConfig& server, const TransferResult& result) {
  const ProbeConfig& probe = server.probe;
  if (probe.kind == ProbeKind::tcp) return;
  HOLDFAST_MUST(result.http_status >= 200 && result.http_status < 300);
  if (probe.kind == ProbeKind::ipp) HOLDFAST_MUST(codec::ipp_answer_ok(result.body));
  if (probe.kind == ProbeKind::protocol)
    HOLDFAST_MUST(codec::JsonDocument::parse(result.body).ok());
  if (probe.kind != ProbeKind::http) return;
  HOLDFAST_MUST(result.http_status == 200);
  HOLDFAST_MUST(probe.json_pointer.empty() || codec::JsonDocument::parse(result.body).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::bytes_of(data, size);
  const std::string words = fuzz::take_until(rest, '\n');
  ServerConfig server;
  server.name = "one";
  server.url = "http://127.0.0.1";
  server.cluster_id = "hq";
  server.probe.kind = kind_of(words.empty() ? 0 : words[0]);
  TransferResult result;
  result.outcome = TransferOutcome::answered;
  const size_t status = words.size() < 2 ? 0 : static_cast<uint8_t>(words[1]) - size_t{'0'};
  result.http_status = kStatuses[status % (sizeof kStatuses / sizeof *kStatuses)];
  result.headers.emplace_back("retry-after", fuzz::take_until(rest, '\n'));
  server.probe.json_pointer = fuzz::take_until(rest, '\n');
  server.probe.json_value = fuzz::take_until(rest, '\n');
  result.body.assign(rest);

  const auto protocol = device_protocol_v1();
  const client::ProbeReading reading = client::read_probe(server, result, *protocol);
  if (reading.evidence.outcome == Outcome::good) check_good(server, result);

  // Whatever is JSON equals itself.
  const bool json = codec::JsonDocument::parse(result.body).ok();
  HOLDFAST_MUST(codec::probe_body_matches(result.body, "", result.body) == json);
  return 0;
}
