// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Interfaces, their addresses and the routes through them, as far as they matter for one question:
// link, address or route, what is missing?
#pragma once

#include <net/if.h>

#include <array>
#include <cstdint>

#include "adapters/netlink/messages.h"
#include "holdfast/types.h"

namespace holdfast::netlink {

constexpr size_t kMaxInterfaces = 64;  // one bit each in a mask
constexpr size_t kMaxDestinations = 16;

// The options, ready for use.
struct Rules {
  struct Destination {
    uint8_t family = 0;
    std::array<uint8_t, 16> address{};
  };

  std::array<char, IFNAMSIZ> name{};  // empty: any
  bool link_local = false;
  std::array<Destination, kMaxDestinations> destinations{};
  size_t destination_count = 0;
};

// Interfaces by the kernel's index, across pictures.
struct Watched {
  std::array<int, kMaxInterfaces> index{};
  size_t count = 0;

  bool has(int wanted) const {
    for (size_t i = 0; i < count; ++i)
      if (index[i] == wanted) return true;
    return false;
  }
};

class Picture {
 public:
  void clear() { *this = Picture(); }
  // Adds what one message of a dump says; links come before what refers to them. False: the message
  // is malformed.
  bool add(const Rules& rules, uint16_t type, Bytes payload);
  // `watched` are the interfaces of the way out, and stay so when the way is gone: a link that goes
  // down takes its routes along, and which cable to look at is known only from before.
  LinkState judge(const Rules& rules, Watched& watched) const;

 private:
  struct Interface {
    int index = 0;
    bool running = false;
    bool loopback = false;
    uint8_t addressed = 0;  // bit a family
  };
  // Where the most specific routes to a place lead.
  struct Way {
    int prefix = -1;
    uint64_t out = 0;  // bit an interface
  };
  struct Route;

  bool add_link(const Rules& rules, Bytes payload);
  bool add_address(const Rules& rules, Bytes payload);
  bool add_route(const Rules& rules, Bytes payload);
  bool read_route(Bytes payload, Route& route) const;
  uint64_t out_of_hops(Bytes hops, bool& broken) const;
  uint64_t bit_of(int index) const;
  uint8_t routed(const Rules& rules, size_t slot) const;

  std::array<Interface, kMaxInterfaces> interfaces_{};
  size_t count_ = 0;
  std::array<Way, 2> default_{};  // by family
  std::array<Way, kMaxDestinations> ways_{};
};

}  // namespace holdfast::netlink
