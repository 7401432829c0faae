// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
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
  std::string rights;  // comma-separated
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

// The user feed: a manifest of chunks, each named by its SHA-256 and kept for a while.
class UserFeed {
 public:
  UserFeed(Store& store, const Options& options, const SigningKey* key);
  std::string manifest(int64_t since, const std::string& device);  // JSON
  std::string chunk(const std::string& id);                        // throws chunk-unknown

 private:
  std::string verifiers(Database& database, const std::string& user_uid);
  void keep(const std::string& id, const std::string& data);

  Store& store_;
  std::string sync_;
  const SigningKey* key_;
  std::mutex mutex_;
  std::map<std::string, std::string> chunks_;
  std::vector<std::string> order_;  // oldest first
  size_t held_bytes_ = 0;
};

}  // namespace print_server
