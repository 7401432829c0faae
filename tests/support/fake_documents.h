// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Documents in memory, with a quota and faults to order. For one thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/ports/documents.h"

namespace holdfast::test {

class FakeDocuments final : public Documents {
 public:
  // What lives on where writers and readers live longer than the store.
  struct Contents {
    std::map<std::string, std::shared_ptr<const std::string>> committed;
    std::set<std::string> being_written;
    uint64_t quota_bytes = UINT64_MAX;
    uint64_t used_bytes = 0;
    Status write_fails;   // every write() from now on
    Status commit_fails;  // every commit() from now on
  };
  std::shared_ptr<Contents> contents = std::make_shared<Contents>();

  explicit FakeDocuments(uint64_t quota_bytes = UINT64_MAX) { contents->quota_bytes = quota_bytes; }

  Result<std::unique_ptr<DocumentWriter>> create(const std::string& id) override {
    if (!is_id(id)) return failure(Code::invalid_argument);
    if (contents->committed.count(id) != 0) return failure(Code::already_exists);
    if (contents->used_bytes >= contents->quota_bytes) return failure(Code::no_space);
    if (!contents->being_written.insert(id).second) return failure(Code::busy);
    return std::make_unique<Writer>(contents, id);
  }

  Result<std::unique_ptr<DocumentReader>> open(const std::string& id) override {
    if (!is_id(id)) return failure(Code::invalid_argument);
    const auto found = contents->committed.find(id);
    if (found == contents->committed.end()) return failure(Code::not_found);
    return std::make_unique<Reader>(found->second);
  }

  Status remove(const std::string& id) override {
    if (!is_id(id)) return Code::invalid_argument;
    const auto found = contents->committed.find(id);
    if (found == contents->committed.end()) return {};
    contents->used_bytes -= found->second->size();
    contents->committed.erase(found);
    return {};
  }

  Result<std::vector<std::string>> list() override {
    std::vector<std::string> ids;
    for (const auto& entry : contents->committed) ids.push_back(entry.first);
    return ids;
  }

 private:
  class Writer final : public DocumentWriter {
   public:
    Writer(std::shared_ptr<Contents> contents, std::string id)
        : contents_(std::move(contents)), id_(std::move(id)) {}
    ~Writer() override {
      if (committed_) return;
      contents_->being_written.erase(id_);
      contents_->used_bytes -= bytes_.size();
    }

    Status write(const uint8_t* data, size_t size) override {
      if (!status_.ok()) return status_;
      if (committed_) return Code::invalid_argument;
      if (!contents_->write_fails.ok()) return status_ = contents_->write_fails;
      if (size > contents_->quota_bytes - contents_->used_bytes) return status_ = Code::no_space;
      contents_->used_bytes += size;
      bytes_.append(reinterpret_cast<const char*>(data), size);
      return {};
    }

    Status commit() override {
      if (!status_.ok()) return status_;
      if (committed_) return Code::invalid_argument;
      if (!contents_->commit_fails.ok()) return status_ = contents_->commit_fails;
      committed_ = true;
      contents_->being_written.erase(id_);
      contents_->committed[id_] = std::make_shared<const std::string>(std::move(bytes_));
      return {};
    }

   private:
    const std::shared_ptr<Contents> contents_;
    const std::string id_;
    std::string bytes_;
    Status status_;
    bool committed_ = false;
  };

  class Reader final : public DocumentReader {
   public:
    explicit Reader(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
    uint64_t size() const override { return bytes_->size(); }
    Result<size_t> read(uint8_t* data, size_t capacity) override {
      const size_t given = std::min(capacity, bytes_->size() - at_);
      if (given > 0) std::memcpy(data, bytes_->data() + at_, given);
      at_ += given;
      return given;
    }
    Status rewind() override {
      at_ = 0;
      return {};
    }

   private:
    const std::shared_ptr<const std::string> bytes_;
    size_t at_ = 0;
  };

  static bool is_id(const std::string& id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
  }
};

}  // namespace holdfast::test
