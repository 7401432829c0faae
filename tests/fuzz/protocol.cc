// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A print server's answers. The first letter says to what; for a problem the second byte gives the
// status. What is accepted may be shown to people and sent back in requests as it is.
#include <algorithm>

#include "base/hex.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "codec/protocol_v1.h"
#include "fuzz.h"

using namespace holdfast;

namespace {

const DeviceIdentity kDevice{"mfp-1", "token"};

bool presentable(const std::string& text) {
  return !text.empty() && printable(text, text.size()) == text;
}

void check_health(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto health = protocol.read_health(answer);
  if (!health) return;
  HOLDFAST_MUST(is_id(health->cluster_id) && is_id(health->instance_id));
  HOLDFAST_MUST(is_id(health->incarnation_id) && health->probe_s > 0);
}

void check_login(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto login = protocol.read_login(answer);
  if (!login) return;
  HOLDFAST_MUST(login->verdict == Verdict::granted || login->verdict == Verdict::denied);
  if (login->verdict == Verdict::denied) {
    HOLDFAST_MUST(is_visible_ascii(login->denial) && !login->denial.empty());
    return;
  }
  HOLDFAST_MUST(is_id(login->user.user_uid) && !login->receipt.empty());
  HOLDFAST_MUST(presentable(login->user.name) && presentable(login->user.display_name));
  fuzz::must_be_one_request(protocol.jobs(kDevice, {login->user.user_uid, login->receipt}));
  fuzz::must_be_one_request(protocol.logout(kDevice, {login->user.user_uid, ""}));
}

void check_jobs(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto jobs = protocol.read_jobs(answer);
  if (!jobs) return;
  HOLDFAST_MUST(jobs->size() <= codec::kMaxListedJobs);
  for (const Job& job : *jobs) {
    HOLDFAST_MUST(is_uuid(job.key.uuid) && is_id(job.key.user_uid) && presentable(job.name));
    HOLDFAST_MUST(is_lower_hex(job.key.sha256, 64) && job.bytes > 0 && is_visible_ascii(job.mime));
    const UserProof user{job.key.user_uid, ""};
    const WireRequest claim = protocol.claim(kDevice, user, job.key, "key");
    fuzz::must_be_one_request(claim);
    HOLDFAST_MUST(codec::JsonDocument::parse(claim.body).ok());
    fuzz::must_be_one_request(protocol.unclaim(kDevice, user, job.key, 1));
    fuzz::must_be_one_request(protocol.document(kDevice, user, job.key, 1));
  }
}

void check_claim(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto claim = protocol.read_claim(answer);
  if (!claim) return;
  HOLDFAST_MUST(is_id(claim->lease_id) && claim->lease_s > 0);
  HOLDFAST_MUST(claim->fencing_token > 0 && claim->fencing_token <= uint64_t{INT64_MAX});
}

void check_report(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto accepted = protocol.read_report(answer);
  if (!accepted) return;
  HOLDFAST_MUST(accepted->size() <= codec::kMaxReports);
  HOLDFAST_MUST(std::all_of(accepted->begin(), accepted->end(), is_uuid));
}

void check_list(codec::ProtocolV1& protocol, const WireAnswer& answer) {
  const auto list = protocol.read_server_list(answer);
  if (!list) return;
  HOLDFAST_MUST(is_id(list->key_id) && list->signature.size() == 64 && !list->payload.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::bytes_of(data, size);
  const char operation = fuzz::take_byte(rest);
  codec::ProtocolV1 protocol;
  WireAnswer answer;
  answer.http_status = 200;
  if (operation == 'p')
    answer.http_status = 400 + static_cast<uint8_t>(fuzz::take_byte(rest)) % 200;
  const std::string body(rest);
  const Headers headers;
  answer.body = &body;
  answer.headers = &headers;
  switch (operation) {
    case 'h':
      check_health(protocol, answer);
      break;
    case 'l':
      check_login(protocol, answer);
      break;
    case 'j':
      check_jobs(protocol, answer);
      break;
    case 'c':
      check_claim(protocol, answer);
      break;
    case 'r':
      check_report(protocol, answer);
      break;
    case 's':
      check_list(protocol, answer);
      break;
    case 'p':
      (void)protocol.read_problem(answer);
      break;
    default:
      break;
  }
  return 0;
}
