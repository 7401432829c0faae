// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: the words spoken with a print server. The library ships device_protocol_v1()
// (docs/protocol); an integrator with a protocol of his own implements this instead. Builds
// requests and reads answers; sends nothing, keeps nothing between calls. `corrupt` from a reader
// means "this isn't our server's answer" (a captive portal, a truncated body).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/audit.h"
#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast {

struct WireRequest {
  std::string method = "GET";
  std::string target;  // path and query
  Headers headers;
  std::string body;
  bool body_is_secret = false;
};

// An answer as the transport gave it; borrowed for the call.
struct WireAnswer {
  int http_status = 0;
  const Headers* headers = nullptr;
  const std::string* body = nullptr;
};

// Who asks: put on each request.
struct DeviceIdentity {
  std::string device_id;
  std::string token;  // bearer token for that server; empty: the client certificate says it
};

// On whose behalf. At a server of another cluster than the receipt's, only the user_uid is
// asserted.
struct UserProof {
  std::string user_uid;
  std::string receipt;  // empty: asserted only
};

enum class ServerRole : uint8_t { active, passive, draining };

struct HealthAnswer {
  std::string cluster_id;
  std::string instance_id;
  std::string incarnation_id;
  uint64_t server_epoch = 0;
  ServerRole role = ServerRole::active;
  bool accepting = true;
  uint64_t users_version = 0;
  uint64_t servers_version = 0;  // 0: the server offers no list
  uint32_t spread_s = 0;         // 0: not said
  uint32_t probe_s = 0;          // 0: not said
  int64_t server_time_ms = 0;    // unix time; 0: not said
};

struct LoginAnswer {
  Verdict verdict = Verdict::unknown;  // granted or denied
  User user;                           // when granted
  std::string receipt;                 // when granted
  std::string
      denial;  // when denied: "unknown-credential", "wrong-secret", "disabled", "revoked", "locked"
  uint32_t retry_after_s = 0;  // when locked
};

struct ClaimAnswer {
  std::string lease_id;
  uint64_t fencing_token = 0;
  uint32_t lease_s = 0;
};

// One report of a job's state. Idempotent by report_id at each server.
struct JobReport {
  std::string report_id;  // UUID
  JobKey job;
  JobState state = JobState::completed;
  uint32_t impressions = 0;
  int64_t unix_ms = 0;         // 0: the clock wasn't trusted
  uint64_t fencing_token = 0;  // 0: none
};

// What an answer that isn't 2xx says beyond its status.
enum class ProblemKind : uint8_t {
  none,           // nothing known
  device,         // about the device (401, 403)
  user_session,   // the receipt or the asserted user isn't accepted: log in again
  not_active,     // passive or draining node
  job_unknown,    // the server doesn't have the job
  job_claimed,    // another device has it
  job_ended,      // printed, cancelled or expired already
  fencing_stale,  // our claim was overtaken
  identity_conflict,
};

struct SignedServerList {
  std::string payload;  // the signed bytes
  std::string key_id;
  std::string signature;  // r || s
};

// ---- users, for the time without a server

// PBKDF2-HMAC-SHA256(secret, salt, iterations).
struct Verifier {
  CredentialKind kind = CredentialKind::card;
  std::string salt;  // bytes
  uint32_t iterations = 0;
  Key256 derived{};
};

// What changed of one user: that he is gone, or the whole truth about him.
struct UserChange {
  bool removed = false;  // deleted or revoked
  User user;             // when removed, only the user_uid
  bool disabled = false;
  std::vector<Verifier> verifiers;
};

struct UsersChunk {
  std::string id;
  std::string sha256;  // 64 lower-case hex digits
  uint32_t bytes = 0;  // 1..65536
};

struct UsersManifest {
  uint64_t version = 0;       // what the device holds afterwards
  uint64_t base_version = 0;  // what it builds on; 0 when full
  bool full = false;          // who isn't named is gone
  std::vector<UsersChunk> chunks;
  std::string key_id;
  std::string signature;     // r || s; empty: unsigned
  std::string signed_bytes;  // what it must hold for
};

class ServerProtocol {
 public:
  virtual ~ServerProtocol() = default;

  virtual WireRequest health(const DeviceIdentity& device) = 0;
  virtual Result<HealthAnswer> read_health(const WireAnswer& answer) = 0;

  virtual WireRequest login(const DeviceIdentity& device, const Credential& credential,
                            const std::string& attempt_id) = 0;
  virtual Result<LoginAnswer> read_login(const WireAnswer& answer) = 0;

  virtual WireRequest logout(const DeviceIdentity& device, const UserProof& user) = 0;

  virtual WireRequest jobs(const DeviceIdentity& device, const UserProof& user) = 0;
  virtual Result<std::vector<Job>> read_jobs(const WireAnswer& answer) = 0;

  virtual WireRequest claim(const DeviceIdentity& device, const UserProof& user, const JobKey& job,
                            const std::string& idempotency_key) = 0;
  virtual Result<ClaimAnswer> read_claim(const WireAnswer& answer) = 0;
  virtual WireRequest unclaim(const DeviceIdentity& device, const UserProof& user,
                              const JobKey& job, uint64_t fencing_token) = 0;
  virtual WireRequest document(const DeviceIdentity& device, const UserProof& user,
                               const JobKey& job, uint64_t fencing_token) = 0;

  virtual WireRequest report(const DeviceIdentity& device,
                             const std::vector<JobReport>& reports) = 0;
  // The report_ids that the server has taken.
  virtual Result<std::vector<std::string>> read_report(const WireAnswer& answer) = 0;

  virtual WireRequest server_list(const DeviceIdentity& device) = 0;
  virtual Result<SignedServerList> read_server_list(const WireAnswer& answer) = 0;

  // The users since a version that is held whole; 0: all of them. The rest of a protocol that has
  // none of this may stay as it is: then nobody is synchronised.
  virtual WireRequest users(const DeviceIdentity& device, uint64_t since) {
    (void)device, (void)since;
    return {};
  }
  virtual Result<UsersManifest> read_users(const DeviceIdentity& device,
                                           const std::string& cluster_id,
                                           const WireAnswer& answer) {
    (void)device, (void)cluster_id, (void)answer;
    return failure(Code::unsupported);
  }
  virtual WireRequest users_chunk(const DeviceIdentity& device, const std::string& chunk_id) {
    (void)device, (void)chunk_id;
    return {};
  }
  // Of bytes whose digest was checked. Any thread: the executor's worker reads them.
  virtual Result<std::vector<UserChange>> read_users_chunk(const std::string& bytes) const {
    (void)bytes;
    return failure(Code::unsupported);
  }

  // Audit events of the cache named `epoch` (32 hex digits). Idempotent by epoch and sequence.
  virtual WireRequest audit(const DeviceIdentity& device, const std::string& epoch,
                            const std::vector<AuditEvent>& events) {
    (void)device, (void)epoch, (void)events;
    return {};
  }
  // The sequence up to which the server has them all, durably.
  virtual Result<uint64_t> read_audit(const WireAnswer& answer) {
    (void)answer;
    return failure(Code::unsupported);
  }

  // Reads an answer that isn't 2xx. Never fails: what can't be read is `none`.
  virtual ProblemKind read_problem(const WireAnswer& answer) = 0;
};

// The protocol of docs/protocol. Stateless; one thread at a time.
std::unique_ptr<ServerProtocol> device_protocol_v1();

}  // namespace holdfast
