// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: small records that survive a restart. A few kilobytes, a few keys, written seldom.
#pragma once

#include <string>

#include "holdfast/status.h"

namespace holdfast {

class StateStore {
 public:
  virtual ~StateStore() = default;

  // The bytes last stored under `key` ([a-z0-9-], 1..32). not_found when there never were any;
  // corrupt when what is there isn't what was stored (the damaged record is kept aside by the
  // adapter for a person to look at).
  virtual Result<std::string> load(const std::string& key) = 0;

  // Replaces the record. Atomic: a power cut leaves the old or the new record whole. Durable when
  // it returns ok. May block for an fsync; the library calls it on the Executor. Calls for one key
  // never overlap.
  virtual Status store(const std::string& key, const std::string& bytes) = 0;
};

}  // namespace holdfast
