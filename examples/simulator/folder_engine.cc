// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "folder_engine.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>

#include "options.h"

namespace mfp {
namespace {

using holdfast::Instant;
using holdfast::PrintAttempt;
using holdfast::PrintEvent;
using holdfast::PrintPhase;
using holdfast::Status;

constexpr size_t kMaxQueued = 8;
constexpr size_t kChunkBytes = 64 * 1024;  // of one poll()

const char* extension(const std::string& mime) {
  if (mime == "application/pdf") return ".pdf";
  if (mime == "image/pwg-raster") return ".pwg";
  if (mime == "image/urf") return ".urf";
  if (mime == "application/postscript") return ".ps";
  return ".bin";
}

struct Printing {
  PrintAttempt attempt;
  std::unique_ptr<holdfast::DocumentReader> document;
  std::string name;  // in the folder, once it is all there
  int file = -1;
  uint64_t written = 0;
  uint32_t pages_out = 0;
  Instant next_page;

  uint32_t pages() const { return attempt.pages > 0 ? attempt.pages : 1; }
};

class FolderEngine final : public holdfast::PrintEngine {
 public:
  FolderEngine(std::string folder, uint32_t page_ms)
      : folder_(std::move(folder)), page_ms_(page_ms) {}
  ~FolderEngine() override {
    if (!queue_.empty() && queue_.front().file >= 0) close(queue_.front().file);
  }

  Status start(const PrintAttempt& attempt,
               std::unique_ptr<holdfast::DocumentReader> document) override;
  Status reattach(const PrintAttempt& attempt, const std::string& engine_job) override;
  void cancel(const std::string& attempt_id) override;
  Instant poll(Instant now) override;
  bool take(PrintEvent& event) override;

