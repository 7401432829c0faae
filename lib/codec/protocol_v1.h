// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The device protocol of docs/protocol. One method for each operation; their bodies stand by group
// in protocol_*.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "holdfast/ports/protocol.h"

namespace holdfast::codec {

constexpr size_t kMaxAnswerBytes = 1 << 20;
constexpr size_t kMaxListedJobs = 500;
constexpr size_t kMaxReports = 50;
constexpr size_t kMaxListedServers = 32;

class ProtocolV1 final : public ServerProtocol {
 public:
  WireRequest health(const DeviceIdentity& device) override;
  Result<HealthAnswer> read_health(const WireAnswer& answer) override;

  WireRequest login(const DeviceIdentity& device, const Credential& credential,
                    const std::string& attempt_id) override;
  Result<LoginAnswer> read_login(const WireAnswer& answer) override;
  WireRequest logout(const DeviceIdentity& device, const UserProof& user) override;

  WireRequest jobs(const DeviceIdentity& device, const UserProof& user) override;
  Result<std::vector<Job>> read_jobs(const WireAnswer& answer) override;
  WireRequest claim(const DeviceIdentity& device, const UserProof& user, const JobKey& job,
                    const std::string& idempotency_key) override;
  Result<ClaimAnswer> read_claim(const WireAnswer& answer) override;
  WireRequest unclaim(const DeviceIdentity& device, const UserProof& user, const JobKey& job,
                      uint64_t fencing_token) override;
  WireRequest document(const DeviceIdentity& device, const UserProof& user, const JobKey& job,
                       uint64_t fencing_token) override;

  WireRequest report(const DeviceIdentity& device, const std::vector<JobReport>& reports) override;
  Result<std::vector<std::string>> read_report(const WireAnswer& answer) override;

  WireRequest server_list(const DeviceIdentity& device) override;
  Result<SignedServerList> read_server_list(const WireAnswer& answer) override;

  WireRequest users(const DeviceIdentity& device, uint64_t since) override;
  Result<UsersManifest> read_users(const DeviceIdentity& device, const std::string& cluster_id,
                                   const WireAnswer& answer) override;
  WireRequest users_chunk(const DeviceIdentity& device, const std::string& chunk_id) override;
  Result<std::vector<UserChange>> read_users_chunk(const std::string& bytes) const override;
  WireRequest audit(const DeviceIdentity& device, const std::string& epoch,
                    const std::vector<AuditEvent>& events) override;
  Result<uint64_t> read_audit(const WireAnswer& answer) override;

  ProblemKind read_problem(const WireAnswer& answer) override;
};

// A request with the headers that each call carries.
WireRequest make_request(const DeviceIdentity& device, const char* method, std::string path);
void add_user(WireRequest& request, const UserProof& user);
void set_json_body(WireRequest& request, std::string body);

// The body of an answer 200, parsed. It may still be of any shape: absent for all that isn't clean
// JSON within the limits.
JsonDocument parse_answer(const WireAnswer& answer);

// Reads the members of one object and remembers whether each was there and fit. What isn't asked
// for is ignored.
class Members {
 public:
  explicit Members(JsonValue object) : object_(object), ok_(object.type() == JsonType::object) {}

  bool ok() const { return ok_; }
  JsonValue array(const char* name, size_t max_size);

  void id(const char* name, std::string& value);
  void uuid(const char* name, std::string& value);
  void sha256(const char* name, std::string& value);
  void time(const char* name, int64_t& unix_ms);
  void boolean(const char* name, bool& value);
  void number(const char* name, uint64_t min, uint64_t max, uint64_t& value);
  void number(const char* name, uint32_t min, uint32_t max, uint32_t& value);
  // User::offline_pages; absent is no limit.
  void offline_pages(int64_t& pages);
  // For panels and logs: 1..255 characters; control characters become spaces, so that nobody can
  // make a whole answer unreadable by the name of one document.
  void words(const char* name, std::string& value);
  // Any other text; the caller checks its form.
  void text(const char* name, size_t max_bytes, std::string& value);

  void require(bool condition) { ok_ = ok_ && condition; }
  JsonValue find(const char* name) const { return object_.find(name); }

 private:
  JsonValue object_;
  bool ok_;
};

}  // namespace holdfast::codec
