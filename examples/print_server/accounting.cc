// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "accounting.h"

#include <set>

#include "crypto.h"
#include "text.h"

namespace print_server {
namespace {

// A device draws an epoch at each start; what is listed is bounded, newest first.
constexpr int kMostEpochsListed = 64;

std::string exclusive_or(std::string a, const std::string& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    a[i] = static_cast<char>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return a;
}

}  // namespace

void Ledger::add(const std::string& device, const std::vector<LedgerEntry>& entries) {
  Store::Guard database = store_.enter();
  Transaction transaction(*database);
  for (const LedgerEntry& entry : entries) {
    database->run("INSERT OR IGNORE INTO ledger VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", device,
                  entry.journal_epoch, entry.sequence, entry.home_cluster_id, entry.user_uid,
                  entry.kind, entry.impressions, entry.color_impressions, entry.sheets,
                  entry.job_uuid, entry.at, entry.home_cluster_id == store_.cluster_id(),
                  !options_.stable_after_backup, now_s());
    if (database->changes() > 0) add_to_set(*database, device, entry);
  }
  transaction.commit();
}

void Ledger::add_to_set(Database& database, const std::string& device, const LedgerEntry& entry) {
  const std::string member = sha256(entry.journal_epoch + ":" + std::to_string(entry.sequence));
  Statement row(database,
                "SELECT count,highest,set_hash FROM journal WHERE device=? AND journal_epoch=?");
  if (!row.with(device, entry.journal_epoch).step()) {
    database.run(
        "INSERT INTO journal(device,journal_epoch,count,highest,set_hash) VALUES(?,?,1,?,?)",
        device, entry.journal_epoch, entry.sequence, member);
    return;
  }
  const int64_t highest = row.integer(1) < entry.sequence ? entry.sequence : row.integer(1);
  const int64_t count = row.integer(0) + 1;
  const std::string set_hash = exclusive_or(row.text(2), member);
  row.reset();
  database.run("UPDATE journal SET count=?,highest=?,set_hash=? WHERE device=? AND journal_epoch=?",
               count, highest, set_hash, device, entry.journal_epoch);
}

std::vector<JournalSet> Ledger::journal(const std::string& device) {
  Store::Guard database = store_.enter();
  Statement rows(*database,
                 "SELECT journal_epoch,count,set_hash FROM journal WHERE device=?"
                 " ORDER BY opened DESC LIMIT ?");
  rows.with(device, kMostEpochsListed);
  std::vector<JournalSet> sets;
  while (rows.step()) sets.push_back({rows.text(0), rows.integer(1), hex(rows.text(2))});
  return sets;
}

std::vector<StablePoint> Ledger::stable(const std::string& device,
                                        const std::vector<LedgerEntry>& entries) {
  Store::Guard database = store_.enter();
  std::set<std::string> epochs;
  for (const LedgerEntry& entry : entries) epochs.insert(entry.journal_epoch);
  std::vector<StablePoint> points;
  for (const std::string& epoch : epochs) {
    Statement row(*database,
                  "SELECT highest,(SELECT min(sequence) FROM ledger WHERE device=? AND"
                  " journal_epoch=? AND stable=0) FROM journal WHERE device=? AND journal_epoch=?");
    if (!row.with(device, epoch, device, epoch).step()) continue;
    const int64_t first_unstable = row.integer(1);
    points.push_back({epoch, first_unstable > 0 ? first_unstable - 1 : row.integer(0)});
  }
  return points;
}

std::string Ledger::backup() {
  Store::Guard database = store_.enter();
  const std::string path = store_.data_dir() + "/backup-" + std::to_string(now_ms()) + ".db";
  database->run("VACUUM INTO ?", path);
  database->run("UPDATE ledger SET stable=1 WHERE stable=0");
  return path;
}

std::vector<Ledger::Charge> Ledger::charges() {
  Store::Guard database = store_.enter();
  Statement rows(*database,
                 "SELECT user_uid,kind,count(*),sum(impressions) FROM ledger WHERE charged=1"
                 " GROUP BY user_uid,kind ORDER BY user_uid,kind");
  std::vector<Charge> charges;
  while (rows.step()) {
    charges.push_back({rows.text(0), rows.text(1), rows.integer(2), rows.integer(3)});
  }
  return charges;
}

Ledger::Totals Ledger::totals() {
  Store::Guard database = store_.enter();
  Statement row(*database,
                "SELECT count(*),coalesce(sum(charged),0),coalesce(sum(charged*impressions),0)"
                " FROM ledger");
  row.step();
  return {row.integer(0), row.integer(1), row.integer(2)};
}

}  // namespace print_server
