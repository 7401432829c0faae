// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "adapters/ipp/address.h"
#include "adapters/ipp/job.h"
#include "adapters/ipp/printer_url.h"
#include "holdfast/adapters/ipp_engine.h"

namespace holdfast {
namespace {

using ipp::Job;

constexpr ServerIndex kPrinter = 0;
constexpr size_t kMaxAnswerBytes = 1 << 20;
constexpr size_t kMaxAttemptIdBytes = 64;
constexpr int kUploadRounds = 32;

class IppEngine : public PrintEngine {
 public:
  IppEngine(std::unique_ptr<Transport> transport, const IppEngineConfig& config,
            ipp::PrinterUrl url, std::unique_ptr<Resolver> resolver)
      : config_(config),
        url_(std::move(url)),
        address_(url_.host, std::move(resolver)),
        transport_(std::move(transport)) {}

  bool finds_printer() const { return address_.usable(); }

  Status start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) override;
  Status reattach(const PrintAttempt& attempt, const std::string& engine_job) override;
  void cancel(const std::string& attempt_id) override;
  Instant poll(Instant now) override;
  bool take(PrintEvent& event) override;
  void descriptors(std::vector<WaitOn>& out) const override;

 private:
  struct Slot {
    std::unique_ptr<Job> job;
    TransferId transfer = 0;
    bool waits_for_name = false;
  };

  Status admit(const PrintAttempt& attempt) const;
  Slot* find(const std::string& attempt_id);
  void move_bytes();
  void take_answers(Instant now);
  void go_on(Slot& slot, Instant now);
  void send(Slot& slot, Instant now);
  void fail(Slot& slot, TransferOutcome outcome, Instant now);
  Instant next_call(Instant now) const;

