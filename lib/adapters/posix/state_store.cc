// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One file for each record: magic, length and checksum, then the bytes. Replaced by writing a new
// file beside it, syncing it and renaming it over the old one, so that a power cut leaves one of
// the two.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/posix/files.h"
#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

using posix::Descriptor;
using posix::Directory;

constexpr char kMagic[] = "HFSTATE1";
constexpr size_t kMagic_bytes = sizeof kMagic - 1;
constexpr size_t kHeader_bytes = kMagic_bytes + 8 + 8;
constexpr size_t kLargest_bytes = 16 * 1024 * 1024;
constexpr int kDamagedKept = 3;

bool is_key(const std::string& key) {
  return !key.empty() && key.size() <= 32 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// CRC-64/XZ without a table: records are small and seldom. It finds accidents; who can write the
// file can forge it.
uint64_t crc64(uint64_t crc, const std::string& bytes) {
  crc = ~crc;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xC96C5795D7870F42ull : 0);
    }
  }
  return ~crc;
}

void put_u64(std::string& out, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>((value >> shift) & 0xff);
}

uint64_t get_u64(const std::string& in, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(in[at + i])) << (8 * i);
  }
  return value;
}

// The key is part of the checksum, so that one record under another's name is noticed.
uint64_t checksum(const std::string& key, const std::string& bytes) {
  return crc64(crc64(0, key + "\n"), bytes);
}

// Reads the rest of the file; corrupt when it is longer than any record.
Result<std::string> read_all(int fd) {
  std::string content;
  char buffer[4096];
  for (;;) {
    const ssize_t given = ::read(fd, buffer, sizeof buffer);
    if (given < 0 && errno == EINTR) continue;
    if (given < 0) return failure(posix::status_of(errno));
    if (given == 0) return content;
    content.append(buffer, static_cast<size_t>(given));
    if (content.size() > kLargest_bytes + kHeader_bytes) return failure(Code::corrupt);
  }
}

class FileStateStore final : public StateStore {
 public:
  Status open(const std::string& path, std::string* problem) {
    return directory_.open(path, "state.lock", problem);
  }

  Result<std::string> load(const std::string& key) override {
    if (!is_key(key)) return failure(Code::invalid_argument);
    // Not blocking on a pipe that somebody put there, nor following a link out of the directory.
    const Descriptor file(::openat(directory_.fd(), file_of(key).c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid() && errno == ENOENT) return failure(Code::not_found);
    if (!file.valid() && errno == ELOOP) return damaged(key);
    if (!file.valid()) return failure(posix::status_of(errno));
    Result<std::string> content = read_all(file.get());
    // A sector that can't be read is damage like a wrong one; a directory in the file's place too.
    if (!content) return damaged(key);
    if (content->size() < kHeader_bytes || content->compare(0, kMagic_bytes, kMagic) != 0) {
      return damaged(key);
    }
    const uint64_t length = get_u64(*content, kMagic_bytes);
    const uint64_t sum = get_u64(*content, kMagic_bytes + 8);
    content->erase(0, kHeader_bytes);
    if (length != content->size() || sum != checksum(key, *content)) return damaged(key);
    return content;
  }

  Status store(const std::string& key, const std::string& bytes) override {
    if (!is_key(key) || bytes.size() > kLargest_bytes) return Code::invalid_argument;
    std::string content(kMagic, kMagic_bytes);
    content.reserve(kHeader_bytes + bytes.size());
    put_u64(content, bytes.size());
    put_u64(content, checksum(key, bytes));
    content += bytes;

    const std::string draft = key + ".tmp";
    Status status = directory_.remove(draft);  // a power cut's remainder
    if (!status.ok()) return status;
    Result<Descriptor> file = directory_.create(draft);
    if (!file) return file.error();
    status = posix::write_all(file->get(), content.data(), content.size());
    // A failed sync is final: the kernel may have dropped the pages, and a second one would find
    // nothing to complain of.
    if (status.ok()) status = posix::sync(file->get());
    if (!file->close() && status.ok()) status = posix::status_of(errno);
    if (status.ok()) status = directory_.rename(draft, file_of(key));
    if (!status.ok()) (void)directory_.remove(draft);
    return status;
  }

 private:
  static std::string file_of(const std::string& key) { return key + ".rec"; }

  // Keeps the first two, which are nearest to the cause, and the latest.
  tl::unexpected<Status> damaged(const std::string& key) const {
    int number = 1;
    while (number < kDamagedKept && directory_.exists(key + ".damaged-" + std::to_string(number))) {
      ++number;
    }
    const std::string aside = key + ".damaged-" + std::to_string(number);
    const Status moved = directory_.rename(file_of(key), aside);
    return failure(Code::corrupt, moved.number());
  }

  Directory directory_;
};

}  // namespace

Result<std::unique_ptr<StateStore>> file_state_store(const std::string& directory,
                                                     std::string* problem) {
  auto store = std::make_unique<FileStateStore>();
  const Status opened = store->open(directory, problem);
  if (!opened.ok()) return failure(opened);
  return store;
}

}  // namespace holdfast
