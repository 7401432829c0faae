// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Messages that are cut, lie about their lengths or are noise.
#include <doctest/doctest.h>

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "unit/netlink/picture_bench.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

std::vector<std::pair<uint16_t, ByteVector>> all_kinds() {
  RouteWords multipath;
  multipath.hops = {2, 3};
  RouteWords specific;
  specific.to = "2001:db8:1::";
  specific.prefix = 47;
  specific.family = AF_INET6;
  specific.out = 3;
  return {{RTM_NEWLINK, from_hex(kLink)},         {RTM_NEWADDR, from_hex(kAddressV4)},
          {RTM_NEWADDR, from_hex(kAddressV6)},    {RTM_NEWADDR, from_hex(kAddressLinkLocal)},
          {RTM_NEWROUTE, from_hex(kDefaultV4)},   {RTM_NEWROUTE, from_hex(kSubnetV4)},
          {RTM_NEWROUTE, from_hex(kDefaultV6)},   {RTM_NEWROUTE, route_payload(multipath)},
          {RTM_NEWROUTE, route_payload(specific)}};
}

}  // namespace

TEST_CASE("a payload cut at any byte is refused or says less, and nothing behind it is read") {
  for (const auto& kind : all_kinds()) {
    const uint16_t type = kind.first;
    const ByteVector& payload = kind.second;
    size_t refused = 0;
    for (size_t size = 0; size <= payload.size(); ++size) {
      CAPTURE(type);
      CAPTURE(size);
      Bench bench;
      bench.link(3, "eth0");
      const ByteVector cut(payload.begin(), payload.begin() + static_cast<ptrdiff_t>(size));
      const bool taken = bench.add(type, cut);
      if (!taken) ++refused;
      if (size < 8) CHECK_FALSE(taken);
      if (size == payload.size()) CHECK(taken);
      (void)bench.judge();
    }
    CHECK(refused > payload.size() / 2);  // whole only where an attribute ends
  }
}

TEST_CASE("lengths and numbers that lie are refused") {
  const auto refused = [](uint16_t type, ByteVector payload, size_t at,
                          std::initializer_list<uint8_t> bytes) {
    for (const uint8_t byte : bytes) payload.at(at++) = byte;
    Bench bench;
    bench.link(3, "eth0");
    const bool taken = bench.add(type, payload);
    return !taken && bench.judge() == "no_address";
  };
  const size_t link_head = sizeof(ifinfomsg);
  const size_t address_head = sizeof(ifaddrmsg);
  const size_t route_head = sizeof(rtmsg);
  for (const auto length :
       std::initializer_list<uint8_t>{0, 1, 3, 255}) {  // of the first attribute
    CAPTURE(length);
    CHECK(refused(RTM_NEWLINK, from_hex(kLink), link_head, {length}));
    CHECK(refused(RTM_NEWADDR, from_hex(kAddressV4), address_head, {length}));
    CHECK(refused(RTM_NEWROUTE, from_hex(kDefaultV4), route_head, {length}));
  }
  CHECK(refused(RTM_NEWADDR, from_hex(kAddressV4), address_head + 8 + 2, {0xee, 0x00}) == false);
  CHECK(refused(RTM_NEWADDR, from_hex(kAddressV4), 0, {AF_INET6}));  // four bytes of IPv6
  CHECK(refused(RTM_NEWADDR, from_hex(kAddressV6), 0, {AF_INET}));
  CHECK(refused(RTM_NEWROUTE, from_hex(kSubnetV4), 1, {33}));  // a prefix longer than addresses
  CHECK(refused(RTM_NEWROUTE, from_hex(kSubnetV4), 1, {255}));
  CHECK(refused(RTM_NEWROUTE, from_hex(kDefaultV4), 1, {24}));  // a prefix, and no destination
  RouteWords multipath;
  multipath.hops = {3};
  const ByteVector hops = route_payload(multipath);
  const size_t hop = hops.size() - sizeof(rtnexthop);
  for (const auto length : std::initializer_list<uint8_t>{0, 1, 7, 9, 255}) {
    CAPTURE(length);
    CHECK(refused(RTM_NEWROUTE, hops, hop, {length}));
  }
}

TEST_CASE("bytes at random neither crash nor hang") {
  Prng prng(20260101);
  const auto kinds = all_kinds();
  size_t taken = 0;
  for (int round = 0; round < 20000; ++round) {
    Bench bench;
    bench.to("198.51.100.77");
    bench.link(3, "eth0");
    for (const auto& [type, payload] : kinds) {
      ByteVector bytes = payload;
      for (uint64_t flips = prng.next() % 4; flips > 0; --flips)
        bytes[prng.next() % bytes.size()] = static_cast<uint8_t>(prng.next());
      if (bench.add(type, bytes)) ++taken;
    }
    (void)bench.judge();
  }
  CHECK(taken > 1000);
}

TEST_CASE("a datagram cut at any byte gives its whole messages and no more") {
  ByteVector datagram = message(RTM_NEWLINK, 1, 2, link_payload(2, "eth0", kRunning));
  const size_t first = datagram.size();
  const ByteVector second = message(RTM_NEWADDR, 1, 2, address_payload(2, "192.0.2.7"));
  append(datagram, second.data(), second.size());
  for (size_t size = 0; size <= datagram.size(); ++size) {
    CAPTURE(size);
    const std::unique_ptr<uint8_t[]> copy(new uint8_t[size]);
    std::memcpy(copy.get(), datagram.data(), size);
    Messages messages({copy.get(), size});
    nlmsghdr header = {};
    Bytes payload;
    size_t whole = 0;
    while (messages.next(header, payload)) {
      ++whole;
      CHECK(payload.data >= copy.get());
      CHECK(payload.data + payload.size <= copy.get() + size);
    }
    CHECK(whole == (size >= first ? 1u : 0u) + (size == datagram.size() ? 1u : 0u));
    CHECK(messages.broken() == (size != 0 && size != first && size != datagram.size()));
  }
  for (const uint32_t length : {0u, 1u, 15u, 0x7fffffffu, 0xffffffffu}) {
    ByteVector lying = datagram;
    std::memcpy(lying.data(), &length, sizeof length);
    Messages messages({lying.data(), lying.size()});
    nlmsghdr header = {};
    Bytes payload;
    CHECK_FALSE(messages.next(header, payload));
    CHECK(messages.broken());
  }
}