  const IppEngineConfig config_;
  const ipp::PrinterUrl url_;
  ipp::Address address_;
  ipp::Events events_;
  std::vector<Slot> slots_;
  Instant now_ = {0};
  TransferId last_transfer_ = 0;
  std::unique_ptr<Transport> transport_;  // goes first: it borrows uploads from the jobs
};

PrintAttempt with_defaults(PrintAttempt attempt) {
  if (attempt.mime.empty()) attempt.mime = "application/octet-stream";
  return attempt;
}

Status IppEngine::admit(const PrintAttempt& attempt) const {
  const std::string& id = attempt.attempt_id;
  if (id.empty() || id.size() > kMaxAttemptIdBytes) return Code::invalid_argument;
  // It goes between slashes in engine_job, and is compared with what the printer gives back.
  for (char c : id) {
    if (c <= ' ' || c > '~' || c == '/') return Code::invalid_argument;
  }
  for (const Slot& slot : slots_) {
    if (slot.job->attempt_id() == id && !slot.job->done()) return Code::already_exists;
  }
  return slots_.size() < config_.max_jobs ? Status() : Status(Code::busy);
}

Status IppEngine::start(const PrintAttempt& attempt, std::unique_ptr<DocumentReader> document) {
  if (!document) return Code::invalid_argument;
  if (Status status = admit(attempt); !status.ok()) return status;
  slots_.push_back(
      {std::make_unique<Job>(config_, url_, with_defaults(attempt), std::move(document), events_),
       0, false});
  return {};
}

Status IppEngine::reattach(const PrintAttempt& attempt, const std::string& engine_job) {
  if (Status status = admit(attempt); !status.ok()) return status;
  slots_.push_back(
      {std::make_unique<Job>(config_, url_, with_defaults(attempt), engine_job, events_), 0,
       false});
  return {};
}

IppEngine::Slot* IppEngine::find(const std::string& attempt_id) {
  for (Slot& slot : slots_) {
    if (slot.job->attempt_id() == attempt_id) return &slot;
  }
  return nullptr;
}

void IppEngine::cancel(const std::string& attempt_id) {
  Slot* slot = find(attempt_id);
  if (slot == nullptr || !slot->job->cancel()) return;
  transport_->cancel(slot->transfer);
  slot->transfer = 0;
  slot->job->abandoned(now_);
}

// Uploads move while they can: one buffer for each call would be slow.
void IppEngine::move_bytes() {
  for (int round = 0; round < kUploadRounds; ++round) {
    uint64_t before = 0;
    uint64_t after = 0;
    for (const Slot& slot : slots_) before += slot.job->uploaded_bytes();
    transport_->poll();
    for (const Slot& slot : slots_) after += slot.job->uploaded_bytes();
    if (after == before) return;
  }
}

void IppEngine::send(Slot& slot, Instant now) {
  Job::Request request = slot.job->next_request(now);
  Transfer transfer;
  transfer.id = ++last_transfer_ == 0 ? ++last_transfer_ : last_transfer_;
  transfer.server = kPrinter;
  transfer.method = "POST";
  transfer.url = url_.path;
  transfer.headers = {{"Content-Type", "application/ipp"}, {"Accept", "application/ipp"}};
  transfer.max_answer_bytes = kMaxAnswerBytes;
  transfer.timeout = milliseconds(config_.request_timeout_ms);
  // A reused connection that closes makes HTTP clients send a request again by themselves.
  transfer.fresh_connection = !request.repeatable;
  transfer.body = std::move(request.body);
  if (request.upload != nullptr) {
    transfer.body_source = request.upload;
    transfer.timeout = milliseconds(config_.upload_timeout_ms);
    transfer.idle_timeout = milliseconds(config_.upload_idle_ms);
  }
  slot.transfer = transfer.id;
  transfer.addresses = address_.addresses();
  const Status status = transport_->start(std::move(transfer));
  if (status.ok()) return;
  const bool busy = status.code() == Code::busy;
  fail(slot, busy ? TransferOutcome::refused : TransferOutcome::misconfigured, now);
}

// A request that never left this device.
void IppEngine::fail(Slot& slot, TransferOutcome outcome, Instant now) {
  TransferResult failed;
  failed.outcome = outcome;
  failed.sent = false;
  slot.transfer = 0;
  slot.job->on_answer(failed, now);
}

void IppEngine::go_on(Slot& slot, Instant now) {
  slot.waits_for_name = false;
  if (slot.job->due() > now) return;
  switch (address_.want(now)) {
    case ipp::Address::State::known:
      return send(slot, now);
    case ipp::Address::State::asking:
      slot.waits_for_name = true;
      return;
    case ipp::Address::State::failed:
      (void)slot.job->next_request(now);
      return fail(slot, address_.outcome(), now);
  }
}

void IppEngine::take_answers(Instant now) {
  TransferResult result;
  while (transport_->take(result)) {
    if (result.outcome != TransferOutcome::answered) address_.doubt();
    for (Slot& slot : slots_) {
      if (slot.transfer != result.id) continue;
      slot.transfer = 0;
      slot.job->on_answer(result, now);
      break;
    }
  }
}

Instant IppEngine::next_call(Instant now) const {
  Instant next = events_.empty() ? Instant::never() : now;
  bool moving = false;
  for (const Slot& slot : slots_) {
    if (!slot.waits_for_name) next = earlier(next, slot.job->due());
    moving = moving || slot.transfer != 0;
  }
  return moving ? earlier(next, now + transport_->poll_within()) : next;
}

Instant IppEngine::poll(Instant now) {
  now_ = now;
  if (slots_.empty()) return next_call(now);
  (void)address_.poll(now);
  move_bytes();
  move_bytes();
  take_answers(now);
  for (Slot& slot : slots_) go_on(slot, now);
  slots_.erase(std::remove_if(slots_.begin(), slots_.end(),
                              [](const Slot& slot) { return slot.job->done(); }),
               slots_.end());
  if (slots_.empty()) address_.rest();
  // Again for the time: a look-up may have begun just now, or be over at once.
  return earlier(next_call(now), address_.poll(now));
}

void IppEngine::descriptors(std::vector<WaitOn>& out) const {
  if (slots_.empty()) return;
  address_.descriptors(out);
  transport_->descriptors(out);
}

bool IppEngine::take(PrintEvent& event) {
  if (events_.empty()) return false;
  event = std::move(events_.front());
  events_.pop_front();
  return true;
}

bool within(uint32_t value, uint32_t low, uint32_t high) { return value >= low && value <= high; }

bool is_valid(const IppEngineConfig& config) {
  return within(config.poll_interval_ms, 50, 60000) &&
         within(config.request_timeout_ms, 100, 60000) &&
         within(config.start_timeout_ms, 100, 600000) &&
         within(config.busy_timeout_ms, 0, 86400000) &&
         within(config.lost_timeout_ms, 100, 600000) &&
         within(config.upload_idle_ms, 1000, 3600000) &&
         within(config.upload_timeout_ms, config.upload_idle_ms, 86400000) &&
         within(config.max_jobs, 1, 64);
}

}  // namespace

Result<std::unique_ptr<PrintEngine>> ipp_engine(std::unique_ptr<Transport> transport,
                                                const IppEngineConfig& config,
                                                std::unique_ptr<Resolver> resolver) {
  if (!transport || !is_valid(config)) return failure(Code::invalid_argument);
  Result<ipp::PrinterUrl> url = ipp::parse_printer_url(config.printer_url);
  if (!url) return failure(url.error());
  ServerConfig server;
  server.name = "printer";
  server.url = url->origin;
  server.tls = config.tls;
  const Status status = transport->set_server(kPrinter, server, config.tls);
  if (!status.ok()) return failure(status);
  auto engine = std::make_unique<IppEngine>(std::move(transport), config, std::move(*url),
                                            std::move(resolver));
  if (!engine->finds_printer()) return failure(Code::unsupported);
  return engine;
}

}  // namespace holdfast
