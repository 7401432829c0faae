// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// ID.part while it is written, ID.doc once it is whole and durable.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "adapters/posix/files.h"
#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

using posix::Descriptor;
using posix::Directory;

constexpr char kPart[] = ".part";
constexpr char kDocument[] = ".doc";

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Shared by the store and its writers, which may live longer and in another thread.
struct Spool {
  Directory directory;
  uint64_t quota_bytes = 0;
  std::atomic<uint64_t> used_bytes{0};

  bool take(uint64_t bytes) {
    uint64_t used = used_bytes.load();
    do {
      if (used > quota_bytes || bytes > quota_bytes - used) return false;
    } while (!used_bytes.compare_exchange_weak(used, used + bytes));
    return true;
  }
  void give_back(uint64_t bytes) { used_bytes.fetch_sub(bytes); }
};

class FileWriter final : public DocumentWriter {
 public:
  FileWriter(std::shared_ptr<Spool> spool, std::string id, Descriptor file)
      : spool_(std::move(spool)), id_(std::move(id)), file_(std::move(file)) {}

  ~FileWriter() override {
    if (committed_) return;
    (void)spool_->directory.remove(id_ + kPart);
    if (renaming_) (void)spool_->directory.remove(id_ + kDocument);  // there, but not durably
    spool_->give_back(bytes_);
  }

  Status write(const uint8_t* data, size_t size) override {
    if (!status_.ok()) return status_;
    if (!file_.valid()) return Code::invalid_argument;  // committed
    if (!spool_->take(size)) return status_ = Code::no_space;
    bytes_ += size;
    return status_ = posix::write_all(file_.get(), data, size);
  }

  Status commit() override {
    if (!status_.ok()) return status_;  // a document with a hole must never look whole
    if (!file_.valid()) return Code::invalid_argument;
    status_ = posix::sync(file_.get());
    if (!file_.close() && status_.ok()) status_ = posix::status_of(errno);
    renaming_ = status_.ok();
    if (renaming_) status_ = spool_->directory.rename(id_ + kPart, id_ + kDocument);
    committed_ = status_.ok();
    return status_;
  }

 private:
  const std::shared_ptr<Spool> spool_;
  const std::string id_;
  Descriptor file_;
  uint64_t bytes_ = 0;
  Status status_;  // the first failure
  bool renaming_ = false;
  bool committed_ = false;
};

class FileReader final : public DocumentReader {
 public:
  FileReader(Descriptor file, uint64_t size) : file_(std::move(file)), size_(size) {}

  uint64_t size() const override { return size_; }

  Result<size_t> read(uint8_t* data, size_t capacity) override {
    for (;;) {
      const ssize_t given = ::read(file_.get(), data, capacity);
      if (given >= 0) return static_cast<size_t>(given);
      if (errno != EINTR) return failure(posix::status_of(errno));
    }
  }

  Status rewind() override {
    return ::lseek(file_.get(), 0, SEEK_SET) == 0 ? Status() : posix::status_of(errno);
  }

 private:
  const Descriptor file_;
  const uint64_t size_;
};

class FileDocuments final : public Documents {
 public:
  explicit FileDocuments(uint64_t quota_bytes) { spool_->quota_bytes = quota_bytes; }

  Status open_directory(const std::string& path, std::string* problem) {
    const Status opened = spool_->directory.open(path, "documents.lock", problem);
    if (!opened.ok()) return opened;
    Result<std::vector<std::string>> parts = names(kPart);
    Result<std::vector<std::string>> documents = names(kDocument);
    Status status = !parts ? parts.error() : !documents ? documents.error() : Status();
    for (size_t i = 0; status.ok() && i < parts->size(); ++i) {
      status = spool_->directory.remove((*parts)[i] + kPart);
    }
    for (size_t i = 0; status.ok() && i < documents->size(); ++i) {
      spool_->used_bytes += size_of((*documents)[i]);
    }
    if (!status.ok() && problem != nullptr) *problem = path + ": can't be read or tidied up";
    return status;
  }

  Result<std::unique_ptr<DocumentWriter>> create(const std::string& id) override {
    if (!is_id(id)) return failure(Code::invalid_argument);
    if (spool_->directory.exists(id + kDocument)) return failure(Code::already_exists);
    if (!spool_->take(1)) return failure(Code::no_space);
    spool_->give_back(1);
    Result<Descriptor> file = spool_->directory.create(id + kPart);
    if (!file && file.error().number() == EEXIST) return failure(Code::busy, EEXIST);
    if (!file) return failure(file.error());
    return std::make_unique<FileWriter>(spool_, id, std::move(*file));
  }

  Result<std::unique_ptr<DocumentReader>> open(const std::string& id) override {
    if (!is_id(id)) return failure(Code::invalid_argument);
    Descriptor file(::openat(spool_->directory.fd(), (id + kDocument).c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid() && errno == ENOENT) return failure(Code::not_found);
    if (!file.valid()) return failure(posix::status_of(errno));
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0) return failure(posix::status_of(errno));
    if (!S_ISREG(info.st_mode)) return failure(Code::corrupt);
    return std::make_unique<FileReader>(std::move(file), static_cast<uint64_t>(info.st_size));
  }

  Status remove(const std::string& id) override {
    if (!is_id(id)) return Code::invalid_argument;
    const uint64_t bytes = size_of(id);
    const Status removed = spool_->directory.remove(id + kDocument);
    if (removed.ok()) spool_->give_back(bytes);
    return removed;
  }

  Result<std::vector<std::string>> list() override { return names(kDocument); }

 private:
  // Ids of the files with that ending, sorted: a directory's own order changes from boot to boot.
  Result<std::vector<std::string>> names(const char* ending) const {
    const int copy = ::openat(spool_->directory.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (stream == nullptr) {
      const int error = errno;
      if (copy >= 0) ::close(copy);
      return failure(posix::status_of(error));
    }
    std::vector<std::string> ids;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
      std::string name = entry->d_name;
      if (!ends_with(name, ending)) continue;
      name.resize(name.size() - std::string(ending).size());
      if (is_id(name)) ids.push_back(std::move(name));
    }
    const int error = errno;
    ::closedir(stream);
    if (error != 0) return failure(posix::status_of(error));
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  uint64_t size_of(const std::string& id) const {
    struct stat info = {};
    const int found =
        ::fstatat(spool_->directory.fd(), (id + kDocument).c_str(), &info, AT_SYMLINK_NOFOLLOW);
    return found == 0 && S_ISREG(info.st_mode) ? static_cast<uint64_t>(info.st_size) : 0;
  }

  const std::shared_ptr<Spool> spool_ = std::make_shared<Spool>();
};

}  // namespace

Result<std::unique_ptr<Documents>> file_documents(const std::string& directory,
                                                  uint64_t quota_bytes, std::string* problem) {
  auto documents = std::make_unique<FileDocuments>(quota_bytes);
  const Status opened = documents->open_directory(directory, problem);
  if (!opened.ok()) return failure(opened);
  return documents;
}

}  // namespace holdfast
