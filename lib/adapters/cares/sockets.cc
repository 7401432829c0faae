// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/cares/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace holdfast::cares {
namespace {

ares_socket_t open_socket(int family, int type, int protocol, void*) noexcept {
  return ::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

int close_socket(ares_socket_t fd, void*) noexcept { return ::close(fd); }

int connect_socket(ares_socket_t fd, const sockaddr* address, ares_socklen_t size, void*) noexcept {
  return ::connect(fd, address, size);
}

ares_ssize_t receive(ares_socket_t fd, void* data, size_t size, int flags, sockaddr* from,
                     ares_socklen_t* from_size, void*) noexcept {
  return ::recvfrom(fd, data, size, flags, from, from_size);
}

ares_ssize_t send_all(ares_socket_t fd, const iovec* parts, int count, void*) noexcept {
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

const ares_socket_functions kSockets = {open_socket, close_socket, connect_socket, receive,
                                        send_all};

}  // namespace

void use_own_sockets(ares_channel channel) {
  ares_set_socket_functions(channel, &kSockets, nullptr);
}

bool has_route_v6(const std::string& address) {
  sockaddr_in6 to = {};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(443);
  if (::inet_pton(AF_INET6, address.c_str(), &to.sin6_addr) != 1) return false;
  const int fd = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool routed = ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  (void)::close(fd);
  return routed;
}

}  // namespace holdfast::cares
