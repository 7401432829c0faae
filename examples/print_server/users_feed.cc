// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The user feed. Reading 100,000 users takes a second, so it is done in steps between which logins
// have their turn, once for each pair of versions that devices ask for.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "crypto.h"
#include "options.h"
#include "problem.h"
#include "text.h"
#include "users.h"

namespace print_server {
namespace {

using nlohmann::json;

constexpr size_t kChunkBytes = 64 * 1024;
constexpr int64_t kUsersAStep = 500;
constexpr int kTries = 3;          // to read it in steps while users change
constexpr size_t kLists = 8;       // remembered
constexpr int64_t kKept_s = 7200;  // a chunk, after a manifest named it
constexpr int64_t kKeptBytes = int64_t{1024} * 1024 * 1024;

std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string rights_list(const std::string& rights) {
  std::string list;
  for (const std::string& right : split(rights, ','))
    list += (list.empty() ? "" : ",") + quoted(right);
  return "[" + list + "]";
}

}  // namespace

// Collects lines and writes them as chunks.
class UserFeed::Writer {
 public:
  Writer(const UserFeed& feed, std::vector<Chunk>* chunks) : feed_(feed), chunks_(chunks) {}

  void add(const std::string& line) {
    if (text_.size() + line.size() > kChunkBytes) end();
    text_ += line;
    ++entries_;
  }

  void end() {
    if (entries_ == 0) return;
    const std::string id = hex(sha256(text_));
    const std::string unfinished = feed_.path("." + id);
    {
      // Not synced: what a power cut leaves isn't what its name says, and is made again.
      std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
      file << text_;
      if (!file.flush()) throw DatabaseError("cannot write " + unfinished, errno == ENOSPC);
    }
    if (std::rename(unfinished.c_str(), feed_.path(id).c_str()) != 0)
      throw DatabaseError("cannot write " + unfinished, false);
    chunks_->push_back({id, text_.size(), entries_});
    text_.clear();
    entries_ = 0;
  }

