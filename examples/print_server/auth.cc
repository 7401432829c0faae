// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "auth.h"

#include <algorithm>

#include "crypto.h"
#include "problem.h"
#include "receipt.h"
#include "text.h"

namespace print_server {
namespace {

// A wrong PIN names no user, so guesses are counted for each device and kind as well: a bucket of
// 32 from which one leaks every ten minutes. Success doesn't empty it.
constexpr int64_t kMostGuesses = 32;
constexpr int64_t kGuessLeak_s = 600;
constexpr int64_t kAttemptKept_s = 3600;

LoginVerdict denied(std::string reason, int64_t retry_after_s = -1) {
  LoginVerdict verdict;
  verdict.reason = std::move(reason);
  verdict.retry_after_s = static_cast<int>(retry_after_s);
  return verdict;
}

class GuessBucket {
 public:
  GuessBucket(Database& database, const LoginRequest& request)
      : database_(database), request_(request) {
    Statement row(database, "SELECT level,updated FROM guesses WHERE device=? AND kind=?");
    if (!row.with(request.device, request.kind).step()) return;
    const int64_t leaked = (now_s() - row.integer(1)) / kGuessLeak_s;
    level_ = std::max<int64_t>(0, row.integer(0) - leaked);
    updated_ = row.integer(1) + leaked * kGuessLeak_s;
  }

  bool full() const { return level_ >= kMostGuesses; }
  int64_t wait_s() const { return std::max<int64_t>(1, updated_ + kGuessLeak_s - now_s()); }
  void add() {
    database_.run("INSERT OR REPLACE INTO guesses VALUES(?,?,?,?)", request_.device, request_.kind,
                  level_ + 1, level_ == 0 ? now_s() : updated_);
  }

