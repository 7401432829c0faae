// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "jobs.h"

#include <unistd.h>

#include <cstdio>

#include "crypto.h"
#include "problem.h"
#include "text.h"

namespace print_server {
namespace {

constexpr int64_t kMostListed = 500;

constexpr char kListSql[] =
    "SELECT uuid,user_uid,sha256,name,mime,bytes,pages,submitted_at,claimed_by,lease_until_ms"
    " FROM jobs";

Job job_of(const Statement& row) {
  Job job;
  job.uuid = row.text(0);
  job.user_uid = row.text(1);
  job.sha256 = row.text(2);
  job.name = row.text(3);
  job.mime = row.text(4);
  job.bytes = row.integer(5);
  job.pages = row.integer(6);
  job.submitted_at_s = row.integer(7);
  const bool claimed = !row.text(8).empty() && row.integer(9) > now_ms();
  job.state = claimed ? "processing" : "pending";
  if (claimed) job.claimed_by = row.text(8);
  return job;
}

Problem stale_token() {
  return Problem(409, "fencing-token-stale", "the job was claimed anew or released since");
}

}  // namespace

std::vector<Job> Jobs::list(const std::string& user_uid, bool* more) {
  Store::Guard database = store_.enter();
  const std::string sql =
      std::string(kListSql) + " WHERE user_uid=? ORDER BY submitted_at,uuid LIMIT ?";
  Statement rows(*database, sql.c_str());
  rows.with(user_uid, kMostListed + 1);
  std::vector<Job> jobs;
  while (rows.step()) jobs.push_back(job_of(rows));
  *more = jobs.size() > static_cast<size_t>(kMostListed);
  if (*more) jobs.pop_back();
  return jobs;
}

std::vector<Job> Jobs::all() {
  Store::Guard database = store_.enter();
  Statement rows(*database, kListSql);
  std::vector<Job> jobs;
  while (rows.step()) jobs.push_back(job_of(rows));
  return jobs;
}

Jobs::Counts Jobs::counts() {
  Store::Guard database = store_.enter();
  Statement row(
      *database,
      "SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM jobs WHERE claimed_by<>''"
      " AND lease_until_ms>?), (SELECT count(*) FROM ended)");
  row.with(now_ms()).step();
  return {row.integer(0) - row.integer(1), row.integer(1), row.integer(2)};
}

Claim Jobs::claim(const std::string& device, const JobIdentity& job, const std::string& key) {
  Store::Guard database = store_.enter();
  Transaction transaction(*database);
  Statement row(*database,
                "SELECT claimed_by,claim_key,lease_id,lease_until_ms,fencing FROM jobs WHERE uuid=?"
                " AND user_uid=? AND sha256=?");
  if (!row.with(job.uuid, job.user_uid, job.sha256).step()) {
    Statement ended(*database, "SELECT state FROM ended WHERE uuid=? AND user_uid=? AND sha256=?");
    if (ended.with(job.uuid, job.user_uid, job.sha256).step()) {
      Problem problem(410, "job-ended", "the job is " + ended.text(0));
      problem.state = ended.text(0);
      throw problem;
    }
    throw Problem(404, "job-unknown", "no such job of this user with this document");
  }
  const std::string holder = row.text(0);
  const int64_t left_ms = row.integer(3) - now_ms();
  if (!holder.empty() && holder != device && left_ms > 0) {
    Problem problem(409, "job-claimed", "another device is printing this job");
    problem.claimed_by = holder;
    problem.retry_after_s = static_cast<int>((left_ms + 999) / 1000);
    throw problem;
  }
  Claim claim{row.text(2), row.integer(4), options_.lease_s};
  const bool repeat = holder == device && row.text(1) == key;
  row.reset();
  if (!repeat) {
    claim.lease_id = random_uuid();
    claim.fencing_token += 1;
  }
  database->run(
      "UPDATE jobs SET claimed_by=?,claim_key=?,lease_id=?,lease_until_ms=?,fencing=? WHERE uuid=?",
      device, key, claim.lease_id, now_ms() + int64_t{options_.lease_s} * 1000, claim.fencing_token,
      job.uuid);
  transaction.commit();
  return claim;
}

void Jobs::release(const std::string& device, const std::string& uuid, int64_t fencing_token) {
  Store::Guard database = store_.enter();
  Transaction transaction(*database);
  Statement row(*database, "SELECT claimed_by,fencing FROM jobs WHERE uuid=?");
  if (!row.with(uuid).step()) throw Problem(404, "job-unknown", "no such job");
  const bool free = row.text(0).empty();
  const bool mine = row.integer(1) == fencing_token && (free || row.text(0) == device);
  row.reset();
  if (!mine) throw stale_token();
  database->run("UPDATE jobs SET claimed_by='',claim_key='',lease_until_ms=0 WHERE uuid=?", uuid);
  transaction.commit();
}

DocumentFile Jobs::document(const std::string& device, const std::string& uuid,
                            int64_t fencing_token) {
  Store::Guard database = store_.enter();
  Statement row(*database, "SELECT claimed_by,fencing,mime,sha256,bytes FROM jobs WHERE uuid=?");
  if (!row.with(uuid).step()) throw Problem(404, "job-unknown", "no such job");
  if (row.text(0) != device || row.integer(1) != fencing_token) throw stale_token();
  DocumentFile file{store_.document_path(uuid), row.text(2), row.text(3), row.integer(4)};
  row.reset();
  database->run("UPDATE jobs SET lease_until_ms=? WHERE uuid=?",
                now_ms() + int64_t{options_.lease_s} * 1000, uuid);
  return file;
}

void Jobs::report(const std::string& device, const std::vector<Report>& reports) {
  std::vector<std::string> unlink_uuids;
  {
    Store::Guard database = store_.enter();
    Transaction transaction(*database);
    for (const Report& report : reports) apply(*database, device, report, &unlink_uuids);
    transaction.commit();
    // Under the lock, so that no new job of the same UUID can lose its document to this.
    for (const std::string& uuid : unlink_uuids) unlink(store_.document_path(uuid).c_str());
  }
}

void Jobs::apply(Database& database, const std::string& device, const Report& report,
                 std::vector<std::string>* unlink_uuids) {
  database.run("INSERT OR IGNORE INTO reports VALUES(?,?,?)", device, report.report_id, now_s());
  if (database.changes() == 0) return;
  const JobIdentity& job = report.job;
  if (report.state == "processing") {
    database.run(
        "UPDATE jobs SET lease_until_ms=? WHERE uuid=? AND user_uid=? AND sha256=? AND claimed_by=?"
        " AND fencing=?",
        now_ms() + int64_t{options_.lease_s} * 1000, job.uuid, job.user_uid, job.sha256, device,
        report.fencing_token);
    return;
  }
  // An ended job stays ended; only paper that did come out corrects an earlier word.
  database.run(
      "INSERT INTO ended VALUES(?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET state=excluded.state,"
      "impressions=excluded.impressions,at=excluded.at,device=excluded.device"
      " WHERE excluded.state='completed' AND ended.state<>'completed'",
      job.uuid, job.user_uid, job.sha256, report.state, report.impressions, report.at, device,
      now_s());
  database.run("DELETE FROM jobs WHERE uuid=? AND user_uid=? AND sha256=?", job.uuid, job.user_uid,
               job.sha256);
  if (database.changes() > 0) unlink_uuids->push_back(job.uuid);
}

}  // namespace print_server
