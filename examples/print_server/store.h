// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "database.h"

namespace print_server {

struct Options;

// What health tells of the data set. A passive node reads it from the file that the active one
// leaves.
struct Identity {
  std::string incarnation_id;
  int64_t server_epoch = 0;
  int64_t users_version = 0;
};

// The lock that makes one process the only one on its data. The kernel frees it with the process,
// so kill -9 hands over at once.
class DataLock {
 public:
  explicit DataLock(const std::string& data_dir);  // throws UsageError when unwritable
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;
  bool try_acquire();
  void release();

 private:
  int descriptor_ = -1;
};

// The database and the document folder. One connection under one mutex: each operation is short,
// and what is slow (key derivation, the body of a document) happens outside.
class Store {
 public:
  explicit Store(const Options& options);

  void open();            // opens or creates, recovers, loads the identity; the lock must be held
  void close();           // waits for the operation in progress
  int64_t begin_epoch();  // a new term of being active: durable before anything is answered
  Identity identity();    // works on a passive node, too

  // Holds the mutex for one operation. Throws not-active when this node has no data open.
  class Guard {
   public:
    explicit Guard(Store& store);
    Database* operator->() const { return &store_.database_; }
    Database& operator*() const { return store_.database_; }
    int64_t bump_users_version();  // inside a transaction

   private:
    Store& store_;
    std::lock_guard<std::recursive_mutex> lock_;
  };
  Guard enter() { return Guard(*this); }

  std::string meta(const char* key);  // empty when absent
  void set_meta(const char* key, const std::string& value);

  const std::string& cluster_id() const { return cluster_id_; }
  const std::string& signing_key() const { return signing_key_; }  // of receipts
  const std::string& tenant_salt() const { return tenant_salt_; }  // of cards and PINs
  int kdf_iterations() const { return kdf_iterations_; }
  const std::string& data_dir() const { return data_dir_; }
  std::string document_path(const std::string& uuid) const;
  std::string part_path(const std::string& unique) const;
  void sync_document_dir() const;  // a rename is durable only with its directory
  void publish_identity();

  // After a failed write health tries one itself, and fails as long as that does.
  void note_failure() { failing_ = true; }
  void check_writable();

 private:
  void create_tables();
  void load_meta(bool new_incarnation);
  void remove_orphans();

  std::recursive_mutex mutex_;
  Database database_;
  std::string data_dir_;
  std::string cluster_id_;
  std::string signing_key_;
  std::string tenant_salt_;
  int kdf_iterations_ = 0;
  int wanted_iterations_;
  bool new_incarnation_;
  std::atomic<bool> failing_{false};
  Identity identity_;
};

}  // namespace print_server
