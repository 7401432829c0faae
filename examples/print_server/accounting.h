// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "options.h"
#include "store.h"

namespace print_server {

struct LedgerEntry {
  std::string journal_epoch;
  int64_t sequence = 0;
  std::string home_cluster_id;
  std::string user_uid;
  std::string kind;  // print | copy | scan | fax
  int64_t impressions = 0;
  int64_t color_impressions = 0;
  int64_t sheets = 0;
  std::string job_uuid;  // empty: none
  std::string at;
};

struct JournalSet {
  std::string journal_epoch;
  int64_t count = 0;
  std::string set_hash;  // hex
};

struct StablePoint {
  std::string journal_epoch;
  int64_t sequence = 0;
};

// The ledger is a set of entry ids. Union makes a repeated or reordered batch the same ledger; a
// high-water mark would lose what arrives late.
class Ledger {
 public:
  Ledger(Store& store, const Options& options) : store_(store), options_(options) {}

  void add(const std::string& device, const std::vector<LedgerEntry>& entries);
  std::vector<JournalSet> journal(const std::string& device);
  std::vector<StablePoint> stable(const std::string& device,
                                  const std::vector<LedgerEntry>& entries);
  // Writes a copy of the database; what is in it has become stable.
  std::string backup();

  struct Charge {
    std::string user_uid, kind;
    int64_t entries = 0, impressions = 0;
  };
  std::vector<Charge> charges();
  struct Totals {
    int64_t entries = 0, charged = 0, impressions = 0;
  };
  Totals totals();

 private:
  void add_to_set(Database& database, const std::string& device, const LedgerEntry& entry);

  Store& store_;
  const Options& options_;
};

}  // namespace print_server
