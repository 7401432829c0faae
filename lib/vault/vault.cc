// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "vault/vault.h"

#include <utility>

#include "base/hex.h"
#include "vault/vault_impl.h"

namespace holdfast::vault {

Result<std::unique_ptr<Vault>> Vault::open(const VaultPorts& ports, const OfflinePolicy& policy,
                                           const core::CacheScope& scope, uint32_t iterations,
                                           int64_t now_ms, std::string* words) {
  std::string unheard;
  if (words == nullptr) words = &unheard;
  words->clear();
  auto vault = std::make_unique<VaultImpl>(ports, policy, scope);
  const Status status = vault->start(iterations, now_ms, words);
  if (!status.ok()) return failure(status);
  return Result<std::unique_ptr<Vault>>(std::move(vault));
}

Status VaultImpl::start(uint32_t iterations, int64_t now_ms, std::string* words) {
  if (iterations == 0) return Code::invalid_argument;
  const Status loaded = rows_.load(words);
  if (loaded.ok()) return {};
  if (loaded.code() == Code::not_found) {
    words->clear();
    return create(iterations, {}, now_ms);
  }
  if (loaded.code() != Code::corrupt) return loaded;
  Status status = ports_.database->clear();
  if (status.ok()) status = create(iterations, {}, now_ms);
  if (!status.ok()) return status;
  AuditEvent event;
  event.kind = AuditKind::cache_damaged;
  event.unix_ms = now_ms;
  event.what = *words;
  return note(std::move(event));
}

// A break-glass code can be guessed at in any cache, also in one that was deleted to be rid of its
// counts: where there is such a code, a new cache begins with the attempts for it used up. They
// come back as always, one by one.
Status VaultImpl::create(uint32_t iterations, const core::ClockMemory& clock, int64_t now_ms) {
  Meta meta;
  meta.iterations = iterations;
  meta.clock = clock;
  if (!policy_.break_glass.verifier.empty()) {
    meta.failures[kBreakGlassBucket] = {policy_.device_failures, now_ms};
  }
  return rows_.make(std::move(meta));
}

Status VaultImpl::keep(const core::ClockMemory& clock) {
  Change change(rows_);
  change.meta().clock = clock;
  return change.commit();
}

Status VaultImpl::wipe() {
  // What is known of the time is nobody's secret, and an outage ages on.
  const core::ClockMemory clock = rows_.meta().clock;
  const uint32_t iterations = rows_.meta().iterations;
  users_.taking_in = false;
  pass_space_ = kFirstSummed;
  pass_from_.clear();
  Status status = rows_.destroy_keys();
  const Status cleared = ports_.database->clear();
  if (status.ok() || cleared.ok()) status = cleared;
  if (status.ok()) status = create(iterations, clock, clock.high_water_ms);
  if (!status.ok()) return status;
  AuditEvent event;
  event.kind = AuditKind::wiped;
  event.unix_ms = clock.high_water_ms;
  event.what = "at the host's command";
  return note(std::move(event));
}

std::string VaultImpl::audit_epoch() const {
  const std::string& epoch = rows_.meta().audit_epoch;
  return hex_encode(reinterpret_cast<const uint8_t*>(epoch.data()), epoch.size());
}

VaultCounts VaultImpl::counts() const {
  const Meta& meta = rows_.meta();
  VaultCounts counts;
  counts.users = meta.now.users;
  counts.credentials = meta.now.credentials;
  counts.ambiguous_pins = meta.now.ambiguous_pins;
  counts.audit_waiting = meta.audit_next - meta.audit_first;
  counts.audit_dropped = meta.audit_dropped;
  return counts;
}

}  // namespace holdfast::vault