 private:
  Database& database_;
  const LoginRequest& request_;
  int64_t level_ = 0;
  int64_t updated_ = 0;
};

}  // namespace

void Devices::check(const std::string& device, const std::string& authorization,
                    const std::string& certificate_name) const {
  static const std::string kBearer = "Bearer ";
  const bool bearer = authorization.compare(0, kBearer.size(), kBearer) == 0;
  const std::string offered = bearer ? sha256(authorization.substr(kBearer.size())) : "";
  const auto it = tokens_.find(device);
  if (certificates_ && certificate_name != device) {
    throw Problem(403, "device-refused", "the client certificate names another device");
  }
  const bool by_certificate = certificates_ && authorization.empty();
  if (it == tokens_.end() || (!by_certificate && !equal_constant_time(it->second, offered))) {
    throw Problem(401, "device-unknown", "no such device, or the token is wrong");
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (refused_.count(device) != 0) {
    throw Problem(403, "device-refused", "this device may not use the server");
  }
}

void Devices::refuse(const std::string& device, bool refused) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (refused) {
    refused_.insert(device);
  } else {
    refused_.erase(device);
  }
}

// Slow by design, so outside the lock, and the same work whether the user exists or not.
Auth::Candidate Auth::derive(const LoginRequest& request) {
  Candidate candidate;
  if (request.kind != "password") {
    const std::string secret =
        request.kind == "card" ? normalised_card(request.secret) : request.secret;
    candidate.derived = pbkdf2_sha256(secret, store_.tenant_salt(), store_.kdf_iterations());
    return candidate;
  }
  std::string salt = hmac_sha256(store_.signing_key(), "nobody " + request.user).substr(0, 16);
  std::string verifier;
  int iterations = store_.kdf_iterations();
  {
    Store::Guard database = store_.enter();
    Statement row(*database,
                  "SELECT u.user_uid,c.salt,c.verifier,c.iterations FROM users u LEFT JOIN"
                  " credentials c ON c.user_uid=u.user_uid AND c.kind='password'"
                  " WHERE u.name=? AND u.deleted=0");
    if (row.with(request.user).step()) {
      candidate.user_uid = row.text(0);
      verifier = row.text(2);
      if (!verifier.empty()) {
        salt = row.text(1);
        iterations = static_cast<int>(row.integer(3));
      }
    }
  }
  candidate.derived = pbkdf2_sha256(request.secret, salt, iterations);
  candidate.matches = equal_constant_time(candidate.derived, verifier);
  return candidate;
}

LoginAnswer Auth::login(const LoginRequest& request) {
  store_.enter();  // a passive node answers so before it derives anything
  Candidate candidate = derive(request);
  const std::string fingerprint = hmac_sha256(
      store_.signing_key(), request.kind + "\n" + request.user + "\n" + candidate.derived);
  Store::Guard database = store_.enter();
  Transaction transaction(*database);
  {
    Statement row(*database,
                  "SELECT fingerprint,answer FROM attempts WHERE device=? AND attempt_id=?");
    if (row.with(request.device, request.attempt_id).step()) {
      if (!equal_constant_time(row.text(0), fingerprint)) {
        throw Problem(409, "attempt-conflict", "this attempt_id was used with another credential");
      }
      return {row.text(1), "repeated"};
    }
  }
  LoginVerdict verdict = decide(*database, request, candidate);
  if (verdict.granted) grant(request, &verdict);
  const std::string body = verdict_json(verdict);
  database->run("DELETE FROM attempts WHERE at<?", now_s() - kAttemptKept_s);
  database->run("INSERT INTO attempts VALUES(?,?,?,?,?)", request.device, request.attempt_id,
                fingerprint, body, now_s());
  transaction.commit();
  return {body, verdict.granted ? "granted" : verdict.reason};
}

LoginVerdict Auth::wrong_password(Database& database, const std::string& user_uid,
                                  int64_t failures) {
  const bool pause = failures + 1 >= options_.lock_after;
  database.run("UPDATE users SET failures=?,locked_until_ms=? WHERE user_uid=?", failures + 1,
               pause ? now_ms() + int64_t{options_.lock_s} * 1000 : int64_t{0}, user_uid);
  return denied("wrong-secret", pause ? options_.lock_s : -1);
}

LoginVerdict Auth::decide(Database& database, const LoginRequest& request,
                          const Candidate& candidate) {
  GuessBucket bucket(database, request);
  if (bucket.full()) return denied("locked", bucket.wait_s());
  std::string user_uid = candidate.user_uid;
  if (request.kind != "password") {
    Statement row(database, "SELECT user_uid FROM credentials WHERE kind=? AND verifier=?");
    if (row.with(request.kind, candidate.derived).step()) user_uid = row.text(0);
  }
  Statement row(
      database,
      "SELECT user_uid,name,display_name,rights,disabled,revoked,failures,locked_until_ms,"
      "offline_pages FROM users WHERE user_uid=? AND deleted=0");
  if (user_uid.empty() || !row.with(user_uid).step()) {
    bucket.add();
    return denied("unknown-credential");
  }
  LoginVerdict verdict;
  verdict.user = {row.text(0), row.text(1), row.text(2), row.text(3), row.integer(8)};
  const bool disabled = row.integer(4) != 0;
  const bool revoked = row.integer(5) != 0;
  const int64_t failures = row.integer(6);
  const int64_t locked_ms = row.integer(7) - now_ms();
  row.reset();
  if (request.kind == "password") {
    if (locked_ms > 0) return denied("locked", (locked_ms + 999) / 1000);
    if (!candidate.matches) {
      bucket.add();
      return wrong_password(database, user_uid, failures);
    }
    database.run("UPDATE users SET failures=0,locked_until_ms=0 WHERE user_uid=? AND failures>0",
                 user_uid);
  }
  if (revoked) return denied("revoked");
  if (disabled) return denied("disabled");
  verdict.granted = true;
  return verdict;
}

void Auth::grant(const LoginRequest& request, LoginVerdict* verdict) {
  verdict->receipt_expires_s = now_s() + options_.receipt_s;
  verdict->receipt = sign_receipt({random_uuid(), store_.cluster_id(), verdict->user.user_uid,
                                   request.device, verdict->receipt_expires_s},
                                  store_.signing_key());
}

User Auth::user_of(const std::string& device, const std::string& receipt,
                   const std::string& asserted) {
  User user;
  if (receipt.empty()) {
    if (asserted.empty()) {
      throw Problem(403, "receipt-invalid", "this call needs Holdfast-Receipt or Holdfast-User");
    }
    if (!options_.accept_asserted_users) {
      throw Problem(403, "user-not-asserted", "this server believes only its own receipts");
    }
    if (!find_active_user(store_, asserted, &user)) {
      throw Problem(403, "user-not-asserted", "this server knows no such user, or has revoked it");
    }
    return user;
  }
  Receipt opened;
  Store::Guard database = store_.enter();
  if (!open_receipt(receipt, store_.signing_key(), &opened) ||
      opened.cluster_id != store_.cluster_id() || opened.device != device) {
    throw Problem(403, "receipt-invalid", "the receipt is not one of this cluster for this device");
  }
  Statement row(*database, "SELECT 1 FROM logged_out WHERE receipt_id=?");
  if (opened.expires_s <= now_s() || row.with(opened.id).step()) {
    throw Problem(403, "receipt-invalid", "the receipt has expired or its user logged out");
  }
  if (!find_active_user(store_, opened.user_uid, &user)) {
    throw Problem(403, "receipt-invalid", "the user was revoked, disabled or deleted");
  }
  return user;
}

void Auth::logout(const std::string& device, const std::string& receipt) {
  Receipt opened;
  Store::Guard database = store_.enter();
  if (!open_receipt(receipt, store_.signing_key(), &opened) || opened.device != device) {
    throw Problem(403, "receipt-invalid", "the receipt is not one of this cluster for this device");
  }
  Transaction transaction(*database);
  database->run("DELETE FROM logged_out WHERE expires<?", now_s());
  database->run("INSERT OR IGNORE INTO logged_out VALUES(?,?)", opened.id, opened.expires_s);
  transaction.commit();
}

}  // namespace print_server
