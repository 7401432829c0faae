// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "crypto.h"
#include "options.h"
#include "problem.h"
#include "text.h"

namespace print_server {
namespace {

constexpr int kSchemaVersion = 3;

// What only guards against repetition is kept this long; the protocol asks for 30 days at least.
constexpr int64_t kKept_s = int64_t{40} * 86400;

constexpr char kSchema[] = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE users(user_uid TEXT PRIMARY KEY, name TEXT NOT NULL, display_name TEXT NOT NULL,
  rights TEXT NOT NULL, disabled INTEGER NOT NULL, revoked INTEGER NOT NULL,
  deleted INTEGER NOT NULL, version INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  locked_until_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE UNIQUE INDEX users_name ON users(name) WHERE deleted = 0;
CREATE INDEX users_version ON users(version);
CREATE TABLE credentials(kind TEXT NOT NULL, verifier TEXT NOT NULL, user_uid TEXT NOT NULL,
  salt TEXT NOT NULL, iterations INTEGER NOT NULL, PRIMARY KEY(kind, verifier)) WITHOUT ROWID;
CREATE INDEX credentials_user ON credentials(user_uid);
CREATE TABLE attempts(device TEXT, attempt_id TEXT, fingerprint TEXT, answer TEXT, at INTEGER,
  PRIMARY KEY(device, attempt_id)) WITHOUT ROWID;
CREATE TABLE guesses(device TEXT, kind TEXT, level INTEGER, updated INTEGER,
  PRIMARY KEY(device, kind)) WITHOUT ROWID;
CREATE TABLE logged_out(receipt_id TEXT PRIMARY KEY, expires INTEGER) WITHOUT ROWID;
CREATE TABLE jobs(uuid TEXT PRIMARY KEY, user_uid TEXT NOT NULL, sha256 TEXT NOT NULL,
  name TEXT NOT NULL, mime TEXT NOT NULL, bytes INTEGER NOT NULL, pages INTEGER NOT NULL,
  submitted_at INTEGER NOT NULL, claimed_by TEXT NOT NULL DEFAULT '',
  claim_key TEXT NOT NULL DEFAULT '', lease_id TEXT NOT NULL DEFAULT '',
  lease_until_ms INTEGER NOT NULL DEFAULT 0, fencing INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX jobs_user ON jobs(user_uid, submitted_at);
CREATE TABLE ended(uuid TEXT, user_uid TEXT, sha256 TEXT, state TEXT, impressions INTEGER,
  at TEXT, device TEXT, received_at INTEGER, PRIMARY KEY(uuid, user_uid, sha256)) WITHOUT ROWID;
CREATE TABLE reports(device TEXT, report_id TEXT, at INTEGER, PRIMARY KEY(device, report_id))
  WITHOUT ROWID;
CREATE TABLE idempotency(device TEXT, key TEXT, fingerprint TEXT, status INTEGER, body TEXT,
  at INTEGER, PRIMARY KEY(device, key)) WITHOUT ROWID;
CREATE TABLE ledger(device TEXT, journal_epoch TEXT, sequence INTEGER, home_cluster_id TEXT,
  user_uid TEXT, kind TEXT, impressions INTEGER, color_impressions INTEGER, sheets INTEGER,
  job_uuid TEXT, at TEXT, charged INTEGER, stable INTEGER, received_at INTEGER,
  PRIMARY KEY(device, journal_epoch, sequence)) WITHOUT ROWID;
CREATE INDEX ledger_unstable ON ledger(device, journal_epoch, sequence) WHERE stable = 0;
CREATE TABLE journal(opened INTEGER PRIMARY KEY, device TEXT, journal_epoch TEXT, count INTEGER,
  highest INTEGER, set_hash TEXT, UNIQUE(device, journal_epoch));
)sql";

// What each version added to the one before.
constexpr char kAuditTrail[] = R"sql(
CREATE TABLE audit(device TEXT, epoch TEXT, sequence INTEGER, kind TEXT, at TEXT, user_uid TEXT,
  credential TEXT, what TEXT, received_at INTEGER, PRIMARY KEY(device, epoch, sequence))
  WITHOUT ROWID;
CREATE INDEX audit_received ON audit(received_at);
CREATE INDEX attempts_at ON attempts(at);
)sql";
constexpr char kPageLeases[] = "ALTER TABLE users ADD COLUMN offline_pages INTEGER DEFAULT -1";

void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw UsageError("cannot create the folder " + path + ": " + std::strerror(errno) +
                     "; give --data a folder that this user may write");
  }
}

void sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("cannot open " + path);
  const int result = fsync(descriptor);
  ::close(descriptor);
  if (result != 0) throw std::runtime_error("cannot sync " + path);
}

}  // namespace

DataLock::DataLock(const std::string& data_dir) {
  make_folder(data_dir);
  const std::string path = data_dir + "/lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0 || access(data_dir.c_str(), W_OK) != 0) {
    throw UsageError("cannot write in the data folder " + data_dir + ": " + std::strerror(errno) +
                     "; give --data a folder that this user may write");
  }
}

DataLock::~DataLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool DataLock::try_acquire() { return flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }
void DataLock::release() { flock(descriptor_, LOCK_UN); }

Store::Store(const Options& options)
    : data_dir_(options.data_dir),
      cluster_id_(options.cluster_id),
      wanted_iterations_(options.kdf_iterations),
      new_incarnation_(options.new_incarnation) {}

Store::Guard::Guard(Store& store) : store_(store), lock_(store.mutex_) {
  if (!store_.database_.is_open()) throw Problem(503, "not-active", "this node is passive");
}

