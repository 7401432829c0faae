// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "adapters/folder/print.h"
#include "holdfast/adapters/folder_engine.h"

namespace holdfast {
namespace {

using folder::JournalEntry;
using folder::Print;

constexpr const char* kLock = "printer.lock";
constexpr size_t kMaxAttemptIdBytes = 64;
constexpr uint32_t kMaxPageMs = 3600000;
constexpr uint32_t kMaxJobs = 256;

bool is_attempt_id(const std::string& id) {
  if (id.empty() || id.size() > kMaxAttemptIdBytes) return false;
  for (char c : id) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-') return false;
  }
  return true;
}

uint64_t size_of(const posix::Directory& directory, const std::string& name) {
  struct stat info = {};
  const int found = ::fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW);
  return found == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

class FolderEngine : public PrintEngine {
 public:
  explicit FolderEngine(const FolderEngineConfig& config) : config_(config) {}

  Status open(std::string* problem) { return directory_.open(config_.directory, kLock, problem); }

  Status start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) override;
  Status reattach(const PrintAttempt& attempt, const std::string& engine_job) override;
  void cancel(const std::string& attempt_id) override;
  Instant poll(Instant now) override;
  bool take(PrintEvent& event) override;

 private:
  Print* find(const std::string& attempt_id);

  const FolderEngineConfig config_;
  posix::Directory directory_;
  folder::Events events_;
  std::vector<std::unique_ptr<Print>> prints_;
};

Print* FolderEngine::find(const std::string& attempt_id) {
  for (const auto& print : prints_) {
    if (print->attempt_id() == attempt_id && !print->done()) return print.get();
  }
  return nullptr;
}

Status FolderEngine::start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) {
  if (!document || !is_attempt_id(attempt.attempt_id)) return Code::invalid_argument;
  if (directory_.exists(folder::final_name(attempt))) return Code::already_exists;
  if (prints_.size() >= config_.max_jobs) return Code::busy;
  Result<posix::Descriptor> file = directory_.create(folder::part_name(attempt));
  if (!file) return file.error().number() == EEXIST ? Status(Code::already_exists) : file.error();
  prints_.push_back(std::make_unique<Print>(directory_, attempt, milliseconds(config_.page_ms),
                                            std::move(document), std::move(*file), events_));
  return {};
}

Status FolderEngine::reattach(const PrintAttempt& attempt, const std::string&) {
  if (!is_attempt_id(attempt.attempt_id)) return Code::invalid_argument;
  if (find(attempt.attempt_id) != nullptr) return Code::already_exists;
  const folder::Journal journal(directory_);
  const Result<JournalEntry> known = journal.find(attempt.attempt_id);
  if (!known && known.error().code() != Code::not_found) return known.error();
  JournalEntry entry = {PrintPhase::not_started, 0};
  if (known) {
    entry = *known;
  } else if (directory_.exists(folder::final_name(attempt))) {
    // The power went between the rename and the journal's line.
    entry = {PrintPhase::completed, folder::pages_of(attempt)};
    const std::string file = folder::final_name(attempt);
    const Status status = journal.append(attempt, entry, size_of(directory_, file), file);
    if (!status.ok()) return status;
  }
  const Status status = directory_.remove(folder::part_name(attempt));
  if (!status.ok()) return status;
  events_.push_back(folder::make_event(attempt, entry.outcome, entry.impressions, ""));
  return {};
}

void FolderEngine::cancel(const std::string& attempt_id) {
  if (Print* print = find(attempt_id)) print->cancel();
}

Instant FolderEngine::poll(Instant now) {
  for (const auto& print : prints_) {
    if (print->due() <= now) print->poll(now);
  }
  prints_.erase(std::remove_if(prints_.begin(), prints_.end(),
                               [](const auto& print) { return print->done(); }),
                prints_.end());
  Instant next = events_.empty() ? Instant::never() : now;
  for (const auto& print : prints_) next = earlier(next, later(print->due(), now));
  return next;
}

bool FolderEngine::take(PrintEvent& event) {
  if (events_.empty()) return false;
  event = std::move(events_.front());
  events_.pop_front();
  return true;
}

}  // namespace

Result<std::unique_ptr<PrintEngine>> folder_engine(const FolderEngineConfig& config,
                                                   std::string* problem) {
  if (config.directory.empty() || config.page_ms > kMaxPageMs || config.max_jobs == 0 ||
      config.max_jobs > kMaxJobs) {
    if (problem != nullptr) *problem = "folder engine: directory, page_ms or max_jobs is wrong";
    return failure(Code::invalid_argument);
  }
  auto engine = std::make_unique<FolderEngine>(config);
  const Status status = engine->open(problem);
  if (!status.ok()) return failure(status);
  return engine;
}

}  // namespace holdfast
