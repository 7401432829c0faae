// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "app.h"
#include "http_server.h"
#include "recorder.h"
#include "text.h"

namespace print_server {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void say_listening(const App& app, int port) {
  std::printf(
      "{\"event\":\"listening\",\"port\":%d,\"pid\":%d,\"scheme\":\"%s\",\"cluster_id\":\"%s\","
      "\"instance_id\":\"%s\",\"role\":\"%s\"}\n",
      port, static_cast<int>(getpid()), app.options.tls() ? "https" : "http",
      app.options.cluster_id.c_str(), app.instance_id.c_str(), role_name(app.roles.role()));
  std::fflush(stdout);
}

int serve(const Options& options) {
  UserImport users;
  if (!options.users_file.empty()) users = read_users_file(options.users_file);
  App app(options, std::move(users));
  Recorder recorder(options.record_file);
  HttpServer server(app, recorder);
  // The port first: who can't listen must not become active.
  const int port = server.bind();
  app.roles.start();
  app.drop.start();
  say_listening(app, port);

  // Signals are taken by a thread, not by a handler: all it does is ordinary code.
  std::thread waiter([&server] {
    const sigset_t signals = ending_signals();
    int signal = 0;
    sigwait(&signals, &signal);
    server.stop();
  });
  waiter.detach();
  server.run();
  server.finish(10000);
  app.drop.stop();
  app.roles.stop();
  std::printf("{\"event\":\"stopped\"}\n");
  std::fflush(stdout);
  // Threads of idle connections still use these objects; the data is closed, so just leave.
  std::_Exit(0);
}

}  // namespace
}  // namespace print_server

int main(int argc, char** argv) {
  const sigset_t signals = print_server::ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    return print_server::serve(print_server::parse_options(argc, argv));
  } catch (const print_server::UsageError& error) {
    std::fprintf(stderr, "holdfast-print-server: %s\n", error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "holdfast-print-server: %s\n", error.what());
  }
  return 2;
}
