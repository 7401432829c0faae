// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "unit/ipp/fake_printer.h"

#include <algorithm>
#include <cstring>

namespace holdfast::test {

using codec::ipp::Reader;
using codec::ipp::Request;
using codec::ipp::Tag;
using codec::ipp::Value;

namespace {

// An answer is built like a request, with a status where the operation stands.
Request begin_answer(uint16_t status, uint32_t id) {
  return Request(static_cast<Operation>(status), id);
}

std::string text_of(const std::string& request, std::string_view name) {
  Reader reader(request);
  Value value;
  while (reader.next(value)) {
    if (value.is(name)) return std::string(value.text());
  }
  return {};
}

int32_t number_of(const std::string& request, std::string_view name) {
  Reader reader(request);
  Value value;
  while (reader.next(value)) {
    if (value.is(name)) return value.number(0);
  }
  return 0;
}

std::string document_of(const std::string& request) {
  Reader reader(request);
  Value value;
  while (reader.next(value)) {
  }
  return std::string(reader.rest());
}

bool ended(const FakeJob& job) { return job.state >= PrinterJobState::canceled; }

template <class T>
T pop(std::map<Operation, std::deque<T>>& script, Operation operation, T otherwise) {
  auto found = script.find(operation);
  if (found == script.end() || found->second.empty()) return otherwise;
  T value = found->second.front();
  found->second.pop_front();
  return value;
}

}  // namespace

void FakePrinter::restart() {
  if (!keeps_jobs) {
    jobs.clear();
    next_id_ = 1;
  }
  booted = now;
  page_due_ = Instant::never();
}

void FakePrinter::advance(Instant to) {
  now = to;
  for (auto& [id, job] : jobs) {
    if (job.state != PrinterJobState::processing) continue;
    if (page_due_ == Instant::never()) page_due_ = now + microseconds(page_us);
    if (now < page_due_) return;
    ++job.impressions;
    page_due_ = now + microseconds(page_us);
    if (job.impressions < pages) return;
    job.state = job.reason == "processing-to-stop-point" ? PrinterJobState::canceled
                                                         : PrinterJobState::completed;
    job.reason = "none";
    page_due_ = Instant::never();
    return;
  }
}

FakeJob* FakePrinter::job_named(const std::string& name) {
  for (auto& [id, job] : jobs) {
    if (job.name == name) return &job;
  }
  return nullptr;
}

int FakePrinter::count(Operation operation) const {
  return static_cast<int>(std::count(log.begin(), log.end(), operation));
}

void FakePrinter::add_job(Request& answer, const FakeJob& job) const {
  answer.group(Tag::job_group);
  answer.integer("job-id", job.id);
  answer.text(Tag::name, "job-name", job.name);
  answer.integer("job-state", static_cast<int32_t>(job.state));
  answer.text(Tag::keyword, "job-state-reasons", job.reason);
  if (counts) answer.integer("job-impressions-completed", job.impressions);
  answer.integer("job-printer-up-time", static_cast<int32_t>((now - booted).us / 1000000 + 1));
  if (job.processed) {
    answer.integer("time-at-processing", 1);
  } else {
    answer.text(Tag::no_value, "time-at-processing", "");
  }
}

std::string FakePrinter::printer_attributes(uint32_t id) const {
  Request answer = begin_answer(0, id);
  answer.group(Tag::printer_group);
  answer.text(Tag::uri, "printer-uuid", uuid);
  answer.integer("printer-up-time", static_cast<int32_t>((now - booted).us / 1000000 + 1));
  answer.boolean("printer-is-accepting-jobs", accepting);
  answer.text(Tag::keyword, "printer-state-reasons", state_reason);
  std::string_view name = "document-format-supported";
  for (const std::string& format : formats) {
    answer.text(Tag::mime, name, format);
    name = {};
  }
  return answer.finish();
}

std::string FakePrinter::job_list(uint32_t id, const std::string& which) const {
  Request answer = begin_answer(0, id);
  for (const auto& [number, job] : jobs) {
    if (ended(job) == (which == "completed")) add_job(answer, job);
  }
  return answer.finish();
}

std::string FakePrinter::answer(const std::string& request) {
  Reader reader(request);
  const Operation operation = static_cast<Operation>(reader.code());
  log.push_back(operation);
  const uint16_t refusal = pop<uint16_t>(refusals, operation, 0);
  if (refusal != 0) return begin_answer(refusal, reader.request_id()).finish();
  return operate(operation, reader.request_id(), request);
}

std::string FakePrinter::operate(Operation operation, uint32_t id, const std::string& request) {
  if (operation == Operation::get_printer_attributes) return printer_attributes(id);
  if (operation == Operation::get_jobs) return job_list(id, text_of(request, "which-jobs"));
  if (operation == Operation::create_job) {
    FakeJob job;
    job.id = next_id_++;
    job.name = text_of(request, "job-name");
    jobs[job.id] = job;
    Request answer = begin_answer(0, id);
    add_job(answer, job);
    return answer.finish();
  }
  auto found = jobs.find(number_of(request, "job-id"));
  if (found == jobs.end()) return begin_answer(codec::ipp::kNotFound, id).finish();
  FakeJob& job = found->second;
  if (operation == Operation::send_document) {
    job.document = document_of(request);
    job.state = PrinterJobState::processing;
    job.reason = "job-printing";
    job.processed = true;
    ++prints;
  }
  if (operation == Operation::cancel_job) {
    if (ended(job)) return begin_answer(0x0404, id).finish();
    if (job.state == PrinterJobState::processing) {
      job.reason = "processing-to-stop-point";
    } else {
      job.state = PrinterJobState::canceled;
    }
  }
  Request answer = begin_answer(0, id);
  add_job(answer, job);
  return answer.finish();
}

Status FakeTransport::start(Transfer&& transfer) {
  fresh.push_back(transfer.fresh_connection);
  first_address.push_back(transfer.addresses.empty() ? "" : transfer.addresses.front());
  under_way.push_back(std::move(transfer));
  return {};
}

void FakeTransport::cancel(TransferId id) {
  under_way.erase(std::remove_if(under_way.begin(), under_way.end(),
                                 [id](const Transfer& transfer) { return transfer.id == id; }),
                  under_way.end());
}

// False: still waiting.
bool FakeTransport::exchange(Transfer& transfer, TransferResult& result) {
  result.id = transfer.id;
  result.outcome = TransferOutcome::timed_out;
  std::string request = transfer.body;
  const size_t total = transfer.body_source ? transfer.body_source->size() : 0;
  // The operation stands in the first bytes: read the head first, as a wire would carry it.
  auto pull = [&](size_t bytes) {
    std::string buffer(bytes, '\0');
    size_t at = 0;
    while (at < bytes) {
      Result<size_t> size = transfer.body_source->read(reinterpret_cast<uint8_t*>(&buffer[at]),
                                                       std::min<size_t>(bytes - at, 1000));
      if (!size || *size == 0) break;
      at += *size;
    }
    request.append(buffer, 0, at);
  };
  const Operation operation = transfer.body_source != nullptr
                                  ? Operation::send_document
                                  : static_cast<Operation>(Reader(request).code());
  const Fault fault =
      printer_.silent ? Fault::unsent : pop<Fault>(printer_.faults, operation, Fault::none);
  if (fault == Fault::stalled) {
    if (transfer.body_source != nullptr) pull(total / 2);
    printer_.faults[operation].push_front(Fault::stalled);
    return false;
  }
  result.sent = fault != Fault::unsent;
  if (fault == Fault::unsent || fault == Fault::cut_early) {
    result.outcome = TransferOutcome::refused;
    return true;
  }
  if (transfer.body_source != nullptr) pull(fault == Fault::cut_upload ? total / 2 : total);
  if (fault == Fault::lost) return true;
  result.outcome = TransferOutcome::answered;
  result.http_status = fault == Fault::http_401 ? 401 : fault == Fault::http_500 ? 500 : 200;
  if (result.http_status == 200) result.body = printer_.answer(request);
  if (fault == Fault::other_answer) result.body[7] = static_cast<char>(result.body[7] ^ 0x40);
  if (fault == Fault::garbage) result.body.resize(result.body.size() / 2);
  if (fault == Fault::answer_lost || fault == Fault::cut_upload) {
    result.outcome = TransferOutcome::refused;
    result.body.clear();
  }
  return true;
}

void FakeTransport::poll() {
  std::vector<Transfer> waiting;
  for (Transfer& transfer : under_way) {
    TransferResult result;
    if (exchange(transfer, result)) {
      results_.push_back(std::move(result));
    } else {
      waiting.push_back(std::move(transfer));
    }
  }
  under_way = std::move(waiting);
}

bool FakeTransport::take(TransferResult& result) {
  if (results_.empty()) return false;
  result = std::move(results_.front());
  results_.pop_front();
  return true;
}

Result<size_t> MemoryDocument::read(uint8_t* data, size_t capacity) {
  const size_t size = std::min(capacity, bytes_.size() - at_);
  std::memcpy(data, bytes_.data() + at_, size);
  at_ += size;
  return size;
}

Bench::Bench(IppEngineConfig config) {
  if (config.printer_url.empty()) config.printer_url = "ipp://printer.example/ipp/print";
  build(config);
}

void Bench::build(IppEngineConfig config) {
  if (config.printer_url.empty()) config.printer_url = "ipp://printer.example/ipp/print";
  engine.reset();
  auto owned = std::make_unique<FakeTransport>(printer);
  transport = owned.get();
  auto names = std::make_unique<FakeResolver>();
  resolver = names.get();
  name().addresses = {"192.0.2.9"};
  auto made = ipp_engine(std::move(owned), config, std::move(names));
  if (made) engine = std::move(*made);
}

PrintAttempt Bench::attempt(const std::string& id) const {
  PrintAttempt result;
  result.attempt_id = id;
  result.user_name = "ada";
  result.mime = "application/pdf";
  result.pages = 3;
  return result;
}

Status Bench::start(const std::string& id) {
  return engine->start(attempt(id), std::make_unique<MemoryDocument>(document));
}

void Bench::step() {
  printer.advance(now);
  again = engine->poll(now);
  PrintEvent event;
  while (engine->take(event)) events.push_back(event);
  now = now + milliseconds(10);
}

const PrintEvent* Bench::final_event() const {
  for (const PrintEvent& event : events) {
    if (event.phase != PrintPhase::accepted && event.phase != PrintPhase::printing) return &event;
  }
  return nullptr;
}

PrintPhase Bench::phase() const {
  return final_event() ? final_event()->phase : PrintPhase::accepted;
}
uint32_t Bench::impressions() const { return final_event() ? final_event()->impressions : 9999; }
std::string Bench::reason() const { return final_event() ? final_event()->reason : "(none)"; }
std::string Bench::engine_job() const {
  return events.empty() ? std::string() : events.back().engine_job;
}

}  // namespace holdfast::test
