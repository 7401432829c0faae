// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The smallest host that works. The README shows all of it but this comment; a test compares them.
#include <holdfast/adapters/cares_resolver.h>
#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/folder_engine.h>
#include <holdfast/adapters/mbedtls_crypto.h>
#include <holdfast/adapters/posix.h>
#include <holdfast/client.h>

#include <cstdio>
#include <fstream>
#include <sstream>

using namespace holdfast;

// A panel without buttons: it prints all that waits for the user of a card.
class Panel : public Listener {
 public:
  Client* client = nullptr;
  bool over = false;

  void on_login(const LoginResult& login) override {
    over = login.verdict != Verdict::granted || !client->jobs(login.session, monotonic_now());
    std::printf("%s %s\n", to_string(login.verdict), login.user.display_name.c_str());
  }
  void on_jobs(const JobsResult& list) override {
    session_ = list.session;
    const Instant now = monotonic_now();
    for (const Job& job : list.jobs)
      printing_ += client->release(session_, job.key.uuid, now) ? 1 : 0;
    if (printing_ == 0) leave();
  }
  void on_release(const ReleaseUpdate& update) override {
    std::printf("%s %s\n", update.job.uuid.c_str(), to_string(update.step));
    const bool final = update.step == ReleaseStep::done || update.step == ReleaseStep::failed;
    const bool ours = update.ticket != TicketId::none;  // else begun before a power cut
    if (final && ours && --printing_ == 0) leave();
  }
  void on_session_end(SessionId, SessionEnd) override { over = true; }
  void on_switch(const SwitchRecord& change) override {
    std::printf("%s -> %s (%s)\n", change.from.c_str(), change.to.c_str(),
                to_string(change.reason));
  }

 private:
  void leave() {
    if (!client->logout(session_, monotonic_now()).ok()) over = true;
  }

  SessionId session_ = SessionId::none;
  int printing_ = 0;
};

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: minimal CONFIG.json FOLDER CARD\n"), 2;
  std::stringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const auto config = parse_config(text.str());
  if (!config) {  // each error names the field, its value and what is allowed
    for (const ConfigError& error : config.error())
      std::fprintf(stderr, "%s\n", error.text().c_str());
    return 2;
  }

  // What the device provides. Each port has an adapter in the library or one of your own: a printer
  // puts its engine here, and its flash.
  const std::string folder = argv[2];
  std::string problem = "libcurl, c-ares or mbedTLS";
  auto transport = curl_transport();
  auto resolver = cares_resolver();
  auto crypto = mbedtls_crypto();
  auto state = file_state_store(folder, &problem);
  auto documents = file_documents(folder, uint64_t{256} << 20, &problem);
  FolderEngineConfig paper;
  paper.directory = folder + "/paper";
  auto engine = folder_engine(paper, &problem);
  if (!transport || !resolver || !crypto || !state || !documents || !engine) {
    return std::fprintf(stderr, "cannot start: %s\n", problem.c_str()), 2;
  }
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
  ports.resolver = resolver->get();

  const auto wall = [] { return wall_now(WallTrust::synchronised); };
  Panel panel;
  auto client = Client::create(*config, ports, panel, monotonic_now(), wall());
  if (!client) return std::fprintf(stderr, "cannot start: %s\n", client.error().message()), 2;
  panel.client = client->get();

  Credential card;  // a reader would call login() from the loop below
  card.secret = Secret(argv[3]);
  if (!panel.client->login(std::move(card), monotonic_now())) return 1;
  while (!panel.over) {
    const Step step = panel.client->poll(monotonic_now(), wall());
    panel.client->wait(step.call_again - monotonic_now());
  }
  return 0;
}
