// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A printer in memory behind the Transport port. It reads real IPP bytes and writes real IPP bytes;
// a script decides which exchange goes wrong, and how.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codec/ipp/ipp.h"
#include "holdfast/adapters/ipp_engine.h"
#include "holdfast/ports/transport.h"
#include "support/fake_resolver.h"

namespace holdfast::test {

using codec::ipp::Operation;
using codec::ipp::PrinterJobState;

enum class Fault {
  none,
  unsent,       // connection refused: nothing left the device
  lost,         // the request never arrived, and nobody says so
  answer_lost,  // done, but the answer didn't come back
  cut_upload,   // half of the document arrived, and is printed
  cut_early,    // the connection broke before the head was read
  stalled,      // no answer until cancelled
  http_500,
  http_401,
  garbage,
  other_answer,  // one that belongs to another request
};

struct FakeJob {
  int32_t id = 0;
  std::string name;
  PrinterJobState state = PrinterJobState::held;
  std::string reason = "job-data-insufficient";
  std::string document;
  int32_t impressions = 0;
  bool processed = false;
};

class FakePrinter {
 public:
  Instant now = {0};
  Instant booted = {-100000000};
  std::string uuid = "urn:uuid:11111111-2222-3333-4444-555555555555";
  std::vector<std::string> formats = {"application/pdf"};
  std::string state_reason = "none";
  bool silent = false;      // answers nothing
  bool counts = true;       // impressions are reported
  bool keeps_jobs = false;  // over a restart
  bool accepting = true;
  int32_t pages = 3;  // that each document has
  int64_t page_us = 1000000;
  std::map<Operation, std::deque<uint16_t>> refusals;  // status codes for the next requests
  std::map<Operation, std::deque<Fault>> faults;

  std::map<int32_t, FakeJob> jobs;
  std::vector<Operation> log;  // what arrived
  int prints = 0;              // documents begun, over all restarts

  void restart();
  void advance(Instant to);  // pages come out
  FakeJob* job_named(const std::string& name);
  std::string answer(const std::string& request);  // empty: nothing to say
  int count(Operation operation) const;

 private:
  std::string operate(Operation operation, uint32_t id, const std::string& request);
  std::string printer_attributes(uint32_t id) const;
  std::string job_list(uint32_t id, const std::string& which) const;
  void add_job(codec::ipp::Request& answer, const FakeJob& job) const;
  int32_t next_id_ = 1;
  Instant page_due_ = Instant::never();
};

class FakeTransport : public Transport {
 public:
  explicit FakeTransport(FakePrinter& printer) : printer_(printer) {}

  Status set_server(ServerIndex, const ServerConfig& config, const TlsConfig&) override {
    server = config;
    return {};
  }
  void remove_server(ServerIndex) override {}
  Status start(Transfer&& transfer) override;
  void cancel(TransferId id) override;
  void drop_pool(ServerIndex) override {}
  void poll() override;
  bool take(TransferResult& result) override;
  void wait(Duration) override {}
  void wake() noexcept override {}

  ServerConfig server;
  std::vector<Transfer> under_way;
  std::vector<bool> fresh;                 // of each transfer, in order
  std::vector<std::string> first_address;  // likewise; empty: the transport is to find it
  Duration rest = kBlindPoll;
  Duration poll_within() const override { return rest; }

 private:
  bool exchange(Transfer& transfer, TransferResult& result);

  FakePrinter& printer_;
  std::deque<TransferResult> results_;
};

// A document in memory.
class MemoryDocument : public DocumentReader {
 public:
  explicit MemoryDocument(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<size_t> read(uint8_t* data, size_t capacity) override;
  Status rewind() override {
    at_ = 0;
    return {};
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

// An engine, its printer and a clock.
struct Bench {
  FakePrinter printer;
  FakeTransport* transport = nullptr;  // the engine's
  FakeResolver* resolver = nullptr;    // likewise
  FakeResolver::Host& name() { return resolver->hosts["printer.example"]; }
  std::unique_ptr<PrintEngine> engine;
  std::vector<PrintEvent> events;
  std::string document = std::string(5000, 'p');
  Instant now = {0};
  Instant again = {0};  // when the engine wanted to be called

  explicit Bench(IppEngineConfig config = {});
  void build(IppEngineConfig config);  // a new run of the device: what the engine knew is gone
  PrintAttempt attempt(const std::string& id = "attempt-1") const;
  Status start(const std::string& id = "attempt-1");
  // Steps of 10 ms until a final event came, `stop()` says so, or the limit is over.
  template <class Stop>
  void run_until(Stop stop, int64_t limit_ms = 200000) {
    const Instant end = now + milliseconds(limit_ms);
    while (now < end && !stop()) step();
  }
  void run(int64_t limit_ms = 200000) {
    run_until([this] { return final_event() != nullptr; }, limit_ms);
  }
  void step();
  const PrintEvent* final_event() const;
  PrintPhase phase() const;  // of the final event; accepted when there is none
  uint32_t impressions() const;
  std::string reason() const;
  std::string engine_job() const;  // the newest
};

}  // namespace holdfast::test
