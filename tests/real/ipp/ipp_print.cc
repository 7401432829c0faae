// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Prints one document over the IPP engine and tells each event in a line of JSON. The test driver
// runs it, kills it and runs it again.
#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#if IPP_PRINT_CARES
#include "holdfast/adapters/cares_resolver.h"
#endif
#include "holdfast/adapters/curl_transport.h"
#include "holdfast/adapters/ipp_engine.h"
#include "holdfast/adapters/posix.h"

using namespace holdfast;

namespace {

class FileDocument : public DocumentReader {
 public:
  explicit FileDocument(std::FILE* file) : file_(file) {
    std::fseek(file_, 0, SEEK_END);
    size_ = static_cast<uint64_t>(std::ftell(file_));
    std::rewind(file_);
  }
  ~FileDocument() override { std::fclose(file_); }
  uint64_t size() const override { return size_; }
  Result<size_t> read(uint8_t* data, size_t capacity) override {
    return std::fread(data, 1, capacity, file_);
  }
  Status rewind() override {
    std::rewind(file_);
    return {};
  }

 private:
  std::FILE* file_;
  uint64_t size_ = 0;
};

struct Options {
  IppEngineConfig engine;
  PrintAttempt attempt;
  std::string file;
  std::string engine_job;
  bool reattach = false;
  uint32_t cancel_at = 0;  // impressions
};

int usage() {
  std::fprintf(stderr,
               "usage: ipp_print URL ATTEMPT [file PATH] [pages N] [mime TYPE] [reattach "
               "ENGINE_JOB] [cancel-at N]\n"
               "                 [lost-ms N] [start-ms N] [poll-ms N] [request-ms N] [ca PATH]\n");
  return 2;
}

bool parse(int argc, char** argv, Options& options) {
  if (argc < 3 || argc % 2 == 0) return false;
  options.engine.printer_url = argv[1];
  options.engine.poll_interval_ms = 100;
  options.attempt.attempt_id = argv[2];
  options.attempt.user_name = "ada";
  options.attempt.mime = "application/pdf";
  for (int i = 3; i < argc; i += 2) {
    const std::string key = argv[i];
    const char* value = argv[i + 1];
    const uint32_t number = static_cast<uint32_t>(std::strtoul(value, nullptr, 10));
    if (key == "file")
      options.file = value;
    else if (key == "pages")
      options.attempt.pages = number;
    else if (key == "mime")
      options.attempt.mime = value;
    else if (key == "cancel-at")
      options.cancel_at = number;
    else if (key == "lost-ms")
      options.engine.lost_timeout_ms = number;
    else if (key == "start-ms")
      options.engine.start_timeout_ms = number;
    else if (key == "poll-ms")
      options.engine.poll_interval_ms = number;
    else if (key == "request-ms")
      options.engine.request_timeout_ms = number;
    else if (key == "ca")
      options.engine.tls.ca_file = value;
    else if (key == "reattach")
      options.reattach = true, options.engine_job = value;
    else
      return false;
  }
  return options.reattach || !options.file.empty();
}

// The reasons and ids are printable ASCII without quotes. `polls`: how often the engine was called.
void print(const PrintEvent& event, uint32_t polls) {
  std::printf(
      "{\"phase\": \"%s\", \"impressions\": %u, \"engine_job\": \"%s\", \"reason\": \"%s\", "
      "\"polls\": %u}\n",
      to_string(event.phase), event.impressions, event.engine_job.c_str(), event.reason.c_str(),
      polls);
  std::fflush(stdout);
}

Status begin(PrintEngine& engine, const Options& options) {
  if (options.reattach) return engine.reattach(options.attempt, options.engine_job);
  std::FILE* file = std::fopen(options.file.c_str(), "rb");
  if (file == nullptr) return Code::not_found;
  return engine.start(options.attempt, std::make_unique<FileDocument>(file));
}

bool is_final(PrintPhase phase) {
  return phase != PrintPhase::accepted && phase != PrintPhase::printing;
}

// As a host's loop would: until the engine's time has come or one of its descriptors is ready.
void sleep_for(const PrintEngine& engine, Duration limit) {
  std::vector<WaitOn> wanted;
  engine.descriptors(wanted);
  std::vector<pollfd> sockets;
  for (const WaitOn& each : wanted) {
    const int events = (each.read ? POLLIN : 0) | (each.write ? POLLOUT : 0);
    sockets.push_back({each.fd, static_cast<short>(events), 0});
  }
  const Duration pause = longer(shorter(limit, seconds(3600)), Duration{0});
  const timespec length = {static_cast<time_t>(pause.us / 1000000),
                           static_cast<long>(pause.us % 1000000 * 1000)};
  (void)::ppoll(sockets.data(), sockets.size(), &length, nullptr);
}

void run(PrintEngine& engine, const Options& options) {
  bool canceled = options.cancel_at == 0;
  for (uint32_t polls = 1;; ++polls) {
    const Instant next = engine.poll(monotonic_now());
    PrintEvent event;
    while (engine.take(event)) {
      print(event, polls);
      if (is_final(event.phase)) return;
      if (!canceled && event.impressions >= options.cancel_at) {
        canceled = true;
        engine.cancel(options.attempt.attempt_id);
      }
    }
    sleep_for(engine, next - monotonic_now());
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return usage();
  Result<std::unique_ptr<Transport>> transport = curl_transport();
  if (!transport) {
    std::fprintf(stderr, "ipp_print: %s\n", transport.error().message());
    return 1;
  }
  std::unique_ptr<Resolver> names;
#if IPP_PRINT_CARES
  Result<std::unique_ptr<Resolver>> resolver = cares_resolver();
  if (resolver) names = std::move(*resolver);
#endif
  Result<std::unique_ptr<PrintEngine>> engine =
      ipp_engine(std::move(*transport), options.engine, std::move(names));
  if (!engine) {
    std::fprintf(stderr, "ipp_print: %s\n", engine.error().message());
    return 1;
  }
  const Status status = begin(**engine, options);
  if (!status.ok()) {
    std::fprintf(stderr, "ipp_print: %s\n", status.message());
    return 1;
  }
  run(**engine, options);
  return 0;
}
