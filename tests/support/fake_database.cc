// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "support/fake_database.h"

#include <cerrno>

namespace holdfast::test {
namespace {

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= Database::kLargestKey_bytes;
}

}  // namespace

// ---- faults

void FakeDatabase::fail_at(size_t n, Status status, bool forever) {
  fault_ = Fault();
  fault_.at = n;
  fault_.status = status;
  fault_.forever = forever;
}

void FakeDatabase::fail_write_at(size_t n, Status status, bool forever) {
  fail_at(n, status, forever);
  fault_.writes_only = true;
}

void FakeDatabase::fail_no_more() { fault_ = Fault(); }

void FakeDatabase::cut_power_at(size_t n, Landed landed) {
  cut_at_ = n == 0 ? 0 : operations_ + n;
  landed_ = landed;
}

void FakeDatabase::cut_power() { powered_ = false; }

std::unique_ptr<FakeDatabase> FakeDatabase::reopened() const {
  return std::make_unique<FakeDatabase>(durable_);
}

bool FakeDatabase::Fault::strikes(Kind kind) {
  if (at == 0 || (writes_only && kind == Kind::read)) return false;
  ++seen;
  return seen == at || (forever && seen > at);
}

Status FakeDatabase::happens(Kind kind) {
  if (!powered_) return Status(Code::io_error, EIO);
  ++operations_;
  if (operations_ == cut_at_) {
    powered_ = false;
    cut_landed_ = kind == Kind::last && landed_ == Landed::yes && spoilt_.ok();
    return Status(Code::io_error, EIO);
  }
  if (kind != Kind::read && !unusable_.ok()) return unusable_;
  if (!fault_.strikes(kind)) return {};
  if (kind == Kind::last && fault_.status.code() == Code::io_error) unusable_ = fault_.status;
  return fault_.status;
}

// ---- the medium

void FakeDatabase::restore(Rows content) {
  rollback();
  durable_ = std::move(content);
}

size_t FakeDatabase::rows_in(Space space) const {
  size_t count = 0;
  for (auto row = durable_.lower_bound(Key(space, "")); row != durable_.end(); ++row) {
    if (row->first.first != space) break;
    ++count;
  }
  return count;
}

bool FakeDatabase::flip(Space space, const std::string& key, size_t byte, unsigned char mask) {
  const auto row = durable_.find(Key(space, key));
  if (row == durable_.end() || byte >= row->second.size()) return false;
  row->second[byte] = static_cast<char>(static_cast<unsigned char>(row->second[byte]) ^ mask);
  return true;
}

bool FakeDatabase::flip_nth(size_t byte, unsigned char mask) {
  for (const auto& row : durable_) {
    if (byte < row.second.size()) return flip(row.first.first, row.first.second, byte, mask);
    byte -= row.second.size();
  }
  return false;
}

size_t FakeDatabase::value_bytes() const {
  size_t bytes = 0;
  for (const auto& row : durable_) bytes += row.second.size();
  return bytes;
}

// ---- Database

Result<std::string> FakeDatabase::get(Space space, std::string_view key) {
  const Status status = happens(Kind::read);
  if (!status.ok()) return failure(status);
  const Key wanted(space, std::string(key));
  const auto change = changes_.find(wanted);
  if (change != changes_.end()) {
    if (!change->second) return failure(Code::not_found);
    return *change->second;
  }
  const auto row = durable_.find(wanted);
  if (row == durable_.end()) return failure(Code::not_found);
  return row->second;
}

Result<Row> FakeDatabase::seek(Space space, std::string_view from) {
  const Status status = happens(Kind::read);
  if (!status.ok()) return failure(status);
  const Key wanted(space, std::string(from));
  auto row = durable_.lower_bound(wanted);
  auto change = changes_.lower_bound(wanted);
  // Both in step: a change hides the durable row of its key.
  while (row != durable_.end() || change != changes_.end()) {
    const bool changed =
        change != changes_.end() && (row == durable_.end() || change->first <= row->first);
    const Key& key = changed ? change->first : row->first;
    if (key.first != space) break;
    if (!changed) return Row{key.second, row->second};
    if (change->second) return Row{key.second, *change->second};
    if (row != durable_.end() && row->first == key) ++row;
    ++change;
  }
  return failure(Code::not_found);
}

Status FakeDatabase::begin() {
  const Status status = happens(Kind::write);
  if (!status.ok()) return status;
  if (open_) return Code::invalid_argument;
  open_ = true;
  return {};
}

Status FakeDatabase::change(Space space, std::string_view key, std::optional<std::string> value) {
  const bool right = open_ && is_key(key) && (!value || value->size() <= kLargestValue_bytes);
  const Status status = happens(Kind::write);
  if (!right && powered_) return Code::invalid_argument;
  if (!status.ok()) {
    if (spoilt_.ok()) spoilt_ = status;
    return status;
  }
  changes_[Key(space, std::string(key))] = std::move(value);
  return {};
}

Status FakeDatabase::put(Space space, std::string_view key, std::string_view value) {
  return change(space, key, std::string(value));
}

Status FakeDatabase::erase(Space space, std::string_view key) {
  return change(space, key, std::nullopt);
}

void FakeDatabase::apply() {
  for (auto& change : changes_) {
    if (change.second) {
      durable_[change.first] = std::move(*change.second);
    } else {
      durable_.erase(change.first);
    }
  }
  ++commits_;
}

Status FakeDatabase::commit() {
  const bool was_open = open_;
  Status status = happens(Kind::last);
  if (!was_open) return powered_ ? Status(Code::invalid_argument) : status;
  if (status.ok()) status = spoilt_;
  if (status.ok() || cut_landed_) apply();
  cut_landed_ = false;
  rollback();
  return status;
}

void FakeDatabase::rollback() {
  open_ = false;
  spoilt_ = Status();
  changes_.clear();
}

Status FakeDatabase::clear() {
  if (open_ && powered_) return Code::invalid_argument;
  const Status status = happens(Kind::last);
  if (status.ok() || cut_landed_) durable_.clear();
  cut_landed_ = false;
  return status;
}

}  // namespace holdfast::test
