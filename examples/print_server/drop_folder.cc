// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "drop_folder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "crypto.h"
#include "problem.h"
#include "text.h"
#include "users.h"

namespace print_server {
namespace {

constexpr std::chrono::milliseconds kPause{300};
constexpr size_t kMostFolders = 10000;  // made for users; beyond, each is made by who needs it

std::vector<std::string> entries_of(const std::string& folder) {
  std::vector<std::string> names;
  DIR* handle = opendir(folder.c_str());
  if (handle == nullptr) return names;
  while (const dirent* entry = readdir(handle)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(handle);
  return names;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string mime_of(const std::string& name) {
  if (ends_with(name, ".pdf")) return "application/pdf";
  if (ends_with(name, ".pwg")) return "image/pwg-raster";
  if (ends_with(name, ".ps")) return "application/postscript";
  if (ends_with(name, ".jpg")) return "image/jpeg";
  if (ends_with(name, ".txt")) return "text/plain";
  return "application/octet-stream";
}

}  // namespace

DropFolder::DropFolder(Store& store, Jobs& jobs, const Roles& roles)
    : store_(store), jobs_(jobs), roles_(roles) {}

void DropFolder::start() {
  thread_ = std::thread([this] {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      if (roles_.role() == Role::active) scan();
      lock.lock();
      changed_.wait_for(lock, kPause);
    }
  });
}

void DropFolder::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DropFolder::make_folders() {
  const std::vector<std::string> names = active_user_names(store_);
  if (names.size() > kMostFolders) return;
  for (const std::string& name : names) {
    if (name[0] == '.' || name.find('/') != std::string::npos) continue;
    mkdir((store_.data_dir() + "/drop/" + name).c_str(), 0700);
  }
}

void DropFolder::scan() {
  const std::string root = store_.data_dir() + "/drop";
  for (const std::string& name : entries_of(root)) {
    const std::string folder = root + "/" + name;
    if (known_empty(folder)) continue;
    try {
      User user;
      if (find_user_by_name(store_, name, &user)) scan_user(folder, user.user_uid);
    } catch (const Problem&) {
      return;  // the role moved on
    } catch (const std::exception& error) {
      std::fprintf(stderr, "drop folder of '%s': %s\n", name.c_str(), error.what());
    }
  }
}

// Thousands of folders are looked at three times a second: an empty one that hasn't changed since
// costs one stat, and no query that logins would have to wait for.
bool DropFolder::known_empty(const std::string& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return true;
  const int64_t changed_ns = status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec;
  const auto known = empty_.find(folder);
  if (known != empty_.end() && known->second == changed_ns) return true;
  if (!entries_of(folder).empty()) return false;
  // File systems count time in ticks: a change right after this one could look the same.
  if (now_s() - status.st_mtim.tv_sec > 1) empty_[folder] = changed_ns;
  return true;
}

void DropFolder::scan_user(const std::string& folder, const std::string& user_uid) {
  for (const std::string& name : entries_of(folder)) {
    const std::string path = folder + "/" + name;
    struct stat status {};
    if (ends_with(name, ".part") || lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0) {
      continue;
    }
    const Seen now{status.st_size, status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec};
    const auto before = seen_.find(path);
    if (before == seen_.end() || before->second.bytes != now.bytes ||
        before->second.changed_ns != now.changed_ns) {
      seen_[path] = now;
      continue;
    }
    const std::string file_mark =
        path + "\n" + std::to_string(now.changed_ns) + "\n" + std::to_string(status.st_ino);
    take(path, name, user_uid, file_mark);
  }
}

void DropFolder::take(const std::string& path, const std::string& name, const std::string& user_uid,
                      const std::string& file_mark) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) return;
  const std::string stem = name.substr(0, name.find('.'));
  Submission submission;
  // A name of its own for each file, but the same one when a crash makes us take the file again.
  submission.job.uuid = is_uuid(stem) ? stem : uuid_from(sha256(file_mark));
  submission.job.user_uid = user_uid;
  submission.job.name = is_utf8(name) && !has_control(name) ? name : "document";
  submission.job.mime = mime_of(name);
  submission.document = [&](const std::function<bool(const char*, size_t)>& sink) {
    std::vector<char> buffer(64 * 1024);
    size_t size = 0;
    while ((size = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0) {
      if (!sink(buffer.data(), size)) return false;
    }
    return std::ferror(file.get()) == 0;
  };
  try {
    jobs_.submit(submission);
  } catch (const Problem& problem) {
    if (problem.name == "not-active") throw;
    std::fprintf(stderr, "%s is not taken: %s; renamed to .refused\n", path.c_str(),
                 problem.detail.c_str());
    const std::string folder = path.substr(0, path.rfind('/'));
    std::rename(path.c_str(), (folder + "/." + name + ".refused").c_str());
    seen_.erase(path);
    return;
  }
  unlink(path.c_str());
  seen_.erase(path);
}

}  // namespace print_server
