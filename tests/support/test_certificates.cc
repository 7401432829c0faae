// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "support/test_certificates.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace holdfast::test {
namespace {

void require(bool fine, const char* what) {
  if (fine) return;
  std::fprintf(stderr, "test_certificates: %s\n", what);
  std::abort();
}

// Starts a program found in PATH. With descriptors for its streams it is a server, whose complaints
// about the clients that a test sends are of no interest.
pid_t start(const std::vector<std::string>& command, int input, int output) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input >= 0) posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  if (output >= 0) {
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  require(error == 0, arguments[0]);
  return pid;
}

// Reads until `stop` has come; empty when it doesn't come in 10 s.
std::string read_until(int fd, const std::string& begin, char stop) {
  std::string text;
  char byte = 0;
  pollfd ready = {fd, POLLIN, 0};
  while (::poll(&ready, 1, 10000) > 0 && ::read(fd, &byte, 1) == 1) {
    text += byte;
    const size_t at = text.find(begin);
    if (byte == stop && at != std::string::npos && at + begin.size() < text.size()) {
      return text.substr(at + begin.size());
    }
  }
  return {};
}

}  // namespace

TestCertificates::TestCertificates() {
  const pid_t pid =
      start({"sh", HOLDFAST_TEST_SUPPORT_DIR "/make_certificates.sh", directory_.path()}, -1, -1);
  int status = -1;
  require(::waitpid(pid, &status, 0) == pid && status == 0, "make_certificates.sh failed");
}

std::string TestCertificates::pin(const std::string& name) const {
  std::string text = read_file(directory_ / (name + ".pin"));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

TlsServer::TlsServer(const TestCertificates& certificates, const std::string& name,
                     const std::vector<std::string>& more_arguments) {
  int in[2] = {-1, -1};
  int out[2] = {-1, -1};
  require(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0, "pipe");
  std::vector<std::string> command = {"openssl",
                                      "s_server",
                                      "-accept",
                                      "127.0.0.1:0",
                                      "-www",
                                      "-cert",
                                      certificates.certificate(name),
                                      "-key",
                                      certificates.key(name)};
  command.insert(command.end(), more_arguments.begin(), more_arguments.end());
  pid_ = start(command, in[0], out[1]);
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_ = out[0];
  const std::string port = read_until(output_, "ACCEPT 127.0.0.1:", '\n');
  require(!port.empty(), "openssl s_server didn't say its port");
  port_ = static_cast<uint16_t>(std::atoi(port.c_str()));
}

TlsServer::~TlsServer() {
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
  ::close(input_);
  ::close(output_);
}

}  // namespace holdfast::test