void Store::open() {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  make_folder(data_dir_ + "/jobs");
  make_folder(data_dir_ + "/drop");
  try {
    database_.open(data_dir_ + "/server.db");
    create_tables();
    load_meta(new_incarnation_);
    new_incarnation_ = false;  // once, not again at each takeover
    remove_orphans();
    sync_folder(data_dir_);
  } catch (const DatabaseError& error) {
    database_.close();
    throw UsageError("cannot use " + data_dir_ + "/server.db: " + error.what() +
                     "; put a backup in its place and start with --new-incarnation, or give another"
                     " --data");
  } catch (...) {
    database_.close();
    throw;
  }
}

void Store::close() {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  database_.close();
}

void Store::create_tables() {
  Statement version(database_, "PRAGMA user_version");
  version.step();
  const int64_t found = version.integer(0);
  version.reset();
  if (found > kSchemaVersion) {
    throw UsageError(data_dir_ + "/server.db was written by a newer version of this server (" +
                     std::to_string(found) + "): use that version, or another folder");
  }
  if (found == kSchemaVersion) return;
  Transaction transaction(database_);
  if (found < 1) database_.execute(kSchema);
  if (found < 2) database_.execute(kAuditTrail);
  if (found < 3) database_.execute(kPageLeases);
  database_.execute(("PRAGMA user_version=" + std::to_string(kSchemaVersion)).c_str());
  transaction.commit();
}

void Store::load_meta(bool new_incarnation) {
  Transaction transaction(database_);
  if (meta("cluster_id").empty()) {
    set_meta("cluster_id", cluster_id_);
    set_meta("signing_key", random_bytes(32));
    set_meta("tenant_salt", random_bytes(16));
    set_meta("kdf_iterations", std::to_string(wanted_iterations_));
    set_meta("incarnation_id", random_uuid());
  }
  if (meta("cluster_id") != cluster_id_) {
    throw UsageError("the data in " + data_dir_ + " belongs to cluster '" + meta("cluster_id") +
                     "', not '" + cluster_id_ + "': give that --cluster-id or another --data");
  }
  if (new_incarnation) set_meta("incarnation_id", random_uuid());
  signing_key_ = meta("signing_key");
  tenant_salt_ = meta("tenant_salt");
  kdf_iterations_ = std::atoi(meta("kdf_iterations").c_str());
  identity_.incarnation_id = meta("incarnation_id");
  identity_.server_epoch = std::atoll(meta("server_epoch").c_str());
  identity_.users_version = std::atoll(meta("users_version").c_str());
  database_.run("DELETE FROM ended WHERE received_at<?", now_s() - kKept_s);
  database_.run("DELETE FROM audit WHERE received_at<?", now_s() - kKept_s);
  database_.run("DELETE FROM reports WHERE at<?", now_s() - kKept_s);
  transaction.commit();
}

int64_t Store::begin_epoch() {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  const int64_t next = identity_.server_epoch + 1;
  set_meta("server_epoch", std::to_string(next));
  identity_.server_epoch = next;
  publish_identity();
  return next;
}

Identity Store::identity() {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  if (database_.is_open()) return identity_;
  std::ifstream file(data_dir_ + "/identity");
  Identity found;
  file >> found.incarnation_id >> found.server_epoch >> found.users_version;
  if (file) identity_ = found;
  if (identity_.incarnation_id.empty()) identity_.incarnation_id = "none";
  return identity_;
}

void Store::publish_identity() {
  const std::string path = data_dir_ + "/identity";
  {
    std::ofstream file(path + ".new", std::ios::trunc);
    file << identity_.incarnation_id << ' ' << identity_.server_epoch << ' '
         << identity_.users_version << '\n';
  }
  // A hint for passive nodes; the truth is in the database, so no fsync.
  std::rename((path + ".new").c_str(), path.c_str());
}

int64_t Store::Guard::bump_users_version() {
  const int64_t next = store_.identity_.users_version + 1;
  store_.set_meta("users_version", std::to_string(next));
  store_.identity_.users_version = next;
  store_.publish_identity();
  return next;
}

void Store::check_writable() {
  if (!failing_.load()) return;
  const Guard database(*this);
  set_meta("last_failure", std::to_string(now_s()));
  failing_ = false;
}

std::string Store::meta(const char* key) {
  Statement row(database_, "SELECT value FROM meta WHERE key=?");
  return row.with(key).step() ? row.text(0) : std::string();
}

void Store::set_meta(const char* key, const std::string& value) {
  database_.run("INSERT OR REPLACE INTO meta VALUES(?,?)", key, value);
}

std::string Store::document_path(const std::string& uuid) const {
  return data_dir_ + "/jobs/" + uuid + ".doc";
}

std::string Store::part_path(const std::string& unique) const {
  return data_dir_ + "/jobs/" + unique + ".part";
}

void Store::sync_document_dir() const { sync_folder(data_dir_ + "/jobs"); }

// A document without its row was never acknowledged, or its job has ended.
void Store::remove_orphans() {
  const std::string folder = data_dir_ + "/jobs";
  DIR* handle = opendir(folder.c_str());
  if (handle == nullptr) throw std::runtime_error("cannot read " + folder);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(handle)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(handle);
  for (const std::string& name : names) {
    const std::string uuid = name.substr(0, name.find('.'));
    Statement row(database_, "SELECT 1 FROM jobs WHERE uuid=?");
    const bool wanted = name == uuid + ".doc" && row.with(uuid).step();
    if (!wanted) unlink((folder + "/" + name).c_str());
  }
}

}  // namespace print_server
