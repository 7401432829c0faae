// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Asks one server again and again over the real transport, reads each answer as a login, and says
// in one line of JSON what came of it and what it cost. usage:
//
//   asker URL COUNT TIMEOUT_MS [--ca FILE] [--certificate FILE --key FILE]
#include <dirent.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "codec/protocol_v1.h"
#include "holdfast/adapters/curl_transport.h"

namespace {

using namespace holdfast;

// What the heap holds, whatever the process keeps of it.
long heap_bytes() {
  const struct mallinfo2 heap = ::mallinfo2();
  return static_cast<long>(heap.uordblks + heap.hblkhd);
}

int descriptors() {
  DIR* const folder = ::opendir("/proc/self/fd");
  int count = 0;
  while (folder != nullptr && ::readdir(folder) != nullptr) ++count;
  if (folder != nullptr) (void)::closedir(folder);
  return count;
}

struct Tally {
  std::map<std::string, int> outcomes;
  std::string culprit;
};

void ask(Transport& transport, TransferId id, Duration timeout, Tally& tally) {
  Transfer transfer;
  transfer.id = id;
  transfer.server = 0;
  transfer.method = "POST";
  transfer.url = "/holdfast/v1/login";
  transfer.body = "{}";
  transfer.timeout = timeout;
  if (!transport.start(std::move(transfer)).ok()) std::abort();
  TransferResult result;
  for (transport.poll(); !transport.take(result); transport.poll()) transport.wait(seconds(1));
  std::string outcome = to_string(result.outcome);
  if (result.outcome == TransferOutcome::answered) {
    codec::ProtocolV1 protocol;
    const WireAnswer answer{result.http_status, &result.headers, &result.body};
    outcome = protocol.read_login(answer) ? "login" : "garbage";
  }
  ++tally.outcomes[outcome];
  tally.culprit = result.culprit;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  ServerConfig server;
  server.url = argv[1];
  const auto count = static_cast<TransferId>(std::atoi(argv[2]));
  const Duration timeout = milliseconds(std::atoi(argv[3]));
  TlsConfig tls;
  for (int i = 4; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    (name == "--ca"            ? tls.ca_file
     : name == "--certificate" ? tls.client_certificate_file
                               : tls.client_key_file) = argv[i + 1];
  }
  auto transport = curl_transport();
  if (!transport || !(*transport)->set_server(0, server, tls).ok()) return 3;

  // The first tenth fills whatever is filled once.
  const TransferId settled = count / 10 + 1;
  Tally tally;
  long heap_before = 0;
  int descriptors_before = 0;
  for (TransferId id = 1; id <= count; ++id) {
    ask(**transport, id, timeout, tally);
    if (id != settled) continue;
    (*transport)->drop_pool(0);
    heap_before = heap_bytes();
    descriptors_before = descriptors();
  }
  (*transport)->drop_pool(0);
  const long grown_bytes = heap_bytes() - heap_before;
  const int grown_descriptors = descriptors() - descriptors_before;

  std::printf(
      "{\"grown_bytes\": %ld, \"grown_descriptors\": %d, \"culprit\": \"%s\", \"outcomes\": {",
      grown_bytes, grown_descriptors, tally.culprit.c_str());
  const char* separator = "";
  for (const auto& [outcome, times] : tally.outcomes) {
    std::printf("%s\"%s\": %d", separator, outcome.c_str(), times);
    separator = ", ";
  }
  std::printf("}}\n");
  return 0;
}
