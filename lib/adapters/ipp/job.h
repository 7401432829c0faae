// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One attempt on its way through the printer: which request comes next, and what an answer changes.
// Sends nothing itself; the engine carries requests and answers.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "adapters/ipp/answers.h"
#include "adapters/ipp/printer_url.h"
#include "adapters/ipp/upload.h"
#include "adapters/ipp/verdict.h"
#include "holdfast/adapters/ipp_engine.h"

namespace holdfast::ipp {

using Events = std::deque<PrintEvent>;

// The printer's clock. Tells a restart also when the new up-time is above the old one already.
class UpTime {
 public:
  // An answer to a request of `asked`, taken at `now`, says `up_time_s` (-1: nothing). True: the
  // printer restarted.
  bool went_back(int64_t up_time_s, Instant asked, Instant now);
  // What another run of this device saw; nothing is known of the time between.
  void remember(int64_t up_time_s) { up_time_s_ = up_time_s; }
  int64_t last_s() const { return up_time_s_; }

 private:
  int64_t up_time_s_ = -1;
  Instant at_ = Instant::never();  // never: only remembered
};

class Job {
 public:
  struct Request {
    std::string body;              // unless there is an upload
    BodySource* upload = nullptr;  // owned by the job; valid until its answer or abandon()
    bool repeatable = false;       // false: must not be sent twice behind our back
  };

  Job(const IppEngineConfig& config, const PrinterUrl& url, PrintAttempt attempt,
      std::unique_ptr<DocumentReader> document, Events& events);
  // One that another run of this device began.
  Job(const IppEngineConfig& config, const PrinterUrl& url, PrintAttempt attempt,
      const std::string& engine_job, Events& events);

  const std::string& attempt_id() const { return attempt_.attempt_id; }
  bool done() const { return stage_ == Stage::done; }

  // When next_request() is to be asked; never while an answer is awaited.
  Instant due() const { return in_flight_ || done() ? Instant::never() : due_; }
  bool uploading() const { return in_flight_ && stage_ == Stage::upload; }
  uint64_t uploaded_bytes() const { return upload_ ? upload_->given() : 0; }

  Request next_request(Instant now);
  void on_answer(const TransferResult& result, Instant now);
  // Asks for an end. True: the request under way is in the way and must be given up, then
  // abandoned() called.
  bool cancel();
  void abandoned(Instant now);

 private:
  enum class Stage : uint8_t {
    look,         // Get-Printer-Attributes, before everything and after every break
    create,       // Create-Job
    upload,       // Send-Document
    find_active,  // Get-Jobs, not-completed
    find_ended,   // Get-Jobs, completed
    watch,        // Get-Job-Attributes
    glance,       // Get-Printer-Attributes, for the reason of a standstill
    stop,         // Cancel-Job
    done,
  };

  codec::ipp::Caller caller() const;
  void go(Stage stage, Instant due);
  void open_upload();

  // job_answers.cc
  void on_look(const Answer& answer, std::string_view body, Instant now);
  void on_create(const Answer& answer, std::string_view body, Instant now);
  void on_upload(const Answer& answer, Instant now);
  void on_find(const Answer& answer, std::string_view body, Instant now);
  void on_watch(const Answer& answer, std::string_view body, Instant now);
  void on_glance(const Answer& answer, std::string_view body, Instant now);
  void on_stop(const Answer& answer, Instant now);
  void on_printer(const PrinterFacts& facts, Instant now);
  void consider(const JobFacts& facts, Instant now);
  bool note_progress(const JobFacts& facts, Instant now);
  bool settled(const JobFacts& facts);
  bool must_stop(const JobFacts& facts);

  void wait_while_busy(Stage stage, const Answer& answer, Instant now);
  void recover(const Answer& answer, Instant now);
  void accept(const JobFacts& facts);
  void report(PrintPhase phase, uint32_t impressions, std::string reason);
  void finish(PrintPhase phase, uint32_t impressions, std::string reason);
  void finish(const JobVerdict& verdict);
  Duration poll_interval() const { return milliseconds(config_.poll_interval_ms); }

  const IppEngineConfig& config_;
  const PrinterUrl& url_;
  const PrintAttempt attempt_;
  Events& events_;
  std::unique_ptr<DocumentReader> document_;  // until the upload has it
  std::unique_ptr<Upload> upload_;

  Stage stage_ = Stage::look;
  Instant due_ = {INT64_MIN};
  bool in_flight_ = false;
  Instant asked_ = {0};
  uint32_t request_id_ = 0;

  Instant silent_since_ = Instant::never();  // never: the printer answers
  Instant busy_since_ = Instant::never();
  uint32_t retries_ = 0;

  bool begun_ = false;  // Create-Job may have reached the printer
  bool accepted_ = false;
  bool stopped_ = false;  // Cancel-Job was answered
  int32_t job_id_ = 0;
  std::string engine_job_;
  std::string printer_uuid_;
  std::string standstill_;  // the printer's last state reason
  std::string refusal_;     // why the document was refused
  UpTime up_time_;
  Evidence evidence_;
  bool ended_once_ = false;  // a final state was read; waiting for the count to rest
  uint32_t ended_impressions_ = 0;
  uint32_t settle_rounds_ = 0;
  uint32_t lacking_rounds_ = 0;  // readings that said the printer still lacks the document
};

}  // namespace holdfast::ipp
