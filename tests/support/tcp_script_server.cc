// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "support/tcp_script_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace holdfast::test {
namespace {

constexpr int kForever_ms = 60000;  // longer than any test

void require(bool fine, const char* what) {
  if (fine) return;
  std::fprintf(stderr, "tcp_script_server: %s: %s\n", what, std::strerror(errno));
  std::abort();
}

int listen_on_loopback(uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  require(::bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0, "bind");
  require(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
  require(::listen(fd, 64) == 0, "listen");
  port = ntohs(address.sin_port);
  return fd;
}

// The Content-Length of a request head; 0 when it has none.
size_t body_length(const std::string& head) {
  const char kName[] = "\r\nContent-Length: ";
  const size_t at = head.find(kName);
  if (at == std::string::npos) return 0;
  return static_cast<size_t>(std::strtoul(head.c_str() + at + sizeof kName - 1, nullptr, 10));
}

}  // namespace

struct TcpScriptServer::Shared {
  int listener = -1;
  int stop_read = -1;  // readable once the server is to end
  int stop_write = -1;
  uint16_t port = 0;
  std::vector<Script> scripts;
  std::thread acceptor;

  mutable std::mutex mutex;
  std::vector<std::thread> workers;
  std::vector<std::string> requests;
  std::atomic<size_t> accepted{0};
  std::atomic<size_t> serving{0};

  // Waits for `events`; false when the server ends or the time is over.
  bool wait(int fd, short events, int ms) const {
    pollfd fds[] = {{stop_read, POLLIN, 0}, {fd, events, 0}};
    const int ready = ::poll(fds, 2, ms);
    return ready > 0 && fds[0].revents == 0;
  }

  // False when the server ends meanwhile.
  bool sleep(int ms) const {
    pollfd stop = {stop_read, POLLIN, 0};
    return ::poll(&stop, 1, ms) == 0;
  }

  void accept_all();
  void serve(int fd, const Script& script);
  bool run(int fd, const Script::Step& step, std::string& unread);
  bool read_request(int fd, std::string& unread);
  bool send_all(int fd, const std::string& bytes) const;
  void wait_for_end(int fd) const;
};

void TcpScriptServer::Shared::accept_all() {
  while (wait(listener, POLLIN, -1)) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) continue;
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const size_t number = accepted.fetch_add(1);
    const Script& script = scripts[number < scripts.size() ? number : scripts.size() - 1];
    ++serving;
    const std::lock_guard<std::mutex> guard(mutex);
    workers.emplace_back([this, fd, &script] { serve(fd, script); });
  }
}

void TcpScriptServer::Shared::serve(int fd, const Script& script) {
  std::string unread;
  for (const Script::Step& step : script.steps_) {
    if (!run(fd, step, unread)) break;
  }
  ::close(fd);
  --serving;
}

// False: the connection is over.
bool TcpScriptServer::Shared::run(int fd, const Script::Step& step, std::string& unread) {
  switch (step.act) {
    case Script::Act::request:
      return read_request(fd, unread);
    case Script::Act::readable:
      return wait(fd, POLLIN, kForever_ms);
    case Script::Act::send:
      return send_all(fd, step.bytes);
    case Script::Act::drip:
      for (const char byte : step.bytes) {
        if (!send_all(fd, std::string(1, byte))) return false;
        if (!sleep(step.ms)) return false;
      }
      return true;
    case Script::Act::flood:
      while (send_all(fd, step.bytes)) {
      }
      return false;
    case Script::Act::pause:
      return sleep(step.ms);
    case Script::Act::hold:
      wait_for_end(fd);
      return false;
    case Script::Act::close:
      return false;
    case Script::Act::reset: {
      const linger at_once = {1, 0};
      (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      return false;
    }
  }
  return false;
}

bool TcpScriptServer::Shared::read_request(int fd, std::string& unread) {
  for (;;) {
    const size_t end = unread.find("\r\n\r\n");
    if (end != std::string::npos) {
      const size_t whole = end + 4 + body_length(unread.substr(0, end));
      if (unread.size() >= whole) {
        const std::lock_guard<std::mutex> guard(mutex);
        requests.push_back(unread.substr(0, whole));
        unread.erase(0, whole);
        return true;
      }
    }
    char buffer[16384];
    if (!wait(fd, POLLIN, kForever_ms)) return false;
    const ssize_t given = ::recv(fd, buffer, sizeof buffer, 0);
    if (given == 0 || (given < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (given > 0) unread.append(buffer, static_cast<size_t>(given));
  }
}

bool TcpScriptServer::Shared::send_all(int fd, const std::string& bytes) const {
  size_t sent = 0;
  while (sent < bytes.size()) {
    if (!wait(fd, POLLOUT, kForever_ms)) return false;
    const ssize_t taken = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (taken > 0) sent += static_cast<size_t>(taken);
  }
  return true;
}

void TcpScriptServer::Shared::wait_for_end(int fd) const {
  char buffer[4096];
  while (wait(fd, POLLIN, kForever_ms)) {
    const ssize_t given = ::recv(fd, buffer, sizeof buffer, 0);
    if (given == 0 || (given < 0 && errno != EAGAIN)) return;
  }
}

Script& Script::add(Act act, std::string bytes, int ms) {
  steps_.push_back({act, std::move(bytes), ms});
  return *this;
}
Script& Script::request() { return add(Act::request); }
Script& Script::read_some() { return add(Act::readable); }
Script& Script::send(std::string bytes) { return add(Act::send, std::move(bytes)); }
Script& Script::drip(std::string bytes, int every_ms) {
  return add(Act::drip, std::move(bytes), every_ms);
}
Script& Script::flood(std::string bytes) { return add(Act::flood, std::move(bytes)); }
Script& Script::pause(int ms) { return add(Act::pause, {}, ms); }
Script& Script::hold() { return add(Act::hold); }
Script& Script::close() { return add(Act::close); }
Script& Script::reset() { return add(Act::reset); }

TcpScriptServer::TcpScriptServer(std::vector<Script> scripts)
    : shared_(std::make_shared<Shared>()) {
  int ends[2] = {-1, -1};
  require(::pipe2(ends, O_CLOEXEC) == 0, "pipe");
  shared_->stop_read = ends[0];
  shared_->stop_write = ends[1];
  shared_->scripts = std::move(scripts);
  shared_->listener = listen_on_loopback(shared_->port);
  shared_->acceptor = std::thread([this] { shared_->accept_all(); });
}

TcpScriptServer::~TcpScriptServer() {
  require(::write(shared_->stop_write, "x", 1) == 1, "write");  // never read: it ends every wait
  shared_->acceptor.join();
  for (std::thread& worker : shared_->workers) worker.join();
  ::close(shared_->listener);
  ::close(shared_->stop_read);
  ::close(shared_->stop_write);
}

uint16_t TcpScriptServer::port() const { return shared_->port; }

std::string TcpScriptServer::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

size_t TcpScriptServer::connections() const { return shared_->accepted.load(); }

size_t TcpScriptServer::open_connections() const { return shared_->serving.load(); }

std::vector<std::string> TcpScriptServer::requests() const {
  const std::lock_guard<std::mutex> guard(shared_->mutex);
  return shared_->requests;
}

std::string ok(const std::string& body) { return answer("200 OK", body); }

std::string answer(const std::string& status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

uint16_t unused_port() {
  uint16_t port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

}  // namespace holdfast::test
