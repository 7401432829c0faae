// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What each answer of the printer changes.
#include <algorithm>

#include "adapters/ipp/job.h"

namespace holdfast::ipp {
namespace {

constexpr uint32_t kRetryMs = 250;
constexpr uint32_t kRetryMaxMs = 4000;
constexpr uint32_t kBusyRetryMs = 500;
constexpr uint32_t kBusyRetryMaxMs = 10000;
constexpr uint32_t kSettleRounds = 20;
constexpr uint32_t kLackingRounds = 3;

Duration backoff(uint32_t first_ms, uint32_t max_ms, uint32_t round) {
  return milliseconds(std::min(int64_t{first_ms} << std::min(round, 16u), int64_t{max_ms}));
}

bool means_later(uint16_t code) {
  return code == codec::ipp::kBusy || code == codec::ipp::kNotAccepting ||
         code == codec::ipp::kServiceUnavailable || code == codec::ipp::kTemporaryError;
}

}  // namespace

void Job::on_answer(const TransferResult& result, Instant now) {
  in_flight_ = false;
  if (done()) return;
  const Answer answer = judge(result, request_id_);
  if (answer.kind == Answer::Kind::ok) {
    silent_since_ = Instant::never();
    retries_ = 0;
  }
  switch (stage_) {
    case Stage::look:
      return on_look(answer, result.body, now);
    case Stage::create:
      return on_create(answer, result.body, now);
    case Stage::upload:
      return on_upload(answer, now);
    case Stage::find_active:
    case Stage::find_ended:
      return on_find(answer, result.body, now);
    case Stage::watch:
      return on_watch(answer, result.body, now);
    case Stage::glance:
      return on_glance(answer, result.body, now);
    case Stage::stop:
      return on_stop(answer, now);
    case Stage::done:
      return;
  }
}

// Something went wrong. Nothing is begun, repeated or judged before the printer was asked what it
// has.
void Job::recover(const Answer& answer, Instant now) {
  if (silent_since_ == Instant::never()) silent_since_ = asked_;
  if (!begun_ && answer.hopeless) return finish(PrintPhase::not_started, 0, answer.reason);
  const Duration limit = milliseconds(begun_ ? config_.lost_timeout_ms : config_.start_timeout_ms);
  if (now - silent_since_ >= limit) {
    return finish(begun_ ? PrintPhase::unknown : PrintPhase::not_started, evidence_.impressions,
                  answer.reason);
  }
  go(Stage::look, now + backoff(kRetryMs, kRetryMaxMs, retries_++));
}

void Job::wait_while_busy(Stage stage, const Answer& answer, Instant now) {
  if (evidence_.cancel_wanted) return finish(PrintPhase::canceled, 0, "canceled");
  if (busy_since_ == Instant::never()) busy_since_ = now;
  if (now - busy_since_ >= milliseconds(config_.busy_timeout_ms)) {
    return finish(PrintPhase::not_started, 0, answer.reason);
  }
  silent_since_ = Instant::never();
  go(stage, now + backoff(kBusyRetryMs, kBusyRetryMaxMs, retries_++));
}

void Job::on_printer(const PrinterFacts& facts, Instant now) {
  // Without a word about up-time a restart shows only in that the job is gone.
  if (up_time_.went_back(facts.up_time_s, asked_, now) && begun_) evidence_.restarted = true;
  if (!printer_uuid_.empty() && !facts.uuid.empty() && facts.uuid != printer_uuid_) {
    if (begun_)
      return finish(PrintPhase::unknown, evidence_.impressions, "another printer answers");
  }
  if (!facts.uuid.empty()) printer_uuid_ = facts.uuid;
}

void Job::on_look(const Answer& answer, std::string_view body, Instant now) {
  if (answer.kind == Answer::Kind::refused && !begun_) {
    if (means_later(answer.code)) return wait_while_busy(Stage::look, answer, now);
    return finish(PrintPhase::not_started, 0, answer.reason);
  }
  if (answer.kind != Answer::Kind::ok) return recover(answer, now);
  const PrinterFacts facts = read_printer(body, attempt_.mime);
  on_printer(facts, now);
  if (done()) return;
  if (begun_) return go(Stage::find_active, now);

  if (facts.lists_formats && !facts.takes_format) {
    return finish(PrintPhase::not_started, 0, "document-format-not-supported");
  }
  if (!facts.accepting) {
    Answer later;
    later.reason = "printer is not accepting jobs";
    return wait_while_busy(Stage::look, later, now);
  }
  go(Stage::create, now);
}

void Job::on_create(const Answer& answer, std::string_view body, Instant now) {
  if (answer.kind == Answer::Kind::refused) {
    begun_ = false;
    if (means_later(answer.code)) return wait_while_busy(Stage::create, answer, now);
    return finish(PrintPhase::not_started, 0, answer.reason);
  }
  if (answer.kind == Answer::Kind::unsent) begun_ = false;
  JobFacts facts;
  if (answer.kind != Answer::Kind::ok || !read_job(body, {}, facts) || facts.job_id <= 0) {
    if (evidence_.cancel_wanted && !begun_) return finish(PrintPhase::canceled, 0, "canceled");
    return recover(answer, now);
  }
  accept(facts);
  go(evidence_.cancel_wanted ? Stage::stop : Stage::upload, now);
}

void Job::on_upload(const Answer& answer, Instant now) {
  const bool none_given = upload_->given() == 0 || answer.kind == Answer::Kind::unsent;
  if (answer.kind == Answer::Kind::ok) {
    // A yes before the end of the document can't be about the whole of it.
    evidence_.sent = upload_->all_given() ? Sent::confirmed : Sent::partly;
    if (evidence_.sent == Sent::confirmed) {
      engine_job_ += "/sent";
      report(PrintPhase::accepted, 0, "");
    }
    return go(Stage::watch, now + shorter(poll_interval(), milliseconds(kRetryMs)));
  }
  if (answer.kind == Answer::Kind::refused) {
    evidence_.sent = Sent::refused;
    refusal_ = answer.reason;
    return go(Stage::watch, now);
  }
  evidence_.sent = upload_->all_given() ? Sent::all : Sent::partly;
  if (none_given) {
    document_ = upload_->release();
    evidence_.sent = document_->rewind().ok() ? Sent::nothing : Sent::refused;
    if (evidence_.sent == Sent::refused) refusal_ = "document cannot be read again";
  }
  recover(answer, now);
}

void Job::on_find(const Answer& answer, std::string_view body, Instant now) {
  // Some printers say "not found" of an empty list.
  const bool empty = answer.kind == Answer::Kind::refused && answer.code == codec::ipp::kNotFound;
  if (answer.kind != Answer::Kind::ok && !empty) return recover(answer, now);
  JobFacts facts;
  if (!empty && read_job(body, attempt_.attempt_id, facts) && facts.job_id > 0) {
    accept(facts);
    return consider(facts, now);
  }
  // A job goes from the first list to the second, so they are asked in this order.
  if (stage_ == Stage::find_active) return go(Stage::find_ended, now);
  finish(judge_gone(evidence_));
}

void Job::on_watch(const Answer& answer, std::string_view body, Instant now) {
  JobFacts facts;
  if (answer.kind != Answer::Kind::ok) return recover(answer, now);
  if (!read_job(body, {}, facts) || facts.name != attempt_.attempt_id) {
    return go(Stage::look, now);  // the number means another job by now
  }
  facts.job_id = job_id_;
  consider(facts, now);
}

void Job::on_glance(const Answer& answer, std::string_view body, Instant now) {
  if (answer.kind != Answer::Kind::ok) return recover(answer, now);
  const PrinterFacts facts = read_printer(body, {});
  on_printer(facts, now);
  if (done()) return;
  if (evidence_.restarted) return go(Stage::find_active, now);
  if (facts.reason != standstill_) {
    standstill_ = facts.reason;
    report(PrintPhase::printing, evidence_.impressions, standstill_);
  }
  go(Stage::watch, now + poll_interval());
}

void Job::on_stop(const Answer& answer, Instant now) {
  // Refused mostly means: ended already. The next reading tells.
  if (answer.kind != Answer::Kind::ok && answer.kind != Answer::Kind::refused) {
    return recover(answer, now);
  }
  stopped_ = true;
  if (!evidence_.cancel_wanted) evidence_.stopped_by_us = true;
  if (evidence_.restarted) {
    return finish(PrintPhase::unknown, evidence_.impressions, "printer restarted");
  }
  go(Stage::watch, now + shorter(poll_interval(), milliseconds(kRetryMs)));
}

bool Job::note_progress(const JobFacts& facts, Instant now) {
  if (up_time_.went_back(facts.up_time_s, asked_, now)) evidence_.restarted = true;
  if (!facts.counted || facts.impressions <= evidence_.impressions) return false;
  // A job that was found again after a restart counts anew, if at all: what was seen before stays.
  evidence_.impressions = facts.impressions;
  standstill_.clear();
  if (!facts.ended()) report(PrintPhase::printing, evidence_.impressions, "");
  return true;
}

// A canceled or aborted job can still be coming out: its count has to stand still for one reading.
bool Job::settled(const JobFacts& facts) {
  if (facts.state == codec::ipp::PrinterJobState::completed || facts.never_processed) return true;
  const bool rests = ended_once_ && ended_impressions_ == evidence_.impressions;
  ended_once_ = true;
  ended_impressions_ = evidence_.impressions;
  return (rests && !facts.stopping) || ++settle_rounds_ > kSettleRounds;
}

bool Job::must_stop(const JobFacts& facts) {
  if (stopped_) return false;
  if (evidence_.cancel_wanted || evidence_.restarted) return true;
  switch (evidence_.sent) {
    case Sent::partly:
    case Sent::refused:
      return true;
    case Sent::all:
    case Sent::unheard:
      // The connection is gone, but its last bytes may still be on their way for a moment.
      return facts.lacks_document && ++lacking_rounds_ >= kLackingRounds;
    default:
      return false;
  }
}

// `facts` are of our own job: its name was compared.
void Job::consider(const JobFacts& facts, Instant now) {
  const bool moved = note_progress(facts, now);
  if (facts.ended()) {
    if (settled(facts)) return finish(judge_ended(evidence_, facts));
    return go(Stage::watch, now + poll_interval());
  }
  if (must_stop(facts)) return go(Stage::stop, now);
  if (evidence_.restarted) {
    return finish(PrintPhase::unknown, evidence_.impressions, "printer restarted");
  }
  if (evidence_.sent == Sent::nothing && document_ && !stopped_) return go(Stage::upload, now);
  const bool asked_for_reason = stage_ == Stage::watch && !moved;
  go(asked_for_reason ? Stage::glance : Stage::watch,
     now + (asked_for_reason ? Duration{0} : poll_interval()));
}

}  // namespace holdfast::ipp
