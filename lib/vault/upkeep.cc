// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Tidying, rotation and the audit ring.
#include <algorithm>
#include <utility>

#include "core/mutants.h"

#include "vault/vault_impl.h"

namespace holdfast::vault {
namespace {

constexpr int kRowsAStep = 256;
// Events that leave in one commit.
constexpr uint64_t kEventsAStep = 1000;
constexpr int kMostDroppedAtOnce = 16;

}  // namespace

// ---- tidying

// One pass looks at every row. It begins anew when something was stirred up behind its back.
Result<bool> VaultImpl::tidy() {
  if (!rows_.usable()) return failure(Code::corrupt);
  if (!rows_.meta().untidy && !rows_.keys().rotating()) return false;
  Change change(rows_);
  Space space = pass_space_;
  std::string from = pass_from_;
  bool worked = false;
  if (space == kFirstSummed && from.empty()) pass_again_ = false;
  for (int n = 0; n < kRowsAStep && space <= kLastSpace && change.status().ok(); ++n) {
    Result<Row> row = rows_.seek(space, from);
    if (!row && row.error().code() == Code::not_found) {
      ++space;
      from.clear();
      continue;
    }
    if (!change.take(row)) break;
    const Result<bool> garbage =
        space == kAuditSpace ? Result<bool>(false) : users_.is_garbage(space, *row);
    if (!change.take(garbage)) break;
    if (*garbage) {
      change.erase(space, row->key);
      worked = true;
    } else if (Rows::root_of(row->value) != rows_.keys().current()) {
      change.reseal(space, *row);
      worked = true;
    }
    from = std::move(row->key);
    from.push_back('\0');
  }
  const bool over = space > kLastSpace;
  if (over && !pass_again_) {
    change.meta().untidy = false;
    change.meta().dead.clear();
    if (rows_.keys().rotating()) {
      Result<Keys> keys = rows_.keys().with_one_root(*ports_.crypto, *ports_.device_key);
      if (change.take(keys)) change.set_keys(std::move(*keys));
    }
  }
  // A step that found nothing to do costs no commit.
  const bool due = worked || (over && !pass_again_) || !change.status().ok();
  const Status status = due ? change.commit() : Status();
  if (!status.ok()) return failure(status);
  pass_space_ = over ? kFirstSummed : space;
  pass_from_ = over ? std::string() : std::move(from);
  return !over || pass_again_;
}

Status VaultImpl::rotate() {
  if (!rows_.usable()) return Code::corrupt;
  Result<Keys> keys =
      rows_.keys().with_new_root(*ports_.crypto, *ports_.device_key, *ports_.random);
  if (!keys) return keys.error();
  Change change(rows_);
  change.set_keys(std::move(*keys));
  stir(change);
  AuditEvent event;
  event.kind = AuditKind::root_rotated;
  event.unix_ms = rows_.meta().clock.high_water_ms;
  event.what = "at the host's command";
  note_in(change, std::move(event));
  return change.commit(true);
}

// ---- audit

void VaultImpl::note_in(Change& change, AuditEvent event) {
  Meta& meta = change.meta();
  change.put(kAuditSpace, ordered(meta.audit_next, 8), encode(event));
  ++meta.audit_next;
  const uint64_t most = std::max<uint64_t>(policy_.max_audit, 1);
  // A limit that was lowered takes effect event by event.
  for (int n = 0; n < kMostDroppedAtOnce && meta.audit_next - meta.audit_first > most; ++n) {
    change.erase(kAuditSpace, ordered(meta.audit_first, 8));
    ++meta.audit_first;
    ++meta.audit_dropped;
  }
}

Status VaultImpl::note(AuditEvent event) {
  Change change(rows_);
  note_in(change, std::move(event));
  return change.commit();
}

std::vector<AuditEvent> VaultImpl::audit(uint64_t after_sequence, size_t limit) {
  std::vector<AuditEvent> events;
  if (!rows_.usable() || limit == 0) return events;
  const Meta& meta = rows_.meta();
  if (meta.audit_dropped > 0 && after_sequence + 1 < meta.audit_first) {
    AuditEvent dropped;
    dropped.sequence = meta.audit_first - 1;
    dropped.kind = AuditKind::dropped;
    dropped.unix_ms = meta.clock.high_water_ms;
    dropped.what = std::to_string(meta.audit_dropped) + " events before this one didn't fit";
    events.push_back(std::move(dropped));
  }
  uint64_t at = after_sequence < meta.audit_first ? meta.audit_first : after_sequence + 1;
  for (; at < meta.audit_next && events.size() < limit; ++at) {
    const Result<std::string> plain = rows_.get(kAuditSpace, ordered(at, 8));
    AuditEvent event;
    event.sequence = at;
    if (!plain || !decode(*plain, event)) break;
    events.push_back(std::move(event));
  }
  return events;
}

Status VaultImpl::audit_taken(uint64_t up_to_sequence) {
  if (core::mutant(core::Mutant::audit_untaken)) ++up_to_sequence;
  const uint64_t end = std::min(up_to_sequence, rows_.meta().audit_next - 1);
  do {
    Change change(rows_);
    Meta& meta = change.meta();
    // The last that was dropped is what audit() began with.
    if (meta.audit_dropped > 0 && up_to_sequence + 1 >= meta.audit_first) meta.audit_dropped = 0;
    for (uint64_t n = 0; n < kEventsAStep && meta.audit_first <= end; ++n) {
      change.erase(kAuditSpace, ordered(meta.audit_first, 8));
      if (!change.status().ok()) break;
      ++meta.audit_first;
    }
    const Status status = change.commit();
    if (!status.ok()) return status;
  } while (rows_.meta().audit_first <= end);
  return {};
}

}  // namespace holdfast::vault
