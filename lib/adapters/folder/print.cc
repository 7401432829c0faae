// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/folder/print.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace holdfast::folder {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr int kBuffersAtOnce = 16;  // so that a call stays short
constexpr Duration kJamRecheck = milliseconds(50);

struct Extension {
  const char* mime;
  const char* text;
};
constexpr Extension kExtensions[] = {
    {"application/pdf", ".pdf"},       {"image/pwg-raster", ".pwg"}, {"image/urf", ".urf"},
    {"application/postscript", ".ps"}, {"text/plain", ".txt"},
};

// The number in a small file; false when there is none.
bool read_number(const posix::Directory& directory, const char* name, uint64_t& number) {
  const posix::Descriptor file(::openat(directory.fd(), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  char text[16] = {};
  if (!file.valid()) return false;
  const ssize_t size = ::read(file.get(), text, sizeof text);
  std::string_view digits(text, size > 0 ? static_cast<size_t>(size) : 0);
  digits = digits.substr(0, digits.find_first_of("\r\n "));
  return parse_decimal(digits, UINT32_MAX, number);
}

}  // namespace

std::string final_name(const PrintAttempt& attempt) {
  for (const Extension& extension : kExtensions) {
    if (attempt.mime == extension.mime) return attempt.attempt_id + extension.text;
  }
  return attempt.attempt_id + ".bin";
}

std::string part_name(const PrintAttempt& attempt) { return attempt.attempt_id + ".part"; }

uint32_t pages_of(const PrintAttempt& attempt) { return std::max(attempt.pages, 1u); }

PrintEvent make_event(const PrintAttempt& attempt, PrintPhase phase, uint32_t impressions,
                      const std::string& reason) {
  PrintEvent event;
  event.attempt_id = attempt.attempt_id;
  event.phase = phase;
  event.impressions = impressions;
  event.engine_job = final_name(attempt);
  event.reason = reason;
  return event;
}

Print::Print(const posix::Directory& directory, const PrintAttempt& attempt, Duration page,
             std::unique_ptr<DocumentReader> document, posix::Descriptor file, Events& events)
    : directory_(directory),
      attempt_(attempt),
      page_(page),
      events_(events),
      document_(std::move(document)),
      file_(std::move(file)) {}

void Print::report(PrintPhase phase, const std::string& reason) {
  // A host that is slow to take events gets the newest progress only: the queue stays short.
  if (!events_.empty() && phase == PrintPhase::printing && events_.back().phase == phase &&
      events_.back().attempt_id == attempt_.attempt_id) {
    events_.pop_back();
  }
  events_.push_back(make_event(attempt_, phase, impressions_, reason));
}

void Print::poll(Instant now) {
  switch (stage_) {
    case Stage::accept:
      report(PrintPhase::accepted, "");
      stage_ = Stage::copy;
      return copy(now);
    case Stage::copy:
      return copy(now);
    case Stage::pages:
      return next_page(now);
    case Stage::done:
      return;
  }
}

void Print::copy(Instant now) {
  std::vector<uint8_t> buffer(kBufferBytes);
  for (int i = 0; i < kBuffersAtOnce; ++i) {
    const Result<size_t> size = document_->read(buffer.data(), buffer.size());
    if (!size) return give_up(PrintPhase::not_started, "document cannot be read");
    if (*size == 0) return whole(now);
    const Status status = posix::write_all(file_.get(), buffer.data(), *size);
    if (!status.ok()) return give_up(PrintPhase::not_started, status.message());
    bytes_ += *size;
  }
}

void Print::whole(Instant now) {
  if (bytes_ != document_->size()) {
    return give_up(PrintPhase::not_started, "document has not the size it should have");
  }
  const Status status = posix::sync(file_.get());
  if (!status.ok() || !file_.close()) {
    return give_up(PrintPhase::not_started, "document cannot be written");
  }
  document_.reset();
  stage_ = Stage::pages;
  due_ = now + page_;
}

// True: no page comes out now.
bool Print::meets_fault(Instant now) {
  if (directory_.exists("fault.vanish")) {
    give_up(PrintPhase::unknown, "printer vanished");
    return true;
  }
  const bool jam = directory_.exists("fault.jam");
  if (jam != jammed_) report(PrintPhase::printing, jam ? "media-jam" : "");
  jammed_ = jam;
  if (jam) due_ = now + kJamRecheck;
  return jam;
}

void Print::next_page(Instant now) {
  if (now < due_ || meets_fault(now)) return;
  const uint32_t pages = pages_of(attempt_);
  uint64_t limit = UINT32_MAX;
  (void)read_number(directory_, "fault.abort_at", limit);
  const uint32_t out = page_ > Duration{0} ? impressions_ + 1 : pages;
  impressions_ = static_cast<uint32_t>(std::min<uint64_t>(out, limit));
  if (impressions_ == pages) return commit();
  if (impressions_ == limit) return give_up(PrintPhase::aborted, "aborted by the printer");
  due_ = due_ + page_;
  report(PrintPhase::printing, "");
}

void Print::commit() {
  const Status status = directory_.rename(part_name(attempt_), final_name(attempt_));
  // A rename that reports an error may have happened all the same.
  if (!status.ok() && !directory_.exists(final_name(attempt_))) {
    impressions_ = 0;
    return give_up(PrintPhase::not_started, status.message());
  }
  const JournalEntry entry = {PrintPhase::completed, impressions_};
  const Status noted = Journal(directory_).append(attempt_, entry, bytes_, final_name(attempt_));
  report(PrintPhase::completed, noted.ok() ? "" : "journal cannot be written");
  stage_ = Stage::done;
}

void Print::give_up(PrintPhase outcome, const std::string& reason) {
  (void)file_.close();
  (void)directory_.remove(part_name(attempt_));
  // Nothing came out: then no line is needed to say so after a restart.
  if (outcome != PrintPhase::not_started) {
    (void)Journal(directory_).append(attempt_, {outcome, impressions_}, bytes_, "");
  }
  report(outcome, reason);
  stage_ = Stage::done;
}

void Print::cancel() {
  if (!done()) give_up(PrintPhase::canceled, "canceled");
}

}  // namespace holdfast::folder
