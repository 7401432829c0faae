// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What of failover survives a restart: the core's memory and the history, by server names.
#pragma once

#include "base/ring.h"
#include "client/context.h"
#include "client/saver.h"

namespace holdfast::client {

class MemoryFile {
 public:
  MemoryFile(Context& context, Saver& saver, size_t history)
      : context_(context), saver_(saver), history_(history) {}

  // Fills `memory`; not_found when nothing was stored.
  Status load(core::FailoverMemory* memory);
  void save(uint64_t servers_version);
  void note(const SwitchRecord& record) { history_.push_over(record); }
  const Ring<SwitchRecord>& history() const { return history_; }
  uint64_t servers_version() const { return servers_version_; }

 private:
  Context& context_;
  Saver& saver_;
  Ring<SwitchRecord> history_;
  uint64_t servers_version_ = 0;
};

}  // namespace holdfast::client
