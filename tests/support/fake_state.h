// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A StateStore in memory, with faults to order.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "holdfast/ports/state.h"

namespace holdfast::test {

class FakeState final : public StateStore {
 public:
  std::map<std::string, std::string> records;
  std::map<std::string, Status> load_fails;  // corrupt is reported once, as by a real store
  Status store_fails;                        // every store() from now on
  size_t stores = 0;

  Result<std::string> load(const std::string& key) override {
    if (!is_key(key)) return failure(Code::invalid_argument);
    const auto fault = load_fails.find(key);
    if (fault != load_fails.end()) {
      const Status status = fault->second;
      if (status.code() == Code::corrupt) {
        load_fails.erase(fault);
        records.erase(key);
      }
      return failure(status);
    }
    const auto record = records.find(key);
    if (record == records.end()) return failure(Code::not_found);
    return record->second;
  }

  Status store(const std::string& key, const std::string& bytes) override {
    if (!is_key(key)) return Code::invalid_argument;
    if (!store_fails.ok()) return store_fails;
    ++stores;
    records[key] = bytes;
    return {};
  }

 private:
  static bool is_key(const std::string& key) {
    return !key.empty() && key.size() <= 32 && std::all_of(key.begin(), key.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
  }
};

}  // namespace holdfast::test
