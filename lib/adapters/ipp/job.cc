// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/ipp/job.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::ipp {
namespace {

constexpr int32_t kListLimit = 500;
// Whole seconds at both ends, and clocks that don't run alike.
constexpr int64_t kUpTimeSlackS = 2;
constexpr int64_t kUpTimeDrift = 64;
constexpr const char* kSentMark = "/sent";

constexpr codec::ipp::Keywords kJobAttributes = {
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "job-k-octets",
    "job-printer-up-time",
    "time-at-processing",
};

// engine_job: printer-uuid/job-id/attempt-id/up-time, and "/sent" once the document is confirmed.
struct EngineJob {
  std::string_view uuid;
  uint64_t up_time_s = 0;
  bool has_up_time = false;
  bool sent = false;
};

EngineJob parse_engine_job(std::string_view text) {
  EngineJob result;
  const std::string_view mark = kSentMark;
  if (text.size() > mark.size() && text.substr(text.size() - mark.size()) == mark) {
    result.sent = true;
    text.remove_suffix(mark.size());
  }
  result.uuid = text.substr(0, text.find('/'));
  const size_t last = text.rfind('/');
  if (last != std::string_view::npos) {
    result.has_up_time = parse_decimal(text.substr(last + 1), INT32_MAX, result.up_time_s);
  }
  return result;
}

}  // namespace

bool UpTime::went_back(int64_t up_time_s, Instant asked, Instant now) {
  if (up_time_s < 0) return false;
  bool back = up_time_s < up_time_s_;
  if (up_time_s_ >= 0 && at_ != Instant::never()) {
    // Asked after the last answer was taken: at least so much time has passed at the printer too.
    const int64_t passed_s = std::max<int64_t>((asked - at_).us / 1000000, 0);
    const int64_t slack_s = kUpTimeSlackS + passed_s / kUpTimeDrift;
    back = back || up_time_s + slack_s < up_time_s_ + passed_s;
  }
  up_time_s_ = up_time_s;
  at_ = now;
  return back;
}

Job::Job(const IppEngineConfig& config, const PrinterUrl& url, PrintAttempt attempt,
         std::unique_ptr<DocumentReader> document, Events& events)
    : config_(config),
      url_(url),
      attempt_(std::move(attempt)),
      events_(events),
      document_(std::move(document)) {
  evidence_.pages = attempt_.pages;
  evidence_.document_bytes = document_->size();
}

Job::Job(const IppEngineConfig& config, const PrinterUrl& url, PrintAttempt attempt,
         const std::string& engine_job, Events& events)
    : config_(config),
      url_(url),
      attempt_(std::move(attempt)),
      events_(events),
      begun_(true),
      accepted_(!engine_job.empty()),
      engine_job_(engine_job) {
  const EngineJob known = parse_engine_job(engine_job);
  printer_uuid_ = known.uuid;
  if (known.has_up_time) up_time_.remember(static_cast<int64_t>(known.up_time_s));
  evidence_.pages = attempt_.pages;
  evidence_.sent = known.sent ? Sent::confirmed : Sent::unheard;
}

codec::ipp::Caller Job::caller() const {
  const std::string& user = attempt_.user_name.empty() ? config_.user_name : attempt_.user_name;
  return {url_.uri, user, request_id_};
}

void Job::go(Stage stage, Instant due) {
  stage_ = stage;
  due_ = due;
}

void Job::open_upload() {
  upload_ = std::make_unique<Upload>(codec::ipp::send_document(caller(), job_id_, attempt_.mime),
                                     std::move(document_));
}

Job::Request Job::next_request(Instant now) {
  in_flight_ = true;
  asked_ = now;
  ++request_id_;
  Request request;
  request.repeatable = stage_ != Stage::create && stage_ != Stage::upload;
  switch (stage_) {
    case Stage::look:
      request.body = codec::ipp::get_printer_attributes(
          caller(), {"printer-uuid", "printer-up-time", "printer-is-accepting-jobs",
                     "printer-state-reasons", "document-format-supported"});
      break;
    case Stage::create:
      begun_ = true;
      request.body = codec::ipp::create_job(caller(), attempt_.attempt_id);
      break;
    case Stage::upload:
      open_upload();
      request.upload = upload_.get();
      break;
    case Stage::find_active:
      request.body = codec::ipp::get_jobs(caller(), "not-completed", kListLimit, kJobAttributes);
      break;
    case Stage::find_ended:
      request.body = codec::ipp::get_jobs(caller(), "completed", kListLimit, kJobAttributes);
      break;
    case Stage::glance:
      request.body = codec::ipp::get_printer_attributes(
          caller(), {"printer-uuid", "printer-up-time", "printer-state-reasons"});
      break;
    case Stage::stop:
      request.body = codec::ipp::cancel_job(caller(), job_id_);
      break;
    case Stage::watch:
    case Stage::done:
      request.body = codec::ipp::get_job_attributes(caller(), job_id_, kJobAttributes);
      break;
  }
  return request;
}

bool Job::cancel() {
  if (done() || evidence_.cancel_wanted) return false;
  evidence_.cancel_wanted = true;
  if (!begun_) {
    finish(PrintPhase::canceled, 0, "canceled");
    return in_flight_;
  }
  if (in_flight_) return stage_ == Stage::upload;
  // Verified once more at once, then stopped: a job's number alone may mean another job by now.
  if (stage_ == Stage::watch || stage_ == Stage::glance) go(Stage::watch, {INT64_MIN});
  if (stage_ == Stage::upload) go(Stage::stop, {INT64_MIN});  // not begun; the job is a moment old
  return false;
}

void Job::abandoned(Instant now) {
  in_flight_ = false;
  if (done()) return;
  evidence_.sent = upload_ && upload_->all_given() ? Sent::all : Sent::partly;
  go(Stage::look, now);
}

void Job::accept(const JobFacts& facts) {
  job_id_ = facts.job_id;
  if (accepted_) return;
  accepted_ = true;
  engine_job_ = printer_uuid_ + "/" + std::to_string(job_id_) + "/" + attempt_.attempt_id + "/" +
                std::to_string(std::max<int64_t>(up_time_.last_s(), 0));
  report(PrintPhase::accepted, 0, "");
}

void Job::report(PrintPhase phase, uint32_t impressions, std::string reason) {
  PrintEvent event;
  event.attempt_id = attempt_.attempt_id;
  event.phase = phase;
  event.impressions = impressions;
  event.engine_job = engine_job_;
  event.reason = std::move(reason);
  // A host that is slow to take events gets the newest progress only: the queue stays short.
  if (phase == PrintPhase::printing && !events_.empty() &&
      events_.back().attempt_id == event.attempt_id && events_.back().phase == phase) {
    events_.back() = std::move(event);
  } else {
    events_.push_back(std::move(event));
  }
}

void Job::finish(PrintPhase phase, uint32_t impressions, std::string reason) {
  report(phase, impressions, std::move(reason));
  stage_ = Stage::done;
}

void Job::finish(const JobVerdict& verdict) {
  // Why the printer refused says more than that the job was then taken back.
  const bool refused = evidence_.sent == Sent::refused && !refusal_.empty();
  finish(verdict.phase, verdict.impressions, refused ? refusal_ : std::string(verdict.reason));
}

}  // namespace holdfast::ipp
