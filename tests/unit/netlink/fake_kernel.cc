// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "unit/netlink/fake_kernel.h"

#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <new>

namespace holdfast::test {
namespace {

std::unique_ptr<FakeKernel> the_kernel;
size_t taken = 0;
bool in_kernel = false;

struct KernelMode {
  KernelMode() { in_kernel = true; }
  ~KernelMode() { in_kernel = false; }
};

uint16_t kind_of(uint16_t request) {
  if (request == RTM_GETLINK) return RTM_NEWLINK;
  return request == RTM_GETADDR ? RTM_NEWADDR : RTM_NEWROUTE;
}

}  // namespace

FakeKernel& kernel() { return *the_kernel; }
size_t allocations() { return taken; }
void count_allocation() {
  if (!in_kernel) ++taken;
}

void boot_kernel() {
  the_kernel = std::make_unique<FakeKernel>();
  the_kernel->set({});
}

void FakeKernel::set(LinkState state) {
  links = {link_payload(1, "lo", IFF_UP | IFF_RUNNING | IFF_LOOPBACK),
           link_payload(2, "eth0", state.link_up ? kRunning : unsigned{IFF_UP})};
  addresses = {address_payload(1, "127.0.0.1", RT_SCOPE_HOST),
               address_payload(2, "fe80::1", RT_SCOPE_LINK)};
  if (state.has_address) addresses.push_back(address_payload(2, "192.0.2.7"));
  RouteWords subnet;
  subnet.to = "192.0.2.0";
  subnet.prefix = 24;
  subnet.out = 2;
  routes = {route_payload(subnet)};
  RouteWords everywhere;
  everywhere.out = 2;
  // A link takes the default route along, and nobody says so.
  if (state.has_route && state.link_up) routes.push_back(route_payload(everywhere));
}

void FakeKernel::event(uint16_t type) {
  queue({message(type, 0, 0, link_payload(77, "other", 0)), 0, 0, 0});
}

void FakeKernel::queue(Datagram datagram) {
  queue_.push_back(std::move(datagram));
  show_readiness();
}

void FakeKernel::show_readiness() {
  if (ready_ < 0) return;
  uint64_t count = 0;
  (void)!::read(ready_, &count, sizeof count);
  count = 1;
  if (!queue_.empty()) (void)!::write(ready_, &count, sizeof count);
}

int FakeKernel::open() {
  if (open_error != 0) {
    errno = open_error;
    return -1;
  }
  ++opened;
  queue_.clear();
  ready_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return ready_;
}

void FakeKernel::asked(const ByteVector& request) {
  nlmsghdr header = {};
  std::memcpy(&header, request.data(), sizeof header);
  if (header.nlmsg_type == RTM_GETLINK) ++dumps;
  if (silent) return;
  if (refuses > 0) {
    --refuses;
    nlmsgerr error = {};
    error.error = -EBUSY;
    ByteVector payload;
    append(payload, &error, sizeof error);
    return queue({message(NLMSG_ERROR, header.nlmsg_seq, kPort, payload), 0, 0, 0});
  }
  answer(header.nlmsg_type, header.nlmsg_seq);
}

void FakeKernel::answer(uint16_t type, uint32_t sequence) {
  if (before_answer) before_answer(type);
  const auto& all = type == RTM_GETLINK ? links : type == RTM_GETADDR ? addresses : routes;
  for (const ByteVector& payload : all) {
    Datagram datagram{message(kind_of(type), sequence, kPort, payload, NLM_F_MULTI), 0, 0, 0};
    if (change_answer) change_answer(datagram);
    queue(std::move(datagram));
  }
  const int32_t no_error = 0;
  ByteVector payload;
  append(payload, &no_error, sizeof no_error);
  queue({message(NLMSG_DONE, sequence, kPort, payload, NLM_F_MULTI), 0, 0, 0});
}

bool FakeKernel::next(Datagram& datagram) {
  if (queue_.empty()) return false;
  datagram = std::move(queue_.front());
  queue_.pop_front();
  show_readiness();
  return true;
}

}  // namespace holdfast::test

using holdfast::test::FakeKernel;
using holdfast::test::kernel;

namespace {

bool is_ours(int fd) { return holdfast::test::the_kernel && fd == kernel().descriptor(); }

}  // namespace

extern "C" int socket(int domain, int type, int protocol) noexcept {
  if (domain == AF_NETLINK) return kernel().open();
  return static_cast<int>(::syscall(SYS_socket, domain, type, protocol));
}

extern "C" int bind(int fd, const sockaddr* address, socklen_t size) noexcept {
  return is_ours(fd) ? 0 : static_cast<int>(::syscall(SYS_bind, fd, address, size));
}

extern "C" int getsockname(int fd, sockaddr* address, socklen_t* size) noexcept {
  if (!is_ours(fd)) return static_cast<int>(::syscall(SYS_getsockname, fd, address, size));
  sockaddr_nl own = {};
  own.nl_family = AF_NETLINK;
  own.nl_pid = FakeKernel::kPort;
  std::memcpy(address, &own, std::min<size_t>(*size, sizeof own));
  return 0;
}

extern "C" ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
                          socklen_t to_size) {
  if (!is_ours(fd)) return ::syscall(SYS_sendto, fd, data, size, flags, to, to_size);
  if (kernel().send_errors > 0) {
    --kernel().send_errors;
    errno = kernel().send_error;
    return -1;
  }
  const holdfast::test::KernelMode kernel_mode;
  const auto* bytes = static_cast<const uint8_t*>(data);
  kernel().asked(holdfast::test::ByteVector(bytes, bytes + size));
  return static_cast<ssize_t>(size);
}

extern "C" ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (!is_ours(fd)) return ::syscall(SYS_recvmsg, fd, message, flags);
  const holdfast::test::KernelMode kernel_mode;
  FakeKernel::Datagram datagram;
  if (!kernel().next(datagram)) {
    errno = EAGAIN;
    return -1;
  }
  if (datagram.error != 0) {
    errno = datagram.error;
    return -1;
  }
  sockaddr_nl from = {};
  from.nl_family = AF_NETLINK;
  from.nl_pid = datagram.from;
  std::memcpy(message->msg_name, &from, sizeof from);
  message->msg_namelen = sizeof from;
  const size_t size = std::min(datagram.bytes.size(), message->msg_iov[0].iov_len);
  std::memcpy(message->msg_iov[0].iov_base, datagram.bytes.data(), size);
  message->msg_flags = datagram.claims > 0 || size < datagram.bytes.size() ? MSG_TRUNC : 0;
  return static_cast<ssize_t>(size);
}

void* operator new(size_t size) {
  holdfast::test::count_allocation();
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
