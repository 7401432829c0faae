// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// rtnetlink messages as the kernel writes them.
#pragma once

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace holdfast::test {

using ByteVector = std::vector<uint8_t>;

inline void append(ByteVector& out, const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

inline void append_attribute(ByteVector& out, uint16_t type, const void* data, size_t size) {
  rtattr head = {};
  head.rta_type = type;
  head.rta_len = static_cast<uint16_t>(sizeof head + size);
  append(out, &head, sizeof head);
  append(out, data, size);
  out.resize((out.size() + 3) & ~size_t{3});
}

inline ByteVector address_of(const std::string& text) {
  const bool v4 = text.find(':') == std::string::npos;
  ByteVector bytes(v4 ? 4 : 16);
  (void)::inet_pton(v4 ? AF_INET : AF_INET6, text.c_str(), bytes.data());
  return bytes;
}

// Payloads: what stands behind the message's header.

inline ByteVector link_payload(int index, const std::string& name, unsigned flags) {
  ifinfomsg head = {};
  head.ifi_index = index;
  head.ifi_flags = flags;
  ByteVector out;
  append(out, &head, sizeof head);
  append_attribute(out, IFLA_IFNAME, name.c_str(), name.size() + 1);
  const uint32_t mtu = 1500;
  append_attribute(out, IFLA_MTU, &mtu, sizeof mtu);
  return out;
}

inline ByteVector address_payload(int index, const std::string& text,
                                  uint8_t scope = RT_SCOPE_UNIVERSE, uint32_t flags = 0) {
  const ByteVector bytes = address_of(text);
  ifaddrmsg head = {};
  head.ifa_family = bytes.size() == 4 ? AF_INET : AF_INET6;
  head.ifa_index = static_cast<uint32_t>(index);
  head.ifa_scope = scope;
  head.ifa_prefixlen = 24;
  ByteVector out;
  append(out, &head, sizeof head);
  append_attribute(out, IFA_ADDRESS, bytes.data(), bytes.size());
  if (bytes.size() == 4) append_attribute(out, IFA_LOCAL, bytes.data(), bytes.size());
  append_attribute(out, IFA_FLAGS, &flags, sizeof flags);
  return out;
}

struct RouteWords {
  std::string to;  // empty: everywhere
  uint8_t prefix = 0;
  int out = 0;
  uint8_t family = AF_INET;
  uint8_t type = RTN_UNICAST;
  uint32_t table = RT_TABLE_MAIN;
  std::vector<int> hops;  // instead of `out`
  unsigned flags = 0;
};

inline ByteVector route_payload(const RouteWords& route) {
  rtmsg head = {};
  head.rtm_family = route.family;
  head.rtm_dst_len = route.prefix;
  head.rtm_type = route.type;
  head.rtm_table = RT_TABLE_UNSPEC;
  head.rtm_flags = route.flags;
  ByteVector out;
  append(out, &head, sizeof head);
  append_attribute(out, RTA_TABLE, &route.table, sizeof route.table);
  if (!route.to.empty()) {
    const ByteVector bytes = address_of(route.to);
    append_attribute(out, RTA_DST, bytes.data(), bytes.size());
  }
  if (route.hops.empty()) {
    append_attribute(out, RTA_OIF, &route.out, sizeof route.out);
    return out;
  }
  ByteVector hops;
  for (const int index : route.hops) {
    rtnexthop hop = {};
    hop.rtnh_len = sizeof hop;
    hop.rtnh_ifindex = index;
    append(hops, &hop, sizeof hop);
  }
  append_attribute(out, RTA_MULTIPATH, hops.data(), hops.size());
  return out;
}

inline ByteVector message(uint16_t type, uint32_t sequence, uint32_t port,
                          const ByteVector& payload, uint16_t flags = 0) {
  nlmsghdr head = {};
  head.nlmsg_len = static_cast<uint32_t>(sizeof head + payload.size());
  head.nlmsg_type = type;
  head.nlmsg_flags = flags;
  head.nlmsg_seq = sequence;
  head.nlmsg_pid = port;
  ByteVector out;
  append(out, &head, sizeof head);
  append(out, payload.data(), payload.size());
  out.resize((out.size() + 3) & ~size_t{3});
  return out;
}

constexpr unsigned kRunning = IFF_UP | IFF_RUNNING | IFF_BROADCAST;

}  // namespace holdfast::test
