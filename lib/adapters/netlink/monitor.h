// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "adapters/netlink/picture.h"
#include "holdfast/ports/network.h"
#include "holdfast/status.h"

namespace holdfast::netlink {

// What an event says is never used, only that there was one: then links, addresses and routes are
// asked for again, all of them. A link that goes down takes the default route along and nobody
// says so; an overrun loses any event; and a whole picture needs no history to be right.
class Monitor final : public NetworkMonitor {
 public:
  explicit Monitor(const Rules& rules) : rules_(rules) {}
  ~Monitor() override { close(); }
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  Status open();

  Instant poll(Instant now) override;
  LinkState state() const override { return state_; }
  void descriptors(std::vector<WaitOn>& out) const override {
    if (fd_ >= 0) out.push_back({fd_, true, false});
  }

 private:
  enum class Received : uint8_t { something, nothing, failed };

  void close();
  Received receive();
  void take(Bytes datagram);
  void take_answer(const nlmsghdr& header, Bytes payload);
  void begin(Instant now);
  void ask();
  void step_done();
  void finish();
  void fail();

  Rules rules_;
  Picture picture_;
  Watched watched_;
  LinkState state_;  // usable until the kernel has said otherwise
  int fd_ = -1;
  uint32_t port_ = 0;      // ours, in what is for us alone
  uint32_t sequence_ = 0;  // of the request under way
  What step_ = What::links;
  bool asking_ = false;
  bool outdated_ = true;                 // something happened since the dump began
  bool spoiled_ = false;                 // the dump under way is of no use
  uint32_t torn_ = 0;                    // pictures in a row that something happened behind
  uint32_t failures_ = 0;                // in a row
  Instant not_before_{};                 // of the next dump
  Instant give_up_{};                    // of the dump under way
  Instant now_{};                        // of this poll()
  std::array<uint8_t, 32768> buffer_{};  // the most the kernel gives at once
};

}  // namespace holdfast::netlink
