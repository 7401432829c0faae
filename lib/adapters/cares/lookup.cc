// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/cares/lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>

#include "adapters/cares/sockets.h"

namespace holdfast::cares {
namespace {

constexpr Duration kOtherFamilyJoins = milliseconds(50);  // RFC 8305, "Resolution Delay"

std::string numeric(const ares_addrinfo_node& node) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* raw = nullptr;
  if (node.ai_family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in*>(node.ai_addr)->sin_addr;
  } else if (node.ai_family == AF_INET6) {
    raw = &reinterpret_cast<const sockaddr_in6*>(node.ai_addr)->sin6_addr;
  }
  if (raw == nullptr || ::inet_ntop(node.ai_family, raw, text, sizeof text) == nullptr) return {};
  return text;
}

int least_known(int a, int b) {
  if (a < 0 || b < 0) return std::max(a, b);
  return std::min(a, b);
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from, size_t at) {
  if (at < from.size() && to.size() < kMaxAddresses) to.push_back(from[at]);
}

}  // namespace

ResolveOutcome outcome_of(int status) {
  switch (status) {
    case ARES_SUCCESS:
      return ResolveOutcome::found;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:  // can't be a name, so nobody has it
      return ResolveOutcome::not_found;
    default:
      return ResolveOutcome::unavailable;
  }
}

Lookup::~Lookup() {
  dying_ = true;  // destroying calls the callbacks of what is under way
  if (channel_ != nullptr) ares_destroy(channel_);
}

Status Lookup::begin(const CaresResolverOptions& options, const std::string& host) {
  now_ = started_;
  give_up_ = milliseconds(options.give_up_ms);
  ares_options settings = {};
  char lookups[] = "b";  // DNS alone, whatever nsswitch.conf says; the hosts file was asked before
  settings.flags = ARES_FLAG_NOALIASES;
  settings.timeout = static_cast<int>(options.timeout_ms);
  settings.tries = static_cast<int>(options.tries);
  settings.lookups = lookups;
  int status =
      ares_init_options(&channel_, &settings,
                        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return Status(Code::io_error, status);
  }
  use_own_sockets(channel_);
  if (!options.name_servers.empty()) {
    std::string list;
    for (const std::string& server : options.name_servers)
      list += (list.empty() ? "" : ",") + server;
    status = ares_set_servers_ports_csv(channel_, list.c_str());
    if (status != ARES_SUCCESS) return Status(Code::invalid_argument, status);
  }
  if (host.empty()) return {};
  ask(v6_, host, AF_INET6);
  ask(v4_, host, AF_INET);
  return {};
}

void Lookup::ask(Family& family, const std::string& host, int af) {
  family.lookup = this;
  ares_addrinfo_hints hints = {};
  hints.ai_family = af;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, on_end, &family);
}

void Lookup::on_end(void* self, int status, int, ares_addrinfo* found) noexcept {
  Family& family = *static_cast<Family*>(self);
  if (!family.lookup->dying_) {
    family.ended = true;
    family.status = status;
    for (const ares_addrinfo_node* node = found != nullptr ? found->nodes : nullptr;
         node != nullptr; node = node->ai_next) {
      const std::string address = numeric(*node);
      auto& known = family.addresses;
      if (!address.empty() && known.size() < kMaxAddresses &&
          std::find(known.begin(), known.end(), address) == known.end())
        known.push_back(address);
      family.ttl_s = least_known(family.ttl_s, node->ai_ttl);
    }
    for (const ares_addrinfo_cname* name = found != nullptr ? found->cnames : nullptr;
         name != nullptr; name = name->next)
      family.ttl_s = least_known(family.ttl_s, name->ttl);
    if (status == ARES_SUCCESS && family.addresses.empty()) family.status = ARES_ENODATA;
    Lookup& lookup = *family.lookup;
    if (!family.addresses.empty()) lookup.found_at_ = earlier(lookup.found_at_, lookup.now_);
  }
  if (found != nullptr) ares_freeaddrinfo(found);
}

void Lookup::poll(Instant now) {
  now_ = now;
  std::vector<WaitOn> open;
  descriptors(open);
  std::vector<pollfd> ready;
  for (const WaitOn& on : open) {
    const int events = (on.read ? POLLIN : 0) | (on.write ? POLLOUT : 0);
    ready.push_back({on.fd, static_cast<short>(events), 0});
  }
  if (!ready.empty() && ::poll(ready.data(), ready.size(), 0) > 0) {
    for (const pollfd& one : ready) {
      constexpr int kReadable = POLLIN | POLLERR | POLLHUP;
      const bool in = (one.revents & kReadable) != 0;
      const bool out = (one.revents & POLLOUT) != 0;
      if (in || out)
        ares_process_fd(channel_, in ? one.fd : ARES_SOCKET_BAD, out ? one.fd : ARES_SOCKET_BAD);
    }
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // its time-outs
}

bool Lookup::over(Instant now) const {
  if (v6_.ended && v4_.ended) return true;
  return now >= started_ + give_up_ || now >= found_at_ + kOtherFamilyJoins;
}

Instant Lookup::deadline(Instant now) const {
  Instant at = earlier(started_ + give_up_, found_at_ + kOtherFamilyJoins);
  timeval left = {};
  if (ares_timeout(channel_, nullptr, &left) != nullptr) {
    // A microsecond more: c-ares lets a time-out count only once it lies in the past.
    at = earlier(at, now + seconds(left.tv_sec) + microseconds(left.tv_usec + 1));
  }
  return at;
}

void Lookup::descriptors(std::vector<WaitOn>& out) const {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets = {};
  const auto bits = static_cast<unsigned>(
      ares_getsock(channel_, sockets.data(), static_cast<int>(sockets.size())));
  for (unsigned i = 0; i < sockets.size(); ++i) {
    const bool read = (bits & (1u << i)) != 0;
    const bool write = (bits & (1u << (i + ARES_GETSOCK_MAXNUM))) != 0;
    if (read || write) out.push_back({sockets[i], read, write});
  }
}

ResolveResult Lookup::result() const {
  ResolveResult result;
  result.id = id_;
  if (!v6_.addresses.empty() || !v4_.addresses.empty()) {
    result.outcome = ResolveOutcome::found;
    // IPv6 first and then in turns (RFC 8305), but only where it leads anywhere.
    const bool v6_first = !v6_.addresses.empty() && has_route_v6(v6_.addresses.front());
    const Family& first = v6_first ? v6_ : v4_;
    const Family& second = v6_first ? v4_ : v6_;
    for (size_t i = 0; i < kMaxAddresses; ++i) {
      append(result.addresses, first.addresses, i);
      append(result.addresses, second.addresses, i);
    }
    const int ttl_s = least_known(v6_.ttl_s, v4_.ttl_s);
    if (ttl_s >= 0) result.ttl = seconds(ttl_s);
    return result;
  }
  for (const Family* family : {&v6_, &v4_}) {
    if (result.status.ok() || outcome_of(family->status) == ResolveOutcome::unavailable)
      result.status = Status(Code::unavailable, family->status);
  }
  const bool nobody_has_it = outcome_of(v6_.status) == ResolveOutcome::not_found &&
                             outcome_of(v4_.status) == ResolveOutcome::not_found;
  if (nobody_has_it) {
    result.outcome = ResolveOutcome::not_found;
    result.status = Status(Code::not_found, v4_.status);
  }
  return result;
}

}  // namespace holdfast::cares
