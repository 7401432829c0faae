// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "audit.h"

#include <algorithm>

#include "text.h"

namespace print_server {

void AuditTrail::add(const std::string& device, const std::string& epoch,
                     const std::vector<AuditEvent>& events) {
  Store::Guard database = store_.enter();
  Transaction transaction(*database);
  for (const AuditEvent& event : events) {
    database->run("INSERT OR IGNORE INTO audit VALUES(?,?,?,?,?,?,?,?,?)", device, epoch,
                  event.sequence, event.kind, event.at, event.user_uid, event.credential,
                  event.what, now_s());
  }
  transaction.commit();
}

std::vector<AuditRecord> AuditTrail::latest(size_t limit) {
  Store::Guard database = store_.enter();
  Statement rows(*database,
                 "SELECT device,epoch,sequence,kind,at,user_uid,credential,what FROM audit"
                 " ORDER BY received_at DESC,epoch,sequence DESC LIMIT ?");
  rows.with(static_cast<int64_t>(limit));
  std::vector<AuditRecord> records;
  while (rows.step()) {
    AuditRecord record;
    record.device = rows.text(0);
    record.epoch = rows.text(1);
    record.sequence = rows.integer(2);
    record.kind = rows.text(3);
    record.at = rows.text(4);
    record.user_uid = rows.text(5);
    record.credential = rows.text(6);
    record.what = rows.text(7);
    records.push_back(std::move(record));
  }
  std::reverse(records.begin(), records.end());
  return records;
}

}  // namespace print_server