 private:
  static std::string name_of(const PrintAttempt& attempt) {
    return attempt.job.uuid + "." + attempt.attempt_id + extension(attempt.mime);
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string unfinished(const Printing& job) const { return path(job.name) + ".printing"; }

  void say(const Printing& job, PrintPhase phase, const std::string& reason = {});
  bool begin(Printing& job, Instant now);
  bool write_some(Printing& job, uint64_t up_to);
  void end(PrintPhase phase, const std::string& reason);
  void fail(const char* what);

  const std::string folder_;
  const uint32_t page_ms_;
  std::deque<Printing> queue_;  // the first is on the paper path
  std::deque<PrintEvent> events_;
};

void FolderEngine::say(const Printing& job, PrintPhase phase, const std::string& reason) {
  PrintEvent event;
  event.attempt_id = job.attempt.attempt_id;
  event.phase = phase;
  event.impressions = job.pages_out;
  event.engine_job = job.name;
  event.reason = reason;
  events_.push_back(std::move(event));
}

Status FolderEngine::start(const PrintAttempt& attempt,
                           std::unique_ptr<holdfast::DocumentReader> document) {
  if (queue_.size() >= kMaxQueued) return holdfast::Code::busy;
  Printing job;
  job.attempt = attempt;
  job.document = std::move(document);
  job.name = name_of(attempt);
  say(job, PrintPhase::accepted);
  queue_.push_back(std::move(job));
  return {};
}

// The file's name follows from the attempt, so that `engine_job` isn't needed: the power may have
// gone before anybody stored it.
Status FolderEngine::reattach(const PrintAttempt& attempt, const std::string&) {
  Printing job;
  job.attempt = attempt;
  job.name = name_of(attempt);
  if (access(path(job.name).c_str(), F_OK) == 0) {
    job.pages_out = job.pages();
    say(job, PrintPhase::completed);
  } else if (access(unfinished(job).c_str(), F_OK) == 0) {
    say(job, PrintPhase::unknown, "interrupted while printing");
  } else {
    say(job, PrintPhase::not_started, "interrupted before printing");
  }
  return {};
}

void FolderEngine::cancel(const std::string& attempt_id) {
  for (auto job = queue_.begin(); job != queue_.end(); ++job) {
    if (job->attempt.attempt_id != attempt_id) continue;
    if (job == queue_.begin() && job->file >= 0) {
      end(PrintPhase::canceled, "canceled at the device");
    } else {
      say(*job, PrintPhase::canceled, "canceled at the device");
      queue_.erase(job);
    }
    return;
  }
}

bool FolderEngine::begin(Printing& job, Instant now) {
  job.file = open(unfinished(job).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (job.file < 0) return false;
  job.next_page = now + holdfast::milliseconds(page_ms_);
  return true;
}

// Up to so many bytes of the document, one chunk at most.
bool FolderEngine::write_some(Printing& job, uint64_t up_to) {
  uint8_t buffer[kChunkBytes];
  if (job.written >= up_to) return true;
  const uint64_t left = up_to - job.written;
  const auto size =
      job.document->read(buffer, left < sizeof buffer ? static_cast<size_t>(left) : sizeof buffer);
  if (!size || *size == 0) {
    errno = EIO;
    return false;
  }
  for (size_t done = 0; done < *size;) {
    const ssize_t n = write(job.file, buffer + done, *size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += static_cast<size_t>(n);
  }
  job.written += *size;
  return true;
}

void FolderEngine::end(PrintPhase phase, const std::string& reason) {
  Printing job = std::move(queue_.front());
  queue_.pop_front();
  close(job.file);
  // No fsync: a sheet in a tray needs none, and poll() is not to block.
  const std::string to =
      phase == PrintPhase::completed ? path(job.name) : path(job.name) + "." + to_string(phase);
  if (std::rename(unfinished(job).c_str(), to.c_str()) != 0 && phase == PrintPhase::completed) {
    say(job, PrintPhase::unknown, std::string("output tray: ") + std::strerror(errno));
    return;
  }
  say(job, phase, reason);
}

void FolderEngine::fail(const char* what) {
  const std::string reason = std::string(what) + ": " + std::strerror(errno);
  if (queue_.front().file >= 0) {
    end(PrintPhase::aborted, reason);
    return;
  }
  say(queue_.front(), PrintPhase::not_started, reason);
  queue_.pop_front();
}

Instant FolderEngine::poll(Instant now) {
  if (queue_.empty()) return Instant::never();
  Printing& job = queue_.front();
  if (job.file < 0 && !begin(job, now)) {
    fail("paper tray");
    return now;
  }
  const uint64_t bytes = job.document->size();
  const uint32_t pages = job.pages();
  if (now >= job.next_page || page_ms_ == 0) {
    // The page's share of the document; then the page.
    const uint64_t share = job.pages_out + 1 >= pages ? bytes : bytes / pages * (job.pages_out + 1);
    if (job.written < share) {
      if (!write_some(job, share)) fail("paper path");
      return now;
    }
    ++job.pages_out;
    job.next_page = now + holdfast::milliseconds(page_ms_);
    if (job.pages_out >= pages) {
      end(PrintPhase::completed, {});
    } else {
      say(job, PrintPhase::printing);
    }
  }
  if (queue_.empty()) return Instant::never();
  return page_ms_ == 0 || queue_.front().file < 0 ? now : queue_.front().next_page;
}

bool FolderEngine::take(PrintEvent& event) {
  if (events_.empty()) return false;
  event = std::move(events_.front());
  events_.pop_front();
  return true;
}

}  // namespace

std::unique_ptr<holdfast::PrintEngine> folder_engine(const std::string& folder, uint32_t page_ms) {
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    throw StartError("--engine folder:" + folder + ": cannot be created: " + std::strerror(errno));
  }
  // Tried and not asked: access() says yes to root on a read-only file system's neighbour, and to
  // anybody about a full disk.
  const std::string probe = folder + "/.writable";
  const int file = open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    throw StartError("--engine folder:" + folder + ": cannot be written: " + std::strerror(errno));
  }
  close(file);
  unlink(probe.c_str());
  return std::make_unique<FolderEngine>(folder, page_ms);
}

}  // namespace mfp
