// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/folder/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "codec/json_writer.h"

namespace holdfast::folder {
namespace {

constexpr const char* kName = "printed.ndjson";
constexpr size_t kMaxNameBytes = 255;
constexpr size_t kMaxLineBytes = 16384;  // longer ones aren't ours
constexpr size_t kChunkBytes = 16384;

constexpr PrintPhase kOutcomes[] = {PrintPhase::completed, PrintPhase::canceled,
                                    PrintPhase::aborted, PrintPhase::unknown,
                                    PrintPhase::not_started};

bool skip(std::string_view& text, std::string_view expected) {
  if (text.substr(0, expected.size()) != expected) return false;
  text.remove_prefix(expected.size());
  return true;
}

// True when the file doesn't end with a line's end.
bool is_torn(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  return size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

bool read_entry(std::string_view line, const std::string& attempt_id, JournalEntry& entry) {
  if (!skip(line, "{\"attempt\":\"" + attempt_id + "\",\"outcome\":\"")) return false;
  for (PrintPhase outcome : kOutcomes) {
    std::string_view rest = line;
    if (!skip(rest, to_string(outcome)) || !skip(rest, "\",\"impressions\":")) continue;
    uint64_t count = 0;
    if (!parse_decimal(rest.substr(0, rest.find(',')), UINT32_MAX, count)) return false;
    entry.outcome = outcome;
    entry.impressions = static_cast<uint32_t>(count);
    return true;
  }
  return false;
}

Status Journal::append(const PrintAttempt& attempt, const JournalEntry& entry, uint64_t bytes,
                       const std::string& file) const {
  codec::JsonWriter line;
  line.open_object()
      .member("attempt", attempt.attempt_id)
      .member("outcome", to_string(entry.outcome))
      .member("impressions", uint64_t{entry.impressions})
      .member("bytes", bytes)
      .member("file", file)
      .member("job", attempt.job.uuid)
      .member("sha256", attempt.job.sha256)
      .member("user", utf8_prefix(attempt.user_name, kMaxNameBytes))
      .member("name", utf8_prefix(attempt.job_name, kMaxNameBytes))
      .close_object();
  constexpr int kFlags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
  const posix::Descriptor journal(::openat(directory_.fd(), kName, kFlags, 0600));
  if (!journal.valid()) return posix::status_of(errno);
  const std::string text = (is_torn(journal.get()) ? "\n" : "") + line.take() + "\n";
  const Status status = posix::write_all(journal.get(), text.data(), text.size());
  if (!status.ok()) return status;
  const Status synced = posix::sync(journal.get());
  // The first line also makes the file itself: its name must last too.
  return synced.ok() ? posix::sync(directory_.fd()) : synced;
}

Result<JournalEntry> Journal::find(const std::string& attempt_id) const {
  const posix::Descriptor journal(
      ::openat(directory_.fd(), kName, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!journal.valid()) {
    return failure(errno == ENOENT ? Status(Code::not_found) : posix::status_of(errno));
  }
  std::string lines;
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    const ssize_t size = ::read(journal.get(), &chunk[0], chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failure(posix::status_of(errno));
    if (size == 0) return failure(Code::not_found);
    lines.append(chunk, 0, static_cast<size_t>(size));
    size_t begin = 0;
    for (size_t end; (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1) {
      JournalEntry entry;
      if (read_entry(std::string_view(lines).substr(begin, end - begin), attempt_id, entry)) {
        return entry;
      }
    }
    lines.erase(0, begin);
    if (lines.size() > kMaxLineBytes) lines.erase(1);  // keeps a byte: its end is no line's begin
  }
}

}  // namespace holdfast::folder
