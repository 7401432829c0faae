// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What messages say, captured ones and made ones, and what is made of them.
#include <doctest/doctest.h>

#include <string>

#include "unit/netlink/picture_bench.h"

using namespace holdfast;
using namespace holdfast::test;

TEST_CASE("captured messages say what the network was") {
  Bench bench;
  CHECK(bench.judge() == "no_link");
  CHECK(bench.add(RTM_NEWLINK, from_hex(kLink)));
  CHECK(bench.add(RTM_NEWADDR, from_hex(kAddressLinkLocal)));
  CHECK(bench.add(RTM_NEWROUTE, from_hex(kSubnetV4)));
  CHECK(bench.judge() == "no_address");  // fe80:: is always there
  CHECK(bench.add(RTM_NEWLINK, from_hex(kLink)));
  CHECK(bench.add(RTM_NEWADDR, from_hex(kAddressV4)));
  CHECK(bench.add(RTM_NEWROUTE, from_hex(kSubnetV4)));
  CHECK(bench.judge() == "no_route");
  CHECK(bench.add(RTM_NEWLINK, from_hex(kLink)));
  CHECK(bench.add(RTM_NEWADDR, from_hex(kAddressV4)));
  CHECK(bench.add(RTM_NEWROUTE, from_hex(kDefaultV4)));
  CHECK(bench.judge() == "usable");
  CHECK(bench.add(RTM_NEWLINK, from_hex(kLink)));
  CHECK(bench.add(RTM_NEWADDR, from_hex(kAddressV6)));
  CHECK(bench.add(RTM_NEWROUTE, from_hex(kDefaultV4)));
  CHECK(bench.judge() == "no_route");  // an IPv4 way out is none for an IPv6 address
  CHECK(bench.add(RTM_NEWLINK, from_hex(kLink)));
  CHECK(bench.add(RTM_NEWADDR, from_hex(kAddressV6)));
  CHECK(bench.add(RTM_NEWROUTE, from_hex(kDefaultV6)));
  CHECK(bench.judge() == "usable");
}

TEST_CASE("up without a carrier is no link, and loopback is none either") {
  Bench bench;
  bench.link(1, "lo", IFF_UP | IFF_RUNNING | IFF_LOOPBACK);
  bench.address(1, "127.0.0.1", RT_SCOPE_HOST);
  CHECK(bench.judge() == "no_link");
  bench.link(2, "eth0", IFF_UP | IFF_BROADCAST);
  bench.address(2, "192.0.2.7");
  bench.default_route(2);
  CHECK(bench.judge() == "no_link");
  bench.link(2, "eth0", IFF_RUNNING);  // taken down by the administrator
  CHECK(bench.judge() == "no_link");
  bench.name("lo");
  bench.link(1, "lo", IFF_UP | IFF_RUNNING | IFF_LOOPBACK);
  CHECK(bench.judge() == "usable");
}

