// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Mains, and the flash that is left without it. Power can be cut at each operation of the database
// and of the counter; what runs on afterwards is a dead processor's, and does nothing any more.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "support/fake_database.h"

namespace holdfast::sim::offline {

struct Power {
  bool on = true;
  uint64_t cut_in = 0;  // operations; 0: none is planned
  bool landed = false;  // whether the operation at which it fails is done

  bool at_counter = false;  // it failed in that one

  // True for the operation in which it fails.
  bool step() { return cut_in > 0 && --cut_in == 0; }
};

class SimDatabase final : public Database {
 public:
  SimDatabase(Power& power, bool persistent) : power_(power), persistent_(persistent) {}

  std::function<void()> on_commit;  // it is durable
  std::function<void()> on_clear;

  test::FakeDatabase& medium() { return *medium_; }
  // After a power cut.
  void reopen() {
    medium_ = persistent_ ? medium_->reopened() : std::make_unique<test::FakeDatabase>();
  }

  bool persistent() const override { return persistent_; }
  Result<std::string> get(Space space, std::string_view key) override {
    touch();
    return medium_->get(space, key);
  }
  Result<Row> seek(Space space, std::string_view from) override {
    touch();
    return medium_->seek(space, from);
  }
  Status begin() override {
    touch();
    return medium_->begin();
  }
  Status put(Space space, std::string_view key, std::string_view value) override {
    touch();
    return medium_->put(space, key, value);
  }
  Status erase(Space space, std::string_view key) override {
    touch();
    return medium_->erase(space, key);
  }
  Status commit() override {
    touch();
    const size_t before = medium_->commits();
    const Status status = medium_->commit();
    if (medium_->commits() != before && on_commit) on_commit();
    return status;
  }
  void rollback() override { medium_->rollback(); }
  Status clear() override {
    touch();
    const bool was_on = power_.on || power_.landed;
    const Status status = medium_->clear();
    if (was_on && medium_->content().empty() && on_clear) on_clear();
    return status;
  }

 private:
  void touch() {
    if (!power_.on) {
      medium_->cut_power();
    } else if (power_.step()) {
      using Landed = test::FakeDatabase::Landed;
      medium_->cut_power_at(1, power_.landed ? Landed::yes : Landed::no);
      power_.on = false;
    }
  }

  Power& power_;
  const bool persistent_;
  std::unique_ptr<test::FakeDatabase> medium_ = std::make_unique<test::FakeDatabase>();
};

}  // namespace holdfast::sim::offline
