// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes records to the state store on the executor: the newest bytes of a key win, and whoever
// waits is told when what he gave, or something newer, is durable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/context.h"

namespace holdfast::client {

class Saver {
 public:
  using Done = std::function<void(Status)>;

  explicit Saver(Context& context) : context_(context), alive_(std::make_shared<Saver*>(this)) {}
  ~Saver() { *alive_ = nullptr; }
  Saver(const Saver&) = delete;
  Saver& operator=(const Saver&) = delete;

  // `done` is called once, from a later Executor::poll(), on the owner's thread; it may be empty.
  void save(const std::string& key, std::string bytes, Done done);

 private:
  struct Record {
    bool writing = false;
    bool waiting = false;  // `bytes` are newer than what is being written
    std::string bytes;
    std::vector<Done> writing_for;
    std::vector<Done> waiting_for;
  };
  class Write;

  void start(const std::string& key, Record& record);
  void written(const std::string& key, Status status);

  Context& context_;
  std::map<std::string, Record> records_;
  std::shared_ptr<Saver*> alive_;  // null inside once the saver is gone: tasks may outlive it
};

}  // namespace holdfast::client