 private:
  const UserFeed& feed_;
  std::vector<Chunk>* chunks_;
  std::string text_;
  int entries_ = 0;
};

UserFeed::UserFeed(Store& store, const Options& options, const SigningKey* key)
    : store_(store),
      sync_(options.sync_verifiers),
      key_(key),
      folder_(options.data_dir + "/feed") {}

// Up to kUsersAStep users after `after`, in the order of their ids. The last one's id; empty when
// there are no more.
std::string UserFeed::read_some(const List& list, bool gone, const std::string& after,
                                Writer* writer) {
  Store::Guard database = store_.enter();
  Statement rows(
      *database,
      "SELECT u.user_uid,u.name,u.display_name,u.rights,u.disabled,c.kind,c.salt,"
      "c.iterations,c.verifier,u.offline_pages FROM (SELECT * FROM users WHERE user_uid>?1 AND "
      "version>?2"
      " AND (revoked OR deleted)=?3 ORDER BY user_uid LIMIT ?4) u LEFT JOIN credentials c"
      " ON c.user_uid=u.user_uid AND ?3=0 AND (?5='all' OR ?5='cards' AND c.kind<>'pin')"
      " ORDER BY u.user_uid");
  rows.with(after, list.since, gone, kUsersAStep, sync_);
  std::string last, line, verifiers;
  const auto end_line = [&] {
    if (last.empty()) return;
    if (!gone && sync_ != "none") line += ",\"verifiers\":[" + verifiers + "]";
    writer->add(line + "}\n");
    verifiers.clear();
  };
  while (rows.step()) {
    const std::string user_uid = rows.text(0);
    if (user_uid != last) {
      end_line();
      last = user_uid;
      line = std::string("{\"op\":\"") + (gone ? "delete" : "put") +
             "\",\"user_uid\":" + quoted(user_uid);
      if (!gone) {
        line += ",\"name\":" + quoted(rows.text(1)) + ",\"display_name\":" + quoted(rows.text(2)) +
                ",\"rights\":" + rights_list(rows.text(3)) +
                ",\"disabled\":" + (rows.integer(4) != 0 ? "true" : "false");
        const int64_t pages = rows.integer(9);
        if (pages >= 0) line += ",\"offline_pages\":" + std::to_string(pages);
      }
    }
    const std::string kind = rows.text(5);
    if (kind.empty()) continue;
    verifiers += (verifiers.empty() ? "{\"kind\":" : ",{\"kind\":") + quoted(kind) +
                 ",\"salt\":\"" + hex(rows.text(6)) +
                 "\",\"iterations\":" + std::to_string(rows.integer(7)) + ",\"verifier\":\"" +
                 hex(rows.text(8)) + "\"}";
  }
  end_line();
  return last;
}

// Tombstones first: a device that is cut off in the middle has at least revoked. False: the users
// changed meanwhile.
bool UserFeed::read(List* list, Writer* writer, bool in_one_go) {
  std::unique_ptr<Store::Guard> all_along;
  if (in_one_go) all_along = std::make_unique<Store::Guard>(store_);
  for (const bool gone : {true, false}) {
    if (gone && list->full) continue;
    std::string after;
    do {
      after = read_some(*list, gone, after, writer);
    } while (!after.empty());
  }
  writer->end();
  return store_.identity().users_version == list->version;
}

// Its chunks count as used now. False: one of them is gone.
bool UserFeed::promise(const List& list) const {
  return std::all_of(list.chunks.begin(), list.chunks.end(), [this](const Chunk& one) {
    return utimensat(AT_FDCWD, path(one.id).c_str(), nullptr, 0) == 0;
  });
}

std::shared_ptr<const UserFeed::List> UserFeed::list(int64_t since) {
  const std::lock_guard<std::mutex> lock(mutex_);
  store_.enter();  // a passive node says so
  for (int n = 1;; ++n) {
    auto list = std::make_shared<List>();
    list->version = store_.identity().users_version;
    list->full = since <= 0 || since > list->version;
    list->since = list->full ? 0 : since;
    for (const auto& known : lists_)
      if (known->since == list->since && known->version == list->version && promise(*known))
        return known;
    if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
      throw DatabaseError("cannot create " + folder_, errno == ENOSPC);
    Writer writer(*this, &list->chunks);
    if (!read(list.get(), &writer, n == kTries)) continue;
    lists_.push_back(list);
    if (lists_.size() > kLists) lists_.erase(lists_.begin());
    clean_up(*list);
    return list;
  }
}

std::string UserFeed::manifest(int64_t since, const std::string& device) {
  const std::shared_ptr<const List> list = this->list(since);
  std::string signed_text = "holdfast-users-v1\n" + store_.cluster_id() + "\n" + device + "\n" +
                            std::to_string(list->since) + "\n" + std::to_string(list->version) +
                            "\n" + (list->full ? "full" : "delta") + "\n";
  json chunks = json::array();
  for (const Chunk& one : list->chunks) {
    chunks.push_back(
        {{"id", one.id}, {"sha256", one.id}, {"bytes", one.bytes}, {"entries", one.entries}});
    signed_text += one.id + " " + one.id + " " + std::to_string(one.bytes) + " " +
                   std::to_string(one.entries) + "\n";
  }
  json answer = {{"version", list->version},
                 {"base_version", list->since},
                 {"full", list->full},
                 {"chunks", std::move(chunks)}};
  if (key_ != nullptr) {
    answer["key_id"] = key_->key_id();
    answer["signature"] = base64(key_->sign(signed_text));
  }
  return answer.dump();
}

std::string UserFeed::chunk(const std::string& id) {
  const bool plausible =
      id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (plausible) {
    std::ifstream file(path(id), std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(file), {});
    if (file && hex(sha256(content)) == id) return content;
  }
  throw Problem(404, "chunk-unknown", "no such chunk now: ask for the manifest again");
}

// What no device has been promised for long; and, when that is too much, the oldest.
void UserFeed::clean_up(const List& newest) {
  std::set<std::string> wanted;
  for (const Chunk& one : newest.chunks) wanted.insert(one.id);
  struct Old {
    int64_t at;
    int64_t bytes;
    std::string path;
  };
  std::vector<Old> old;
  int64_t held = 0;
  DIR* handle = opendir(folder_.c_str());
  if (handle == nullptr) return;
  while (const dirent* entry = readdir(handle)) {
    struct stat found {};
    const std::string name = entry->d_name;
    if (stat(path(name).c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    held += found.st_size;
    if (wanted.count(name) == 0) old.push_back({found.st_mtime, found.st_size, path(name)});
  }
  closedir(handle);
  std::sort(old.begin(), old.end(), [](const Old& a, const Old& b) { return a.at < b.at; });
  for (const Old& one : old) {
    if (held <= kKeptBytes && std::time(nullptr) - one.at < kKept_s) break;
    unlink(one.path.c_str());
    held -= one.bytes;
  }
}

}  // namespace print_server