TEST_CASE("which addresses are something to work with") {
  struct Row {
    const char* address;
    uint8_t scope;
    uint32_t flags;
    bool usable;
  };
  const Row rows[] = {
      {"192.0.2.7", RT_SCOPE_UNIVERSE, 0, true},
      {"192.0.2.7", RT_SCOPE_LINK, 0, true},  // the scope of an address is the administrator's
      {"169.254.3.4", RT_SCOPE_UNIVERSE, 0, false},
      {"169.253.3.4", RT_SCOPE_UNIVERSE, 0, true},
      {"127.0.0.2", RT_SCOPE_HOST, 0, false},
      {"2001:db8::1", RT_SCOPE_UNIVERSE, 0, true},
      {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE, false},
      {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, true},
      {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_DADFAILED, false},
      {"2001:db8::1", RT_SCOPE_UNIVERSE, IFA_F_DEPRECATED, true},
      {"fe80::1", RT_SCOPE_LINK, 0, false},
      {"febf::1", RT_SCOPE_LINK, 0, false},
      {"fec0::1", RT_SCOPE_SITE, 0, true},
      {"fd00::1", RT_SCOPE_UNIVERSE, 0, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    CAPTURE(row.flags);
    Bench bench;
    bench.link(2, "eth0");
    bench.address(2, row.address, row.scope, row.flags);
    bench.default_route(2, AF_INET);
    bench.default_route(2, AF_INET6);
    CHECK(bench.judge() == (row.usable ? "usable" : "no_address"));
  }
  for (const char* address : {"169.254.3.4", "fe80::1"}) {
    Bench bench;
    bench.rules.link_local = true;
    bench.link(2, "eth0");
    bench.address(2, address);
    bench.default_route(2, AF_INET);
    bench.default_route(2, AF_INET6);
    CHECK(bench.judge() == "usable");
  }
}

TEST_CASE("which routes are a way out") {
  const auto judged = [](const RouteWords& words) {
    Bench bench;
    bench.link(2, "eth0");
    bench.link(3, "eth1");
    bench.address(2, "192.0.2.7");
    bench.route(words);
    return bench.judge();
  };
  RouteWords route;
  route.out = 2;
  CHECK(judged(route) == "usable");
  route.table = 1000;  // policy routing
  CHECK(judged(route) == "usable");
  route.table = RT_TABLE_LOCAL;
  CHECK(judged(route) == "no_route");
  route.table = RT_TABLE_MAIN;
  for (const uint8_t type : {RTN_UNREACHABLE, RTN_BLACKHOLE, RTN_PROHIBIT, RTN_LOCAL}) {
    route.type = type;
    CHECK(judged(route) == "no_route");
  }
  route.type = RTN_UNICAST;
  route.flags = RTNH_F_DEAD;
  CHECK(judged(route) == "no_route");
  route.flags = RTM_F_CLONED;
  CHECK(judged(route) == "no_route");
  route.flags = 0;
  route.out = 9;  // an interface that nobody spoke of
  CHECK(judged(route) == "no_route");
  route.hops = {3, 2};
  CHECK(judged(route) == "usable");
  route.hops.clear();
  route.out = 2;
  route.to = "198.51.100.0";
  route.prefix = 24;
  CHECK(judged(route) == "no_route");  // not the way out
}

TEST_CASE("with destinations, a way to any of them is enough, and the most specific one counts") {
  const auto judged = [](const std::string& to, uint8_t prefix, uint8_t type) {
    Bench bench;
    bench.to("198.51.100.77");
    bench.to("2001:db8::5");
    bench.link(2, "eth0");
    bench.address(2, "192.0.2.7");
    RouteWords words;
    words.out = 2;
    words.to = to;
    words.prefix = prefix;
    words.type = type;
    bench.route(words);
    return bench.judge();
  };
  CHECK(judged("198.51.100.0", 24, RTN_UNICAST) == "usable");
  CHECK(judged("198.51.100.64", 27, RTN_UNICAST) == "usable");
  CHECK(judged("198.51.100.96", 27, RTN_UNICAST) == "no_route");
  CHECK(judged("198.51.100.77", 32, RTN_UNICAST) == "usable");
  CHECK(judged("198.51.100.76", 32, RTN_UNICAST) == "no_route");
  CHECK(judged("198.51.100.0", 24, RTN_UNREACHABLE) == "no_route");
  CHECK(judged("", 0, RTN_UNICAST) == "usable");

  for (const bool blackhole_first : {true, false}) {
    Bench bench;
    bench.to("198.51.100.77");
    bench.link(2, "eth0");
    bench.address(2, "192.0.2.7");
    RouteWords blackhole;
    blackhole.to = "198.51.100.0";
    blackhole.prefix = 24;
    blackhole.type = RTN_BLACKHOLE;
    if (blackhole_first) bench.route(blackhole);
    bench.default_route(2);
    if (!blackhole_first) bench.route(blackhole);
    CHECK(bench.judge() == "no_route");
  }
}

TEST_CASE("the interface of the way out is watched, also when the way is gone") {
  Bench bench;
  bench.link(2, "eth0");
  bench.link(5, "docker0");
  bench.address(2, "192.0.2.7");
  bench.address(5, "172.17.0.1");
  bench.default_route(2);
  CHECK(bench.judge() == "usable");
  // The cable goes, and the default route with it: docker0 is no consolation.
  bench.link(2, "eth0", IFF_UP);
  bench.link(5, "docker0");
  bench.address(2, "192.0.2.7");
  bench.address(5, "172.17.0.1");
  CHECK(bench.judge() == "no_link");
  // A second way takes over, and is watched from now on.
  bench.link(2, "eth0", IFF_UP);
  bench.link(3, "wlan0");
  bench.address(3, "198.51.100.7");
  bench.default_route(3);
  CHECK(bench.judge() == "usable");
  bench.link(2, "eth0");
  bench.link(3, "wlan0", IFF_UP);
  bench.address(2, "192.0.2.7");
  CHECK(bench.judge() == "no_link");
  // Neither is there any more: whatever is there counts.
  bench.link(7, "usb0");
  CHECK(bench.judge() == "no_address");
}

TEST_CASE("of several interfaces on the way out, the best one counts, and all by itself") {
  Bench bench;
  bench.link(2, "eth0", IFF_UP);
  bench.link(3, "eth1");
  bench.address(2, "192.0.2.7");
  bench.default_route(2);
  bench.default_route(3);
  CHECK(bench.judge() == "no_address");  // an address without a link is no help to a link without
  bench.link(2, "eth0");
  bench.link(3, "eth1", IFF_UP);
  bench.address(2, "192.0.2.7");
  bench.default_route(2);
  bench.default_route(3);
  CHECK(bench.judge() == "usable");
}

TEST_CASE("a named interface is the only one that counts") {
  Bench bench;
  bench.name("eth1");
  for (const char* other : {"eth0", "eth", "eth11"}) {
    bench.link(2, other);
    bench.address(2, "192.0.2.7");
    bench.default_route(2);
    CHECK(bench.judge() == "no_link");
  }
  bench.link(2, "eth1");
  bench.address(2, "192.0.2.7");
  bench.default_route(2);
  CHECK(bench.judge() == "usable");
}

TEST_CASE("more interfaces than there is room for are left out") {
  Bench bench;
  for (int i = 1; i <= 200; ++i) {
    bench.link(i, "eth" + std::to_string(i));
    bench.address(i, "192.0.2.7");
  }
  bench.default_route(200);
  CHECK(bench.judge() == "no_route");
  for (int i = 1; i <= 200; ++i) bench.link(i, "eth" + std::to_string(i));
  bench.address(static_cast<int>(kMaxInterfaces), "192.0.2.7");
  bench.default_route(static_cast<int>(kMaxInterfaces));
  CHECK(bench.judge() == "usable");
}
