// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Sample answers, and a protocol to read them.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/ports/protocol.h"

namespace holdfast {
inline const std::string kUuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
inline const std::string kUuid2 = "f47ac10b-58cc-4372-a567-0e02b2c3d470";
inline const std::string kSha(64, 'a');
inline const DeviceIdentity kDevice = {"mfp-1", "token"};

inline const std::string kHealth =
    R"({"protocol_versions":[1,2],"cluster_id":"hq","instance_id":"i-1","incarnation_id":"n:1",
"server_epoch":3,"role":"active","accepting":true,"users_version":7,"servers_version":0,
"spread_s":300,"probe_s":10,
"server_time":"2026-03-01T08:00:00Z","journal":[],"later":{"x":[1,null]}})";
inline const std::string kGranted =
    R"({"verdict":"granted","user":{"user_uid":"u1","name":"ada","display_name":"Ada L.",
"rights":["print","color"]},
"receipt":"eyJ2IjoxfQ.c2ln","receipt_expires":"2026-03-01T20:00:00.5Z"})";
inline const std::string kJob =
    R"({"uuid":")" + kUuid + R"(","user_uid":"u1","name":"Report.pdf","mime":"application/pdf",)" +
    R"("bytes":4711,"sha256":")" + kSha +
    R"(","pages":3,"state":"pending-held","submitted_at":"2026-03-01T08:00:00Z"})";
inline const std::string kClaim = R"({"lease_id":"l1","fencing_token":9,"lease_s":60})";

// One edit of a sample.
struct Change {
  std::string from;
  std::string to;
};

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  CHECK_MESSAGE(at != std::string::npos, "the sample has no ", from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline std::string header(const WireRequest& request, const std::string& name) {
  std::string value = "(none)";
  for (const auto& [key, text] : request.headers) {
    if (key == name) value = value == "(none)" ? text : value + "," + text;
  }
  return value;
}

class ProtocolFixture {
 protected:
  WireAnswer answer(int status, const std::string& body) {
    body_ = body;
    return {status, &headers_, &body_};
  }
  Code health(const std::string& body) {
    const auto result = protocol_->read_health(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  Code login(const std::string& body) {
    const auto result = protocol_->read_login(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  Code jobs(const std::string& body) {
    const auto result = protocol_->read_jobs(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  Code claim(const std::string& body) {
    const auto result = protocol_->read_claim(answer(200, body));
    return result ? Code::ok : result.error().code();
  }
  ProblemKind problem(int status, const std::string& body) {
    return protocol_->read_problem(answer(status, body));
  }

  std::unique_ptr<ServerProtocol> protocol_ = device_protocol_v1();
  Headers headers_;
  std::string body_;
};

}  // namespace holdfast
