// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "users.h"

#include <set>
#include <tuple>

#include "crypto.h"
#include "problem.h"
#include "text.h"

namespace print_server {
namespace {

std::string verifier_salt(Store& store, const std::string& kind) {
  return kind == "password" ? random_bytes(16) : store.tenant_salt();
}

bool same_user(const Statement& row, const ImportedUser& user) {
  return row.text(0) == user.name && row.text(1) == user.display_name &&
         row.text(2) == user.rights && (row.integer(3) != 0) == user.disabled &&
         row.integer(4) == 0 && row.integer(5) == user.offline_pages;
}

// Adds what is new and removes what is gone. Derivation is repeated with the stored salt to
// compare, since the secret itself is nowhere.
class CredentialUpdate {
 public:
  CredentialUpdate(Store& store, Database& database, const ImportedUser& user, int64_t version)
      : store_(store), database_(database), user_(user), version_(version) {
    Statement rows(database,
                   "SELECT kind,verifier,salt,iterations FROM credentials WHERE user_uid=?");
    rows.with(user.user_uid);
    while (rows.step()) {
      const Stored stored{rows.text(0), rows.text(1), rows.text(2),
                          static_cast<int>(rows.integer(3))};
      stale_.insert(stored);
    }
  }

  bool apply() {
    bool changed = false;
    for (const std::string& card : user_.cards) changed |= add("card", normalised_card(card));
    for (const std::string& pin : user_.pins) changed |= add("pin", pin);
    if (!user_.password.empty()) changed |= add("password", user_.password);
    for (const Stored& stored : stale_) {
      database_.run("DELETE FROM credentials WHERE kind=? AND verifier=?", stored.kind,
                    stored.verifier);
      changed = true;
    }
    return changed;
  }

 private:
  struct Stored {
    std::string kind, verifier, salt;
    int iterations;
    bool operator<(const Stored& other) const {
      return std::tie(kind, verifier) < std::tie(other.kind, other.verifier);
    }
  };

  bool add(const std::string& kind, const std::string& secret) {
    for (auto it = stale_.begin(); it != stale_.end(); ++it) {
      if (it->kind == kind && pbkdf2_sha256(secret, it->salt, it->iterations) == it->verifier) {
        stale_.erase(it);
        return false;
      }
    }
    const std::string salt = verifier_salt(store_, kind);
    const std::string verifier = pbkdf2_sha256(secret, salt, store_.kdf_iterations());
    // Within a file each card and PIN is one user's; an owner found here lost it in this very
    // import.
    // That one changed as well, even when its turn is over.
    database_.run(
        "UPDATE users SET version=? WHERE user_uid=(SELECT user_uid FROM credentials WHERE kind=? "
        "AND"
        " verifier=?)",
        version_, kind, verifier);
    database_.run("INSERT OR REPLACE INTO credentials VALUES(?,?,?,?,?)", kind, verifier,
                  user_.user_uid, salt, store_.kdf_iterations());
    return true;
  }

  Store& store_;
  Database& database_;
  const ImportedUser& user_;
  int64_t version_;
  std::set<Stored> stale_;
};

void import_one(Store& store, Database& database, const ImportedUser& user, int64_t version) {
  bool known = false;
  bool same = false;
  {
    Statement row(database,
                  "SELECT name,display_name,rights,disabled,deleted,offline_pages FROM users WHERE"
                  " user_uid=?");
    known = row.with(user.user_uid).step();
    same = known && same_user(row, user);
  }
  if (!known) {
    database.run("INSERT INTO users VALUES(?,?,?,?,?,0,0,?,0,0,?)", user.user_uid, user.name,
                 user.display_name, user.rights, user.disabled, version, user.offline_pages);
  }
  const bool credentials_changed = CredentialUpdate(store, database, user, version).apply();
  if (known && (!same || credentials_changed)) {
    database.run(
        "UPDATE users SET name=?,display_name=?,rights=?,disabled=?,deleted=0,version=?,failures=0,"
        "locked_until_ms=0,offline_pages=? WHERE user_uid=?",
        user.name, user.display_name, user.rights, user.disabled, version, user.offline_pages,
        user.user_uid);
  }
}

bool read_user(Statement& row, User* out) {
  if (!row.step()) return false;
  *out = {row.text(0), row.text(1), row.text(2), row.text(3)};
  return true;
}

}  // namespace

void import_users(Store& store, const UserImport& import) {
  Store::Guard database = store.enter();
  if (store.meta("users_file") == import.digest) return;
  Transaction transaction(*database);
  const int64_t version = database.bump_users_version();
  std::set<std::string> present;
  for (const ImportedUser& user : import.users) present.insert(user.user_uid);
  std::vector<std::string> gone;
  {
    Statement rows(*database, "SELECT user_uid FROM users WHERE deleted=0");
    while (rows.step()) {
      if (present.count(rows.text(0)) == 0) gone.push_back(rows.text(0));
    }
  }
  for (const std::string& user_uid : gone) {
    database->run("UPDATE users SET deleted=1,version=? WHERE user_uid=?", version, user_uid);
    database->run("DELETE FROM credentials WHERE user_uid=?", user_uid);
  }
  // A card or a name that moved from one user to another must be free before it is given again.
  for (const ImportedUser& user : import.users) {
    database->run("UPDATE users SET name=user_uid||'/renamed' WHERE user_uid=? AND name<>?",
                  user.user_uid, user.name);
  }
  for (const ImportedUser& user : import.users) import_one(store, *database, user, version);
  store.set_meta("users_file", import.digest);
  transaction.commit();
}

bool revoke_user(Store& store, const std::string& user_uid, bool revoked) {
  Store::Guard database = store.enter();
  Transaction transaction(*database);
  Statement row(*database, "SELECT 1 FROM users WHERE user_uid=? AND deleted=0");
  if (!row.with(user_uid).step()) return false;
  row.reset();
  const int64_t version = database.bump_users_version();
  database->run("UPDATE users SET revoked=?,version=? WHERE user_uid=?", revoked, version,
                user_uid);
  transaction.commit();
  return true;
}

bool find_active_user(Store& store, const std::string& user_uid, User* out) {
  Store::Guard database = store.enter();
  Statement row(*database,
                "SELECT user_uid,name,display_name,rights FROM users WHERE user_uid=? AND"
                " disabled=0 AND revoked=0 AND deleted=0");
  return read_user(row.with(user_uid), out);
}

bool find_user_by_name(Store& store, const std::string& name, User* out) {
  Store::Guard database = store.enter();
  Statement row(*database,
                "SELECT user_uid,name,display_name,rights FROM users WHERE name=? AND disabled=0"
                " AND revoked=0 AND deleted=0");
  return read_user(row.with(name), out);
}

std::vector<std::string> active_user_names(Store& store) {
  Store::Guard database = store.enter();
  std::vector<std::string> names;
  Statement rows(*database, "SELECT name FROM users WHERE disabled=0 AND revoked=0 AND deleted=0");
  while (rows.step()) names.push_back(rows.text(0));
  return names;
}

}  // namespace print_server
