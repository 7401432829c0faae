// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/protocol_v1.h"

#include "base/hex.h"
#include "base/text.h"
#include "base/uuid.h"
#include "codec/time_text.h"

namespace holdfast {
namespace codec {
namespace {

constexpr size_t kMaxWordsBytes = 255 * 4;  // 255 characters of UTF-8
constexpr uint32_t kMaxOfflinePages = 1000000000;

constexpr std::string_view kProblemPrefix = "urn:holdfast:problem:";

struct ProblemName {
  std::string_view name;
  ProblemKind kind;
};

constexpr ProblemName kProblems[] = {
    {"device-unknown", ProblemKind::device},
    {"device-refused", ProblemKind::device},
    {"receipt-invalid", ProblemKind::user_session},
    {"user-not-asserted", ProblemKind::user_session},
    {"not-active", ProblemKind::not_active},
    {"job-unknown", ProblemKind::job_unknown},
    {"job-claimed", ProblemKind::job_claimed},
    {"job-ended", ProblemKind::job_ended},
    {"fencing-token-stale", ProblemKind::fencing_stale},
    {"job-identity-conflict", ProblemKind::identity_conflict},
};

}  // namespace

WireRequest make_request(const DeviceIdentity& device, const char* method, std::string path) {
  WireRequest request;
  request.method = method;
  request.target = "/holdfast/v1" + std::move(path);
  if (!device.token.empty())
    request.headers.emplace_back("Authorization", "Bearer " + device.token);
  request.headers.emplace_back("Holdfast-Device", device.device_id);
  request.headers.emplace_back("Holdfast-Protocol", "1");
  return request;
}

void add_user(WireRequest& request, const UserProof& user) {
  if (user.receipt.empty()) {
    request.headers.emplace_back("Holdfast-User", user.user_uid);
  } else {
    request.headers.emplace_back("Holdfast-Receipt", user.receipt);
  }
}

void set_json_body(WireRequest& request, std::string body) {
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
}

JsonDocument parse_answer(const WireAnswer& answer) {
  if (answer.http_status != 200 || answer.body == nullptr) return {};
  JsonLimits limits;
  limits.max_bytes = kMaxAnswerBytes;
  JsonDocument document = JsonDocument::parse(*answer.body, limits);
  return document.ok() ? std::move(document) : JsonDocument();
}

JsonValue Members::array(const char* name, size_t max_size) {
  const JsonValue value = find(name);
  require(value.type() == JsonType::array && value.size() <= max_size);
  return ok_ ? value : JsonValue();
}

void Members::text(const char* name, size_t max_bytes, std::string& value) {
  std::string_view found;
  require(find(name).get(found) && found.size() <= max_bytes);
  if (ok_) value = found;
}

void Members::id(const char* name, std::string& value) {
  text(name, kMaxIdBytes, value);
  require(is_id(value));
}

void Members::uuid(const char* name, std::string& value) {
  text(name, kMaxIdBytes, value);
  require(is_uuid(value));
}

void Members::sha256(const char* name, std::string& value) {
  text(name, kMaxIdBytes, value);
  require(is_lower_hex(value, 64));
}

void Members::time(const char* name, int64_t& unix_ms) {
  std::string value;
  text(name, kMaxIdBytes, value);
  require(parse_time(value, unix_ms));
}

void Members::boolean(const char* name, bool& value) { require(find(name).get(value)); }

void Members::number(const char* name, uint64_t min, uint64_t max, uint64_t& value) {
  require(find(name).get_unsigned(max, value) && value >= min);
}

void Members::number(const char* name, uint32_t min, uint32_t max, uint32_t& value) {
  uint64_t found = 0;
  number(name, uint64_t{min}, uint64_t{max}, found);
  if (ok_) value = static_cast<uint32_t>(found);
}

void Members::offline_pages(int64_t& pages) {
  if (!find("offline_pages").present()) return;
  uint32_t granted = 0;
  number("offline_pages", 0u, kMaxOfflinePages, granted);
  if (ok_) pages = granted;
}

void Members::words(const char* name, std::string& value) {
  text(name, kMaxWordsBytes, value);
  require(!value.empty());
  value = printable(value, kMaxWordsBytes);
}

// The type decides. Without one that is known, 401 and 403 are about the device; anything else may
// come from a proxy.
ProblemKind ProtocolV1::read_problem(const WireAnswer& answer) {
  if (answer.body != nullptr && answer.http_status >= 400) {
    JsonLimits limits;
    limits.max_bytes = kMaxAnswerBytes;
    const JsonDocument document = JsonDocument::parse(*answer.body, limits);
    std::string_view type;
    if (document.ok() && document.root().find("type").get(type) &&
        type.substr(0, kProblemPrefix.size()) == kProblemPrefix) {
      type.remove_prefix(kProblemPrefix.size());
      for (const ProblemName& problem : kProblems) {
        if (type == problem.name) return problem.kind;
      }
    }
  }
  const bool device = answer.http_status == 401 || answer.http_status == 403;
  return device ? ProblemKind::device : ProblemKind::none;
}

}  // namespace codec

std::unique_ptr<ServerProtocol> device_protocol_v1() {
  return std::make_unique<codec::ProtocolV1>();
}

}  // namespace holdfast
