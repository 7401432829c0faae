// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A host that keeps the protocol it has: its servers know nothing of Holdfast. They are probed as
// they are ("probe": {"kind": "http", "path": "/health", ...}), and each line of standard input is
// a request that the library routes:
//
//   safe GET /price/7          to any server, as often as needed, to two at once when one is slow
//   never POST /order 1 pencil once; what isn't answered is said to be unclear
//   quit
#include <fcntl.h>
#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/client.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace holdfast;

namespace {

class Till : public Listener {
 public:
  int waiting = 0;

  void on_request(const RequestResult& result) override {
    --waiting;
    if (result.status.ok()) {
      std::printf("%s %d %s\n", result.server.c_str(), result.http_status, result.body.c_str());
    } else {
      std::printf("- %s%s\n", to_string(result.status.code()),
                  result.maybe_done ? " (perhaps carried out)" : "");
    }
    std::fflush(stdout);
  }
  void on_switch(const SwitchRecord& change) override {
    std::fprintf(stderr, "%s -> %s (%s)\n", change.from.c_str(), change.to.c_str(),
                 to_string(change.reason));
  }
};

// "safe GET /price/7" as a request; false for anything else.
bool read_request(const std::string& line, HostRequest* request) {
  std::istringstream words(line);
  std::string repeat;
  words >> repeat >> request->method >> request->target;
  std::getline(words >> std::ws, request->body);
  if (repeat == "safe")
    request->repeat = Repeat::safe;
  else if (repeat == "keyed")
    request->repeat = Repeat::keyed;
  else if (repeat == "never")
    request->repeat = Repeat::never;
  else
    return false;
  return !request->target.empty();
}

// The next whole line that has come, without waiting for one. False at the end of input.
bool next_line(std::string* buffer, std::string* line, bool* have) {
  char chunk[256];
  const ssize_t got = ::read(STDIN_FILENO, chunk, sizeof chunk);
  if (got > 0) buffer->append(chunk, static_cast<size_t>(got));
  const size_t end = buffer->find('\n');
  *have = end != std::string::npos;
  if (*have) {
    *line = buffer->substr(0, end);
    buffer->erase(0, end + 1);
  }
  return got != 0 || *have;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: own_protocol CONFIG.json STATE_FOLDER\n"), 2;
  std::stringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const auto config = parse_config(text.str());
  if (!config) {
    for (const ConfigError& error : config.error())
      std::fprintf(stderr, "%s\n", error.text().c_str());
    return 2;
  }
  std::string problem = "libcurl";
  auto transport = curl_transport();
  auto state = file_state_store(argv[2], &problem);
  if (!transport || !state) return std::fprintf(stderr, "cannot start: %s\n", problem.c_str()), 2;
  const auto protocol = device_protocol_v1();
  const auto random = system_random();
  const auto executor = inline_executor();
  Ports ports;  // nothing here prints: no engine, no documents, no cryptography
  ports.transport = transport->get();
  ports.protocol = protocol.get();
  ports.state = state->get();
  ports.executor = executor.get();
  ports.random = random.get();

  const auto wall = [] { return wall_now(WallTrust::synchronised); };
  Till till;
  auto client = Client::create(*config, ports, till, monotonic_now(), wall());
  if (!client) return std::fprintf(stderr, "cannot start: %s\n", client.error().message()), 2;

  ::fcntl(STDIN_FILENO, F_SETFL, ::fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  std::string buffer, line;
  bool open = true;
  while (open || till.waiting > 0) {
    bool have = false;
    if (open) open = next_line(&buffer, &line, &have) && line != "quit";
    HostRequest request;
    if (have && open) {
      const bool sent = read_request(line, &request) &&
                        (*client)->request(std::move(request), monotonic_now()).has_value();
      if (sent)
        ++till.waiting;
      else
        std::fprintf(stderr, "not a request: %s\n", line.c_str());
    }
    const Step step = (*client)->poll(monotonic_now(), wall());
    // A host with a loop of its own would have its input end the wait by wake().
    if (!have) (*client)->wait(shorter(step.call_again - monotonic_now(), milliseconds(20)));
  }
  return 0;
}
