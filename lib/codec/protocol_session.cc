// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Health, login and logout.
#include "base/text.h"
#include "codec/json_writer.h"
#include "codec/protocol_v1.h"

namespace holdfast::codec {
namespace {

constexpr size_t kMaxReceiptBytes = 2048;
constexpr size_t kMaxRights = 64;
constexpr size_t kMaxVersions = 64;

bool role_of(std::string_view name, ServerRole& role) {
  if (name == "active") {
    role = ServerRole::active;
  } else if (name == "passive") {
    role = ServerRole::passive;
  } else if (name == "draining") {
    role = ServerRole::draining;
  } else {
    return false;
  }
  return true;
}

bool speaks_version_1(JsonValue versions) {
  for (JsonValue version = versions.first(); version.present(); version = version.next()) {
    uint64_t number = 0;
    if (version.get_unsigned(1, number) && number == 1) return true;
  }
  return false;
}

void read_user(JsonValue object, User& user, Members& answer) {
  Members members(object);
  members.id("user_uid", user.user_uid);
  members.words("name", user.name);
  members.words("display_name", user.display_name);
  members.offline_pages(user.offline_pages);
  const JsonValue rights = members.array("rights", kMaxRights);
  for (JsonValue right = rights.first(); right.present(); right = right.next()) {
    std::string_view name;
    members.require(right.get(name));
    // A right that this version doesn't know grants nothing.
    if (is_id(name)) user.rights.emplace_back(name);
  }
  answer.require(members.ok());
}

// Visible ASCII would do; the protocol allows less.
bool is_receipt(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c != '=' && (c == ':' || !is_id(std::string_view(&c, 1)))) return false;
  }
  return true;
}

// A reason that this version doesn't know is still a denial: it must never become "unknown", which
// a cache may answer.
bool is_reason(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text) {
    if ((c < 'a' || c > 'z') && c != '-') return false;
  }
  return true;
}

}  // namespace

WireRequest ProtocolV1::health(const DeviceIdentity& device) {
  return make_request(device, "GET", "/health");
}

Result<HealthAnswer> ProtocolV1::read_health(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  HealthAnswer health;
  const JsonValue versions = members.array("protocol_versions", kMaxVersions);
  // Nothing else may be asked of a server that has left this version behind.
  if (members.ok() && !speaks_version_1(versions)) return failure(Code::unsupported);

  members.id("cluster_id", health.cluster_id);
  members.id("instance_id", health.instance_id);
  members.id("incarnation_id", health.incarnation_id);
  members.number("server_epoch", 0, uint64_t{INT64_MAX}, health.server_epoch);
  std::string role;
  members.text("role", kMaxIdBytes, role);
  members.require(role_of(role, health.role));
  members.boolean("accepting", health.accepting);
  members.number("users_version", 0, uint64_t{INT64_MAX}, health.users_version);
  members.number("servers_version", 0, uint64_t{INT64_MAX}, health.servers_version);
  members.number("spread_s", 0u, UINT32_MAX, health.spread_s);
  members.number("probe_s", 1u, UINT32_MAX, health.probe_s);
  members.time("server_time", health.server_time_ms);
  members.array("journal", 64);
  if (!members.ok()) return failure(Code::corrupt);
  return health;
}

WireRequest ProtocolV1::login(const DeviceIdentity& device, const Credential& credential,
                              const std::string& attempt_id) {
  const std::string& secret = credential.secret.reveal();
  const bool named = credential.kind == CredentialKind::password;
  // Room for the longest text: a string that grows leaves its former selves on the heap.
  JsonWriter writer(JsonWriter::longest(secret) + JsonWriter::longest(credential.user) +
                    JsonWriter::longest(attempt_id) + 100);
  writer.open_object().member("attempt_id", attempt_id);
  writer.member("kind", to_string(credential.kind));
  if (named) writer.member("user", credential.user);
  writer.member("secret", secret).close_object();

  WireRequest request = make_request(device, "POST", "/login");
  set_json_body(request, writer.take());
  request.body_is_secret = true;
  return request;
}

Result<LoginAnswer> ProtocolV1::read_login(const WireAnswer& answer) {
  const JsonDocument document = parse_answer(answer);
  Members members(document.root());
  LoginAnswer login;
  std::string verdict;
  members.text("verdict", kMaxIdBytes, verdict);
  if (verdict == "granted") {
    login.verdict = Verdict::granted;
    read_user(members.find("user"), login.user, members);
    members.text("receipt", kMaxReceiptBytes, login.receipt);
    members.require(is_receipt(login.receipt));
    int64_t expires = 0;
    members.time("receipt_expires", expires);
  } else if (verdict == "denied") {
    login.verdict = Verdict::denied;
    members.text("reason", kMaxIdBytes, login.denial);
    members.require(is_reason(login.denial));
    if (members.find("retry_after_s").present()) {
      members.number("retry_after_s", 0u, UINT32_MAX, login.retry_after_s);
    }
  } else {
    members.require(false);
  }
  if (!members.ok()) return failure(Code::corrupt);
  return login;
}

WireRequest ProtocolV1::logout(const DeviceIdentity& device, const UserProof& user) {
  WireRequest request = make_request(device, "POST", "/logout");
  add_user(request, user);
  return request;
}

}  // namespace holdfast::codec
