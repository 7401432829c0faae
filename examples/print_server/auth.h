// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "options.h"
#include "store.h"
#include "users.h"

namespace print_server {

struct LoginRequest {
  std::string device;
  std::string attempt_id;
  std::string kind;  // card | pin | password
  std::string user;  // name, for password
  std::string secret;
};

struct LoginVerdict {
  bool granted = false;
  User user;
  std::string receipt;
  int64_t receipt_expires_s = 0;
  std::string reason;  // when denied
  int retry_after_s = -1;
};

struct LoginAnswer {
  std::string body;     // JSON
  std::string outcome;  // for the metrics: granted, a reason, or repeated
};

// Which device this is; a wrong one is refused before anything else is looked at.
class Devices {
 public:
  explicit Devices(const Options& options)
      : tokens_(options.device_tokens), certificates_(!options.tls_client_ca.empty()) {}
  // `certificate_name` is empty without a verified client certificate. Throws device-unknown (401)
  // or device-refused (403).
  void check(const std::string& device, const std::string& authorization,
             const std::string& certificate_name) const;
  void refuse(const std::string& device, bool refused);

 private:
  std::map<std::string, std::string> tokens_;
  bool certificates_;
  mutable std::mutex mutex_;
  std::set<std::string> refused_;
};

class Auth {
 public:
  Auth(Store& store, const Options& options) : store_(store), options_(options) {}

  // The answer as it was first given when the attempt is known; throws attempt-conflict when the
  // attempt id comes with another credential.
  LoginAnswer login(const LoginRequest& request);

  // The user behind Holdfast-Receipt, or behind Holdfast-User where that is believed.
  User user_of(const std::string& device, const std::string& receipt, const std::string& asserted);
  void logout(const std::string& device, const std::string& receipt);

 private:
  struct Candidate {
    std::string user_uid;  // empty: nobody
    std::string derived;
    bool matches = false;
  };
  Candidate derive(const LoginRequest& request);
  LoginVerdict decide(Database& database, const LoginRequest& request, const Candidate& candidate);
  LoginVerdict wrong_password(Database& database, const std::string& user_uid, int64_t failures);
  void grant(const LoginRequest& request, LoginVerdict* verdict);

  Store& store_;
  const Options& options_;
};

}  // namespace print_server
