// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/netlink/monitor.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "holdfast/adapters/netlink_monitor.h"

namespace holdfast::netlink {
namespace {

constexpr uint32_t kGroups =
    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
constexpr int kReads = 64;  // in one poll()
constexpr Duration kBetweenDumps = milliseconds(100);
constexpr Duration kRetry = seconds(1);
constexpr uint32_t kTornAtMost = 3;
constexpr uint32_t kFailuresUntilBlind = 3;

bool is_event(uint16_t type) {
  return type == RTM_NEWLINK || type == RTM_DELLINK || type == RTM_NEWADDR || type == RTM_DELADDR ||
         type == RTM_NEWROUTE || type == RTM_DELROUTE;
}

}  // namespace

Status Monitor::open() {
  fd_ = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd_ < 0) return Status(Code::io_error, errno);
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kGroups;
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd_, generic, size) != 0 || ::getsockname(fd_, generic, &size) != 0) {
    const Status failed(Code::io_error, errno);
    close();
    return failed;
  }
  port_ = address.nl_pid;
  outdated_ = true;
  return {};
}

void Monitor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  asking_ = false;
}

Instant Monitor::poll(Instant now) {
  now_ = now;
  if (fd_ < 0) {
    if (now < not_before_) return not_before_;
    if (!open().ok()) {
      fail();
      return not_before_;
    }
  }
  for (int reads = 0; reads < kReads; ++reads) {
    if (!asking_ && outdated_ && now >= not_before_) begin(now);
    const Received received = receive();
    if (received == Received::failed) {
      close();
      fail();
      return not_before_;
    }
    if (received == Received::something) continue;
    if (asking_ && now >= give_up_) fail();
    if (asking_) return give_up_;
    return outdated_ ? not_before_ : Instant::never();
  }
  return now;  // there may be more
}

Monitor::Received Monitor::receive() {
  sockaddr_nl from = {};
  iovec part = {buffer_.data(), buffer_.size()};
  msghdr message = {};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const ssize_t size = ::recvmsg(fd_, &message, MSG_DONTWAIT);
  if (size < 0) {
    if (errno == EINTR) return Received::something;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Received::nothing;
    if (errno != ENOBUFS) return Received::failed;
    outdated_ = true;  // events were lost, whatever they said
    return Received::something;
  }
  // Only the kernel's own word counts: any process may write to this socket.
  if (message.msg_namelen != sizeof from || from.nl_family != AF_NETLINK || from.nl_pid != 0)
    return Received::something;
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    outdated_ = true;
    spoiled_ = true;
    return Received::something;
  }
  take({buffer_.data(), static_cast<size_t>(size)});
  return Received::something;
}

void Monitor::take(Bytes datagram) {
  Messages messages(datagram);
  nlmsghdr header = {};
  Bytes payload;
  while (messages.next(header, payload)) {
    if (asking_ && header.nlmsg_pid == port_ && header.nlmsg_seq == sequence_)
      take_answer(header, payload);
    else if (is_event(header.nlmsg_type) && header.nlmsg_pid != port_)
      outdated_ = true;
  }
  if (messages.broken()) {
    outdated_ = true;
    spoiled_ = true;
  }
}

void Monitor::take_answer(const nlmsghdr& header, Bytes payload) {
  if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) spoiled_ = true;
  int32_t error = 0;
  if (header.nlmsg_type == NLMSG_ERROR) return fail();
  if (header.nlmsg_type == NLMSG_DONE)
    return payload.read(error) && error != 0 ? fail() : step_done();
  if (!picture_.add(rules_, header.nlmsg_type, payload)) spoiled_ = true;
}

void Monitor::begin(Instant now) {
  picture_.clear();
  outdated_ = false;
  spoiled_ = false;
  step_ = What::links;
  not_before_ = now + kBetweenDumps;
  give_up_ = now + kRetry;
  ask();
}

void Monitor::ask() {
  uint8_t request[kRequest_bytes];
  const size_t size = write_dump_request(step_, ++sequence_, request);
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent = 0;
  do {
    sent =
        ::sendto(fd_, request, size, 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  asking_ = sent == static_cast<ssize_t>(size);
  if (!asking_) fail();
}

void Monitor::step_done() {
  if (step_ == What::routes) return finish();
  step_ = step_ == What::links ? What::addresses : What::routes;
  ask();
}

void Monitor::finish() {
  asking_ = false;
  if (spoiled_) return fail();
  failures_ = 0;
  // Links of before and routes of after an event make a picture of nothing: once more, at once. But
  // where something happens all the time, a torn one is better than none.
  if (outdated_ && ++torn_ <= kTornAtMost) {
    not_before_ = now_;
    return;
  }
  torn_ = 0;
  state_ = picture_.judge(rules_, watched_);
}

// The picture is of no use. Another one, soon at first; and who is blind for long says so.
void Monitor::fail() {
  asking_ = false;
  outdated_ = true;
  ++failures_;
  not_before_ = now_ + (failures_ < kFailuresUntilBlind ? kBetweenDumps : kRetry);
  if (failures_ < kFailuresUntilBlind) return;
  failures_ = kFailuresUntilBlind;
  state_ = LinkState();
}

}  // namespace holdfast::netlink

namespace holdfast {

Result<std::unique_ptr<NetworkMonitor>> netlink_monitor(const NetlinkMonitorOptions& options) {
  netlink::Rules rules;
  if (options.interface_name.size() >= rules.name.size() ||
      options.destinations.size() > rules.destinations.size())
    return failure(Code::invalid_argument);
  std::copy(options.interface_name.begin(), options.interface_name.end(), rules.name.begin());
  rules.link_local = options.link_local;
  for (const std::string& text : options.destinations) {
    netlink::Rules::Destination& to = rules.destinations[rules.destination_count++];
    to.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (::inet_pton(to.family, text.c_str(), to.address.data()) != 1)
      return failure(Code::invalid_argument);
  }
  auto monitor = std::make_unique<netlink::Monitor>(rules);
  const Status opened = monitor->open();
  if (!opened.ok()) return failure(opened);
  // The kernel answers a dump while it is read, so that nothing is waited for.
  (void)monitor->poll({});
  return monitor;
}

}  // namespace holdfast
