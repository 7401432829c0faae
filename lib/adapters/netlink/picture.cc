// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/netlink/picture.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace holdfast::netlink {
namespace {

constexpr uint8_t kV4 = 1;
constexpr uint8_t kV6 = 2;

uint8_t bit_of_family(uint8_t family) {
  if (family == AF_INET) return kV4;
  return family == AF_INET6 ? kV6 : 0;
}

size_t address_bytes(uint8_t family) { return family == AF_INET ? 4 : 16; }

bool is_link_local(uint8_t family, Bytes address) {
  if (family == AF_INET) return address.data[0] == 169 && address.data[1] == 254;
  return address.data[0] == 0xfe && (address.data[1] & 0xc0) == 0x80;
}

bool same_prefix(const uint8_t* a, const uint8_t* b, unsigned bits) {
  const size_t whole = bits / 8;
  if (std::memcmp(a, b, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - bits % 8));
  return ((a[whole] ^ b[whole]) & mask) == 0;
}

}  // namespace

struct Picture::Route {
  rtmsg head = {};
  uint32_t table = 0;
  Bytes destination;
  uint64_t out = 0;
};

uint64_t Picture::bit_of(int index) const {
  for (size_t i = 0; i < count_; ++i)
    if (interfaces_[i].index == index) return uint64_t{1} << i;
  return 0;
}

bool Picture::add(const Rules& rules, uint16_t type, Bytes payload) {
  if (type == RTM_NEWLINK) return add_link(rules, payload);
  if (type == RTM_NEWADDR) return add_address(rules, payload);
  if (type == RTM_NEWROUTE) return add_route(rules, payload);
  return true;
}

bool Picture::add_link(const Rules& rules, Bytes payload) {
  ifinfomsg head = {};
  if (!payload.read(head)) return false;
  if (head.ifi_family != AF_UNSPEC) return true;
  Attributes attributes(payload.from(sizeof head));
  uint16_t type = 0;
  Bytes value;
  const bool any = rules.name[0] == '\0';
  bool wanted = any;
  while (attributes.next(type, value)) {
    if (type != IFLA_IFNAME || wanted) continue;
    const size_t length = std::strlen(rules.name.data()) + 1;  // the kernel sends the NUL, too
    wanted = value.size == length && std::memcmp(value.data, rules.name.data(), length) == 0;
  }
  if (attributes.broken()) return false;
  const bool loopback = (head.ifi_flags & IFF_LOOPBACK) != 0;
  if (!wanted || (loopback && any) || count_ == kMaxInterfaces) return true;
  if (bit_of(head.ifi_index) != 0) return true;
  Interface& added = interfaces_[count_++];
  added.index = head.ifi_index;
  // Up is what the administrator wants; running, that there is a carrier.
  added.running = (head.ifi_flags & IFF_UP) != 0 && (head.ifi_flags & IFF_RUNNING) != 0;
  added.loopback = loopback;
  return true;
}

bool Picture::add_address(const Rules& rules, Bytes payload) {
  ifaddrmsg head = {};
  if (!payload.read(head)) return false;
  const uint8_t family = bit_of_family(head.ifa_family);
  Attributes attributes(payload.from(sizeof head));
  uint16_t type = 0;
  Bytes value;
  Bytes peer;
  Bytes local;
  uint32_t flags = head.ifa_flags;
  while (attributes.next(type, value)) {
    if (type == IFA_LOCAL) local = value;
    if (type == IFA_ADDRESS) peer = value;
    if (type == IFA_FLAGS && !value.read(flags)) return false;
  }
  if (attributes.broken()) return false;
  if (family == 0) return true;
  // On a point-to-point link IFA_ADDRESS is the other end; IPv6 has no IFA_LOCAL elsewhere.
  const Bytes own = local.size > 0 ? local : peer;
  if (own.size != address_bytes(head.ifa_family)) return false;
  const bool tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
  if (tentative || (flags & IFA_F_DADFAILED) != 0) return true;
  if (head.ifa_scope >= RT_SCOPE_HOST) return true;
  if (!rules.link_local && is_link_local(head.ifa_family, own)) return true;
  for (size_t i = 0; i < count_; ++i)
    if (static_cast<uint32_t>(interfaces_[i].index) == head.ifa_index)
      interfaces_[i].addressed = static_cast<uint8_t>(interfaces_[i].addressed | family);
  return true;
}

