// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/saver.h"

#include <utility>

namespace holdfast::client {

class Saver::Write : public Task {
 public:
  Write(StateStore& store, std::string key, std::string bytes, std::shared_ptr<Saver*> saver)
      : store_(store), key_(std::move(key)), bytes_(std::move(bytes)), saver_(std::move(saver)) {}

  void run() noexcept override { status_ = store_.store(key_, bytes_); }
  void finish() noexcept override {
    if (*saver_ != nullptr) (*saver_)->written(key_, status_);
  }

 private:
  StateStore& store_;
  std::string key_;
  std::string bytes_;
  std::shared_ptr<Saver*> saver_;
  Status status_;
};

void Saver::save(const std::string& key, std::string bytes, Done done) {
  Record& record = records_[key];
  record.bytes = std::move(bytes);
  record.waiting = true;
  if (done) record.waiting_for.push_back(std::move(done));
  if (!record.writing) start(key, record);
}

void Saver::start(const std::string& key, Record& record) {
  record.writing = true;
  record.waiting = false;
  record.writing_for = std::move(record.waiting_for);
  record.waiting_for.clear();
  const Status queued = context_.ports.executor->submit(
      std::make_unique<Write>(*context_.ports.state, key, record.bytes, alive_));
  if (!queued.ok()) written(key, queued);
}

void Saver::written(const std::string& key, Status status) {
  Record& record = records_[key];
  record.writing = false;
  std::vector<Done> told = std::move(record.writing_for);
  record.writing_for.clear();
  if (record.waiting) start(key, record);
  if (!status.ok()) context_.alarm(Alarm::state_not_saved, key + ": " + status.message());
  for (const Done& done : told) done(status);
}

}  // namespace holdfast::client
