// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Measured by tests/size_static.sh: a whole host with login, job list and release, as in
// examples/minimal, but without the C++ library's streams.
#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/folder_engine.h>
#include <holdfast/adapters/mbedtls_crypto.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/client.h>

#include <cstdio>

using namespace holdfast;

namespace {

class Panel : public Listener {
 public:
  Client* client = nullptr;
  bool over = false;

  void on_login(const LoginResult& login) override {
    over = login.verdict != Verdict::granted || !client->jobs(login.session, monotonic_now());
  }
  void on_jobs(const JobsResult& list) override {
    for (const Job& job : list.jobs)
      over = !client->release(list.session, job.key.uuid, monotonic_now());
  }
};

std::string contents(const char* path) {
  std::string text;
  std::FILE* file = std::fopen(path, "r");
  if (file == nullptr) return text;
  char buffer[512];
  for (size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
    text.append(buffer, size);
  (void)std::fclose(file);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto config = parse_config(contents(argv[1]));
  const std::string folder = argv[2];
  std::string problem;
  FolderEngineConfig paper;
  paper.directory = folder + "/paper";
  auto transport = curl_transport();
  auto crypto = mbedtls_crypto();
  auto state = file_state_store(folder, &problem);
  auto documents = file_documents(folder, uint64_t{256} << 20, &problem);
  auto engine = folder_engine(paper, &problem);
  if (!config || !transport || !crypto || !state || !documents || !engine) return 2;
  const auto protocol = device_protocol_v1();
  const auto random = system_random();
  const auto executor = inline_executor();
  Ports ports;
  ports.transport = transport->get();
  ports.protocol = protocol.get();
  ports.state = state->get();
  ports.executor = executor.get();
  ports.random = random.get();
  ports.crypto = crypto->get();
  ports.documents = documents->get();
  ports.engine = engine->get();
  Panel panel;
  const auto wall = [] { return wall_now(WallTrust::synchronised); };
  auto client = Client::create(*config, ports, panel, monotonic_now(), wall());
  if (!client) return 2;
  panel.client = client->get();
  Credential card;
  card.secret = Secret("1");
  if (!panel.client->login(std::move(card), monotonic_now())) return 1;
  while (!panel.over) {
    const Step step = panel.client->poll(monotonic_now(), wall());
    panel.client->wait(step.call_again - monotonic_now());
  }
  return 0;
}
