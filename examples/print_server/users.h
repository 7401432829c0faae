// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store.h"

namespace print_server {

struct Options;
class SigningKey;

struct User {
  std::string user_uid;
  std::string name;
  std::string display_name;
  std::string rights;          // comma-separated
  int64_t offline_pages = -1;  // a lease for each device; -1: no limit
};

struct ImportedUser : User {
  bool disabled = false;
  std::vector<std::string> cards;
  std::vector<std::string> pins;
  std::string password;
};

struct UserImport {
  std::string digest;  // of the file: an unchanged one is not derived again
  std::vector<ImportedUser> users;
};

UserImport read_users_file(const std::string& path);  // throws UsageError naming entry and field

// The file is the whole truth: who is missing from it is deleted and becomes a tombstone.
void import_users(Store& store, const UserImport& import);

bool revoke_user(Store& store, const std::string& user_uid, bool revoked);
// Only users that may act now: neither revoked, disabled nor deleted.
bool find_active_user(Store& store, const std::string& user_uid, User* out);
bool find_user_by_name(Store& store, const std::string& name, User* out);
std::vector<std::string> active_user_names(Store& store);

// The user feed: a manifest of chunks, each named by its SHA-256. Chunks are files in the data
// folder, so that a list of 100,000 users takes no memory, and that another node on the same data,
// or this one after a restart, hands out what a device was promised.
class UserFeed {
 public:
  UserFeed(Store& store, const Options& options, const SigningKey* key);
  std::string manifest(int64_t since, const std::string& device);  // JSON
  std::string chunk(const std::string& id);                        // throws chunk-unknown

 private:
  struct Chunk {
    std::string id;
    size_t bytes = 0;
    int entries = 0;
  };
  // Made once for all devices that ask for the same.
  struct List {
    int64_t since = 0;
    int64_t version = 0;
    bool full = false;
    std::vector<Chunk> chunks;
  };
  class Writer;

  std::shared_ptr<const List> list(int64_t since);
  bool promise(const List& list) const;
  bool read(List* list, Writer* writer, bool in_one_go);
  std::string read_some(const List& list, bool gone, const std::string& after, Writer* writer);
  void clean_up(const List& newest);
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  Store& store_;
  std::string sync_;
  const SigningKey* key_;
  std::string folder_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const List>> lists_;  // the latest last
};

}  // namespace print_server
