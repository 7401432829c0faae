// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "client/memory_file.h"

#include <algorithm>

#include "codec/state_records.h"

namespace holdfast::client {
namespace {

constexpr const char* kKey = "failover";

}  // namespace

Status MemoryFile::load(core::FailoverMemory* memory) {
  const Result<std::string> bytes = context_.ports.state->load(kKey);
  if (!bytes) return bytes.error();
  const Result<codec::FailoverRecord> record = codec::decode_failover(*bytes);
  if (!record) return record.error();

  core::FailbackMemory& failback = memory->failback;
  const size_t most = core::FailbackMemory::kSwitches;
  const size_t skip = record->switches.size() > most ? record->switches.size() - most : 0;
  for (size_t i = skip; i < record->switches.size(); ++i) {
    failback.switch_unix_ms[failback.switches] = record->switches[i].unix_ms;
    failback.switch_age_s[failback.switches++] = record->switches[i].age_s;
  }
  failback.hold_down_s = record->hold_down_s;
  memory->probe_s.fill(record->probe_s);
  memory->spread_s.fill(record->spread_s);
  for (const codec::StoredServer& stored : record->servers) {
    servers_version_ = std::max(servers_version_, stored.servers_version);
    const ServerIndex s = context_.index_of(stored.name);
    if (s == kNoServer) continue;
    memory->epoch[s] = stored.server_epoch_seen;
    context_.last_address[s] = stored.last_good_address;
  }
  for (const SwitchRecord& record_of_switch : record->history) history_.push_over(record_of_switch);
  return {};
}

void MemoryFile::save(uint64_t servers_version) {
  const core::FailoverMemory memory = context_.failover.memory(context_.now, context_.wall);
  codec::FailoverRecord record;
  for (uint32_t i = 0; i < memory.failback.switches; ++i)
    record.switches.push_back({memory.failback.switch_unix_ms[i], memory.failback.switch_age_s[i]});
  record.hold_down_s = memory.failback.hold_down_s;
  for (ServerIndex s = 0; s < kMaxServers; ++s) {
    if (!context_.failover.servers().listed(s)) continue;
    record.spread_s = std::max(record.spread_s, memory.spread_s[s]);
    record.probe_s = std::max(record.probe_s, memory.probe_s[s]);
    record.servers.push_back(
        {context_.name(s), context_.last_address[s], memory.epoch[s], servers_version});
  }
  for (size_t i = 0; i < history_.size(); ++i) record.history.push_back(history_[i]);
  Result<std::string> bytes = codec::encode(record);
  if (!bytes)
    return context_.alarm(Alarm::state_not_saved,
                          std::string(kKey) + ": " + bytes.error().message());
  saver_.save(kKey, std::move(*bytes), {});
}

}  // namespace holdfast::client
