// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "core/job_memory.h"

#include <algorithm>

namespace holdfast::core {

void JobMemory::restore(std::vector<RememberedJob> jobs) {
  if (jobs.size() >
      capacity_) {  // a smaller limit than before: forget what everybody heard of first
    std::stable_sort(jobs.begin(), jobs.end(), [](const RememberedJob& a, const RememberedJob& b) {
      return a.report_id.empty() != b.report_id.empty() ? a.report_id.empty() : a.order > b.order;
    });
    capacity_ = jobs.size();
  }
  jobs_ = std::move(jobs);
  jobs_.reserve(capacity_);
  for (const RememberedJob& job : jobs_) next_order_ = std::max(next_order_, job.order + 1);
}

const RememberedJob* JobMemory::find(const JobKey& key) const {
  for (const RememberedJob& job : jobs_)
    if (job.key == key) return &job;
  return nullptr;
}

const RememberedJob* JobMemory::find_attempt(const std::string& attempt_id) const {
  return const_cast<JobMemory*>(this)->attempt(attempt_id);
}

RememberedJob* JobMemory::attempt(const std::string& attempt_id) {
  for (RememberedJob& job : jobs_)
    if (job.attempt_id == attempt_id) return &job;
  return nullptr;
}

bool JobMemory::make_room(uint16_t listed_servers) {
  if (jobs_.size() < capacity_) return true;
  auto oldest = jobs_.end();
  for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
    const bool settled = !job->report_id.empty() && (job->told & listed_servers) == listed_servers;
    if (settled && (oldest == jobs_.end() || job->order < oldest->order)) oldest = job;
  }
  if (oldest == jobs_.end()) return false;
  jobs_.erase(oldest);
  return true;
}

Status JobMemory::intend(const JobKey& key, const std::string& attempt_id, uint64_t fencing_token,
                         uint16_t listed_servers) {
  if (!offered(key)) return Code::already_exists;
  if (!make_room(listed_servers)) return Code::busy;
  RememberedJob job;
  job.key = key;
  job.attempt_id = attempt_id;
  job.fencing_token = fencing_token;
  job.order = next_order_++;
  jobs_.push_back(std::move(job));
  return {};
}

bool JobMemory::started(const std::string& attempt_id, const std::string& engine_job) {
  RememberedJob* job = attempt(attempt_id);
  if (job == nullptr || job->phase == AttemptPhase::final) return false;
  job->phase = AttemptPhase::started;
  if (!engine_job.empty()) job->engine_job = engine_job;
  return true;
}

bool JobMemory::progressed(const std::string& attempt_id, uint32_t impressions) {
  RememberedJob* job = attempt(attempt_id);
  if (job == nullptr || job->phase == AttemptPhase::final) return false;
  job->impressions = std::max(job->impressions, impressions);
  return true;
}

bool JobMemory::withdrawn(const std::string& attempt_id) {
  const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const RememberedJob& j) {
    return j.attempt_id == attempt_id && j.phase != AttemptPhase::final;
  });
  if (job == jobs_.end()) return false;
  jobs_.erase(job);
  return true;
}

bool JobMemory::ended(const std::string& attempt_id, JobState state, uint32_t impressions,
                      const std::string& report_id, int64_t unix_ms) {
  RememberedJob* job = attempt(attempt_id);
  if (job == nullptr || job->phase == AttemptPhase::final) return false;
  job->phase = AttemptPhase::final;
  job->state = state;
  job->impressions = std::max(job->impressions, impressions);
  job->unix_ms = unix_ms;
  if (state != JobState::unknown) job->report_id = report_id;
  return true;
}

Status JobMemory::resolve(const JobKey& key, Resolution resolution, const std::string& report_id,
                          int64_t unix_ms) {
  const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const RememberedJob& j) {
    return j.key == key && j.phase == AttemptPhase::final && j.state == JobState::unknown;
  });
  if (job == jobs_.end()) return Code::not_found;
  if (resolution == Resolution::print_again) {
    jobs_.erase(job);
    return {};
  }
  job->state = resolution == Resolution::discard ? JobState::canceled : JobState::completed;
  job->report_id = report_id;
  job->unix_ms = unix_ms;
  job->told = 0;
  return {};
}

std::vector<const RememberedJob*> JobMemory::untold(ServerIndex server, size_t most) const {
  std::vector<const RememberedJob*> found;
  for (const RememberedJob& job : jobs_)
    if (!job.report_id.empty() && ((job.told >> server) & 1) == 0) found.push_back(&job);
  std::sort(found.begin(), found.end(),
            [](const RememberedJob* a, const RememberedJob* b) { return a->order < b->order; });
  if (found.size() > most) found.resize(most);
  return found;
}

bool JobMemory::has_untold(ServerIndex server) const {
  return std::any_of(jobs_.begin(), jobs_.end(), [&](const RememberedJob& job) {
    return !job.report_id.empty() && ((job.told >> server) & 1) == 0;
  });
}

size_t JobMemory::untold_anywhere(uint16_t listed_servers) const {
  return static_cast<size_t>(
      std::count_if(jobs_.begin(), jobs_.end(), [&](const RememberedJob& job) {
        return !job.report_id.empty() && (job.told & listed_servers) != listed_servers;
      }));
}

bool JobMemory::told(ServerIndex server, const std::string& report_id) {
  for (RememberedJob& job : jobs_) {
    if (job.report_id != report_id) continue;
    job.told = static_cast<uint16_t>(job.told | (1u << server));
    return true;
  }
  return false;
}

void JobMemory::forget_server(ServerIndex server) {
  for (RememberedJob& job : jobs_) job.told = static_cast<uint16_t>(job.told & ~(1u << server));
}

}  // namespace holdfast::core
