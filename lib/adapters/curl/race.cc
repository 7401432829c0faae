// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/race.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "adapters/curl/options.h"
#include "adapters/curl/outcome.h"

namespace holdfast::curl {
namespace {

constexpr Duration kStagger = milliseconds(250);  // RFC 8305, "Connection Attempt Delay"

// The size of the address, 0 when `text` is none.
socklen_t fill(const std::string& text, uint16_t port, sockaddr_storage* address) {
  std::memset(address, 0, sizeof *address);
  auto* v4 = reinterpret_cast<sockaddr_in*>(address);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(address);
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) != 1) return 0;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  return sizeof *v6;
}

// The most telling one counts: somebody who refused was there, and silence says more of a server
// than this device's lack of a route to one of its addresses.
TransferOutcome together(TransferOutcome a, TransferOutcome b) {
  for (const TransferOutcome outcome : {TransferOutcome::refused, TransferOutcome::timed_out}) {
    if (a == outcome || b == outcome) return outcome;
  }
  return b;
}

}  // namespace

void Race::set(const std::vector<std::string>& addresses, uint16_t port) {
  addresses_ = addresses;
  port_ = port;
}

void Race::begun(int fd, Instant now) {
  if (!more()) return;
  first_fd_ = fd;
  first_runs_ = true;
  next_at_ = now + kStagger;
}

bool Race::first_failed(TransferOutcome outcome, Instant now) {
  if (!first_runs_ || (scouts_.empty() && !more())) return false;
  first_runs_ = false;
  first_ended_ = true;
  lost_ = together(lost_, outcome);
  next_at_ = now;
  return true;
}

bool Race::first_connected() const {
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  return ::getpeername(first_fd_, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

bool Race::won(Instant now, std::string* address, int* fd) {
  if (first_runs_ && first_connected()) {
    stop();
    return false;
  }
  for (size_t i = 0; i < scouts_.size();) {
    pollfd ready = {scouts_[i].fd, POLLOUT, 0};
    if (::poll(&ready, 1, 0) <= 0) {
      ++i;
      continue;
    }
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(scouts_[i].fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    const Scout scout = scouts_[i];
    scouts_.erase(scouts_.begin() + static_cast<ptrdiff_t>(i));
    if (error == 0) {
      *address = addresses_[scout.address];
      *fd = scout.fd;
      stop();
      return true;
    }
    (void)::close(scout.fd);
    failed(error, now);
  }
  while (now >= next_at_ && more()) start_next(now);
  return false;
}

void Race::start_next(Instant now) {
  const size_t index = next_++;
  next_at_ = more() ? now + kStagger : Instant::never();
  sockaddr_storage to;
  const socklen_t size = fill(addresses_[index], port_, &to);
  const int fd =
      size == 0 ? -1 : ::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed(size == 0 ? EADDRNOTAVAIL : errno, now);
  tune_socket(fd);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), size) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    (void)::close(fd);
    return failed(error, now);
  }
  scouts_.push_back({fd, index});
}

void Race::failed(int os_errno, Instant now) {
  Ending ending;
  ending.code = CURLE_COULDNT_CONNECT;
  ending.os_errno = os_errno;
  lost_ = together(lost_, outcome_of(ending));
  if (more()) next_at_ = now;
}

Instant Race::deadline() const { return more() ? next_at_ : Instant::never(); }

void Race::watch(std::vector<pollfd>& out) const {
  for (const Scout& scout : scouts_) out.push_back({scout.fd, POLLOUT, 0});
}

// Nothing more is tried.
void Race::stop() {
  for (const Scout& scout : scouts_) (void)::close(scout.fd);
  scouts_.clear();
  next_ = addresses_.size();
  next_at_ = Instant::never();
  first_runs_ = false;
  decided_ = true;
}

}  // namespace holdfast::curl
