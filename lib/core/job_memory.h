// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What this device has printed, or may have: so that it doesn't offer a job again, and tells every
// server.
#pragma once

#include <string>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast::core {

enum class AttemptPhase : uint8_t {
  intent,   // recorded; the engine hasn't said that it took it
  started,  // the engine has the job
  final,    // `state` is how it ended; unknown waits for a person
};

struct RememberedJob {
  JobKey key;
  std::string attempt_id;
  std::string engine_job;
  AttemptPhase phase = AttemptPhase::intent;
  JobState state = JobState::processing;
  uint32_t impressions = 0;
  std::string report_id;  // set when there is something to report
  int64_t unix_ms = 0;
  uint64_t fencing_token = 0;
  uint16_t told = 0;   // bit a server index: has taken the report
  uint64_t order = 0;  // grows; the oldest leaves first
};

// Not durable by itself: the caller stores all() whenever a method returns true or ok, before it
// goes on.
class JobMemory {
 public:
  explicit JobMemory(size_t capacity) : capacity_(capacity) { jobs_.reserve(capacity); }

  const std::vector<RememberedJob>& all() const { return jobs_; }
  void restore(std::vector<RememberedJob> jobs);

  // May it be offered? Not when it was printed here, is being printed, or nobody knows.
  bool offered(const JobKey& key) const { return find(key) == nullptr; }
  const RememberedJob* find(const JobKey& key) const;
  const RememberedJob* find_attempt(const std::string& attempt_id) const;

  // Records the intent to print. busy: as many jobs are remembered as may be, and some server
  // hasn't heard of each.
  Status intend(const JobKey& key, const std::string& attempt_id, uint64_t fencing_token,
                uint16_t listed_servers);
  bool started(const std::string& attempt_id, const std::string& engine_job);
  bool progressed(const std::string& attempt_id, uint32_t impressions);
  // The attempt printed nothing and never will: the job may be offered again.
  bool withdrawn(const std::string& attempt_id);
  bool ended(const std::string& attempt_id, JobState state, uint32_t impressions,
             const std::string& report_id, int64_t unix_ms);
  // A person's word about a job in state unknown. not_found when there is none.
  Status resolve(const JobKey& key, Resolution resolution, const std::string& report_id,
                 int64_t unix_ms);

  // What `server` hasn't heard of, oldest first, at most `most`.
  std::vector<const RememberedJob*> untold(ServerIndex server, size_t most) const;
  bool has_untold(ServerIndex server) const;
  size_t untold_anywhere(uint16_t listed_servers) const;
  bool told(ServerIndex server, const std::string& report_id);
  // A server's place was given to another one.
  void forget_server(ServerIndex server);

 private:
  RememberedJob* attempt(const std::string& attempt_id);
  bool make_room(uint16_t listed_servers);

  size_t capacity_;
  std::vector<RememberedJob> jobs_;
  uint64_t next_order_ = 1;
};

}  // namespace holdfast::core
