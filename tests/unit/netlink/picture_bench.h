// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "adapters/netlink/picture.h"
#include "unit/netlink/message_builder.h"

namespace holdfast::test {

using namespace holdfast::netlink;

inline ByteVector from_hex(const std::string& text) {
  ByteVector out;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return out;
}

// As Linux 6 says them: eth0 (3) with 192.0.2.7/24, 2001:db8::7/64 and a default route each.
const char* const kLink =
    "0000010003000000431001000000000009000300657468300000000008000d00e803000005001000060000000500"
    "110000000000050043000000000008000400dc050000080032004400000008003300ffff000008001b0000000000";
const char* const kAddressV4 =
    "021880000300000008000100c000020708000200c00002070900030065746830000000000800080080000000140006"
    "00"
    "fffffffffffffffff42e0800f42e0800";
const char* const kAddressV6 =
    "0a408200030000001400010020010db800000000000000000000000714000600fffffffffffffffff42e0800f42e08"
    "00"
    "0800080082000000";
const char* const kAddressLinkLocal =
    "0a4080fd0300000014000100fe80000000000000f8c3b4fffee15fb714000600fffffffffffffffff32e0800f32e08"
    "00"
    "080008008000000005000b0003000000";
const char* const kDefaultV4 =
    "02000000fe0300010000000008000f00fe00000008000500c00002010800040003000000";
const char* const kSubnetV4 =
    "02180000fe02fd010000000008000f00fe00000008000100c000020008000700c00002070800040003000000";
const char* const kDefaultV6 =
    "0a000000fe0300010000000008000f00fe00000008000600000400001400050020010db80000000000000000000000"
    "010800"
    "04000300000024000c0000000000000000000000000000000000000000000000000000000000000000000500140000"
    "000000";

class Bench {
 public:
  bool add(uint16_t type, const ByteVector& payload) {
    // A copy of exactly that size, so that a sanitizer sees any byte read behind it.
    const std::unique_ptr<uint8_t[]> copy(new uint8_t[payload.size() + 1]);
    uint8_t* const end = copy.get() + payload.size() + 1;
    uint8_t* const begin = end - payload.size();  // and of odd alignment
    if (!payload.empty()) std::memcpy(begin, payload.data(), payload.size());
    return picture.add(rules, type, {begin, payload.size()});
  }
  void link(int index, const std::string& name, unsigned flags = kRunning) {
    CHECK(add(RTM_NEWLINK, link_payload(index, name, flags)));
  }
  void address(int index, const std::string& text, uint8_t scope = RT_SCOPE_UNIVERSE,
               uint32_t flags = 0) {
    CHECK(add(RTM_NEWADDR, address_payload(index, text, scope, flags)));
  }
  void route(const RouteWords& words) { CHECK(add(RTM_NEWROUTE, route_payload(words))); }
  void default_route(int out, uint8_t family = AF_INET) {
    RouteWords words;
    words.out = out;
    words.family = family;
    route(words);
  }
  std::string judge() {
    const std::string verdict = to_string(picture.judge(rules, watched));
    picture.clear();
    return verdict;
  }
  void to(const std::string& text) {
    Rules::Destination& destination = rules.destinations[rules.destination_count++];
    const ByteVector bytes = address_of(text);
    destination.family = bytes.size() == 4 ? AF_INET : AF_INET6;
    std::memcpy(destination.address.data(), bytes.data(), bytes.size());
  }
  void name(const std::string& text) {
    std::memcpy(rules.name.data(), text.c_str(), text.size() + 1);
  }

  Rules rules;
  Picture picture;
  Watched watched;
};

}  // namespace holdfast::test