uint64_t Picture::out_of_hops(Bytes hops, bool& broken) const {
  uint64_t out = 0;
  while (hops.size > 0) {
    rtnexthop hop = {};
    broken = !hops.read(hop) || hop.rtnh_len < sizeof hop || hop.rtnh_len > hops.size;
    if (broken) return 0;
    if ((hop.rtnh_flags & RTNH_F_DEAD) == 0) out |= bit_of(hop.rtnh_ifindex);
    hops = hops.from((size_t{hop.rtnh_len} + 3) & ~size_t{3});
  }
  return out;
}

bool Picture::read_route(Bytes payload, Route& route) const {
  if (!payload.read(route.head)) return false;
  route.table = route.head.rtm_table;
  Attributes attributes(payload.from(sizeof route.head));
  uint16_t type = 0;
  Bytes value;
  bool broken = false;
  while (!broken && attributes.next(type, value)) {
    int32_t index = 0;
    if (type == RTA_OIF) broken = !value.read(index);
    if (type == RTA_OIF && (route.head.rtm_flags & RTNH_F_DEAD) == 0) route.out |= bit_of(index);
    if (type == RTA_TABLE) broken = !value.read(route.table);
    if (type == RTA_MULTIPATH) route.out |= out_of_hops(value, broken);
    if (type == RTA_DST) route.destination = value;
  }
  return !broken && !attributes.broken();
}

bool Picture::add_route(const Rules& rules, Bytes payload) {
  Route route;
  if (!read_route(payload, route)) return false;
  const uint8_t family = bit_of_family(route.head.rtm_family);
  if (family == 0) return true;
  const unsigned prefix = route.head.rtm_dst_len;
  if (prefix > address_bytes(route.head.rtm_family) * 8) return false;
  if (prefix > 0 && route.destination.size != address_bytes(route.head.rtm_family)) return false;
  // Cached copies, and the device's own addresses, lead nowhere.
  if ((route.head.rtm_flags & RTM_F_CLONED) != 0 || route.table == RT_TABLE_LOCAL) return true;
  // Unreachable, blackhole and prohibit are routes as well: to nowhere.
  const uint64_t out = route.head.rtm_type == RTN_UNICAST ? route.out : 0;

  const auto offer = [&](Way& way) {
    if (static_cast<int>(prefix) < way.prefix) return;
    if (static_cast<int>(prefix) > way.prefix) way.out = 0;
    way.prefix = static_cast<int>(prefix);
    way.out |= out;  // among equals the metric decides, but a way there is
  };
  if (prefix == 0) offer(default_[family == kV4 ? 0 : 1]);
  for (size_t i = 0; i < rules.destination_count; ++i) {
    const Rules::Destination& to = rules.destinations[i];
    if (to.family != route.head.rtm_family) continue;
    if (prefix == 0 || same_prefix(to.address.data(), route.destination.data, prefix))
      offer(ways_[i]);
  }
  return true;
}

// The families in which a way that counts leads through the interface.
uint8_t Picture::routed(const Rules& rules, size_t slot) const {
  const uint64_t bit = uint64_t{1} << slot;
  uint8_t families = 0;
  const auto join = [&](const Way& way, uint8_t family) {
    if ((way.out & bit) != 0) families = static_cast<uint8_t>(families | family);
  };
  for (size_t i = 0; i < rules.destination_count; ++i)
    join(ways_[i], bit_of_family(rules.destinations[i].family));
  if (rules.destination_count == 0) {
    join(default_[0], kV4);
    join(default_[1], kV6);
  }
  return families;
}

LinkState Picture::judge(const Rules& rules, Watched& watched) const {
  Watched now;
  bool known = false;
  for (size_t i = 0; i < count_; ++i) {
    if (routed(rules, i) != 0) now.index[now.count++] = interfaces_[i].index;
    known = known || watched.has(interfaces_[i].index);
  }
  if (now.count > 0) {
    watched = now;
    known = true;
  }
  // What the best interface has; each thing stands on the one before.
  LinkState state{false, false, false};
  for (size_t i = 0; i < count_; ++i) {
    const Interface& interface = interfaces_[i];
    if (!interface.running) continue;
    if (known && !watched.has(interface.index) && !interface.loopback) continue;
    const auto served = static_cast<uint8_t>(interface.addressed & routed(rules, i));
    state.link_up = true;
    state.has_address = state.has_address || interface.loopback || interface.addressed != 0;
    state.has_route = state.has_route || interface.loopback || served != 0;
  }
  return state;
}

}  // namespace holdfast::netlink
