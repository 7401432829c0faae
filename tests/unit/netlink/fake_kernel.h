// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel's end of rtnetlink sockets, in this program: what it says, and how it misbehaves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "holdfast/types.h"
#include "unit/netlink/message_builder.h"

namespace holdfast::test {

class FakeKernel {
 public:
  static constexpr uint32_t kPort = 4711;

  struct Datagram {
    ByteVector bytes;
    uint32_t from = 0;    // 0: the kernel
    int error = 0;        // instead of bytes
    uint32_t claims = 0;  // longer by so many bytes than what is there
  };

  // What the network is. `say` it, or wait until somebody asks.
  std::vector<ByteVector> links, addresses, routes;
  void set(LinkState state);
  // One event, of a kind that names nothing that is true.
  void event(uint16_t type);
  void queue(Datagram datagram);

  // The next dumps. `before_answer` may add something in front of the answers of a dump.
  std::function<void(uint16_t type)> before_answer;
  std::function<void(Datagram& answer)> change_answer;
  bool silent = false;  // answers nothing
  int refuses = 0;      // dumps answered with -EBUSY
  int send_error = 0;   // errno of sendto(), for `send_errors` calls
  int send_errors = 0;
  int open_error = 0;  // errno of socket()
  size_t dumps = 0;    // of links
  size_t opened = 0;

  // The calls that were replaced.
  int open();
  void asked(const ByteVector& request);
  bool next(Datagram& datagram);
  int descriptor() const { return ready_; }

 private:
  void answer(uint16_t type, uint32_t sequence);
  void show_readiness();

  std::deque<Datagram> queue_;
  int ready_ = -1;  // an eventfd that says whether something is queued
};

// There is one.
FakeKernel& kernel();
// Taken by this program so far, but for what the fake kernel takes inside the calls that it
// replaces.
size_t allocations();
void boot_kernel();  // a new one, with a usable network

}  // namespace holdfast::test
