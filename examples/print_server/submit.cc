// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "crypto.h"
#include "jobs.h"
#include "problem.h"
#include "text.h"

namespace print_server {
namespace {

// The file of a submission until it is a job's document; gone again when the submission fails.
class PartFile {
 public:
  explicit PartFile(std::string path) : path_(std::move(path)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor_ < 0) fail("create");
  }
  ~PartFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!kept_) unlink(path_.c_str());
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  void write(const char* data, size_t size) {
    while (size > 0) {
      const ssize_t written = ::write(descriptor_, data, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write");
      data += written;
      size -= static_cast<size_t>(written);
    }
  }

  void sync() {
    if (fsync(descriptor_) != 0) fail("sync");
  }
  void keep() { kept_ = true; }

 private:
  [[noreturn]] void fail(const char* what) const {
    if (errno == ENOSPC || errno == EDQUOT) {
      throw Problem(507, "store-full", "no room for documents").retry_after(60);
    }
    throw std::runtime_error(std::string("cannot ") + what + " " + path_ + ": " +
                             std::strerror(errno));
  }

  std::string path_;
  int descriptor_ = -1;
  bool kept_ = false;
};

}  // namespace

// The order is the promise: document durable, then its name, then the row, then the answer.
Submitted Jobs::submit(const Submission& submission) {
  const std::string part_path = store_.part_path(random_uuid());
  PartFile part(part_path);
  Sha256 hash;
  Written written{part_path, "", 0};
  bool too_large = false;
  const bool whole = submission.document([&](const char* data, size_t size) {
    written.bytes += static_cast<int64_t>(size);
    too_large = too_large || written.bytes > options_.max_document_bytes;
    if (too_large) return true;  // read to the end, so that the answer can be read
    hash.update(data, size);
    part.write(data, size);
    return true;
  });
  if (too_large) throw Problem(413, "too-large", "the document is larger than this server takes");
  if (!whole) throw invalid_request("the document broke off");
  if (written.bytes == 0) throw invalid_request("the document is empty");
  const std::string digest = hash.digest();
  if (!submission.stated_sha256.empty() && submission.stated_sha256 != digest) {
    throw Problem(400, "digest-mismatch", "the document doesn't have the digest of Repr-Digest");
  }
  written.sha256 = hex(digest);
  part.sync();

  Store::Guard database = store_.enter();
  Transaction transaction(*database);
  Submitted answer;
  if (repeated(*database, submission, written.sha256, &answer)) return answer;
  bool keep_file = false;
  answer = place(*database, submission, written, &keep_file);
  const std::string uuid = submission.job.uuid;
  if (keep_file) {
    if (std::rename(part_path.c_str(), store_.document_path(uuid).c_str()) != 0) {
      throw std::runtime_error("cannot rename " + part_path);
    }
    part.keep();
    store_.sync_document_dir();
  }
  if (!submission.key.empty()) {
    database->run("DELETE FROM idempotency WHERE at<?", now_s() - 7 * 86400);
    database->run("INSERT INTO idempotency VALUES(?,?,?,?,?,?)", submission.device, submission.key,
                  uuid + submission.job.user_uid + written.sha256, answer.status, answer.state,
                  now_s());
  }
  transaction.commit();
  return answer;
}

bool Jobs::repeated(Database& database, const Submission& submission, const std::string& sha256,
                    Submitted* out) {
  if (submission.key.empty()) return false;
  Statement row(database,
                "SELECT fingerprint,status,body FROM idempotency WHERE device=? AND key=?");
  if (!row.with(submission.device, submission.key).step()) return false;
  if (row.text(0) != submission.job.uuid + submission.job.user_uid + sha256) {
    throw Problem(409, "idempotency-conflict", "this Idempotency-Key was used for another request");
  }
  *out = {static_cast<int>(row.integer(1)), sha256, row.text(2)};
  return true;
}

Submitted Jobs::place(Database& database, const Submission& submission, const Written& written,
                      bool* keep_file) {
  const Job& job = submission.job;
  Statement ended(database, "SELECT state FROM ended WHERE uuid=? AND user_uid=? AND sha256=?");
  if (ended.with(job.uuid, job.user_uid, written.sha256).step()) {
    return {200, written.sha256, ended.text(0)};
  }
  Statement live(
      database,
      "SELECT user_uid,sha256,claimed_by<>'' AND lease_until_ms>? FROM jobs WHERE uuid=?");
  if (live.with(now_ms(), job.uuid).step()) {
    if (live.text(0) != job.user_uid || live.text(1) != written.sha256) {
      throw Problem(409, "job-identity-conflict",
                    "this UUID belongs to another document or another user");
    }
    return {200, written.sha256, live.integer(2) != 0 ? "processing" : "pending"};
  }
  database.run(
      "INSERT INTO jobs(uuid,user_uid,sha256,name,mime,bytes,pages,submitted_at)"
      " VALUES(?,?,?,?,?,?,?,?)",
      job.uuid, job.user_uid, written.sha256, job.name, job.mime, written.bytes, job.pages,
      now_s());
  *keep_file = true;
  return {201, written.sha256, "pending"};
}

}  // namespace print_server
