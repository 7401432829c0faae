// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Several addresses of one server (RFC 8305). libcurl connects to the first; each further one is
// tried by a plain socket once 250 ms have passed or all before it have failed, and the first that
// connects is handed to libcurl, which takes it as its own.
//
// libcurl's own race is between the two families only, with the addresses of one family one after
// the other; it needs the list as names (RESOLVE), and then goes on using a connection to an
// address that is off the list. With CONNECT_TO and a single address the pool's key is the address,
// and no byte of a request can leave twice: what is handed over is a connection, before anything
// was sent.
#pragma once

#include <poll.h>

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/ports/transport.h"
#include "holdfast/time.h"

namespace holdfast::curl {

class Race {
 public:
  Race() = default;
  ~Race() { stop(); }
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  void set(const std::vector<std::string>& addresses, uint16_t port);

  // libcurl has opened this socket to connect to the first address.
  void begun(int fd, Instant now);
  // That connection has failed. False: there is no other address, so this is the end.
  bool first_failed(TransferOutcome outcome, Instant now);

  // Looks how far each is and starts what is due. True: `address` and `fd` have won, and are the
  // caller's.
  bool won(Instant now, std::string* address, int* fd);
  // All have failed, and in what way together.
  bool lost() const { return first_ended_ && !decided_ && scouts_.empty() && !more(); }
  TransferOutcome how_lost() const { return lost_; }

  Instant deadline() const;
  void watch(std::vector<pollfd>& out) const;

 private:
  struct Scout {
    int fd;
    size_t address;
  };
  bool more() const { return next_ < addresses_.size(); }
  bool first_connected() const;
  void start_next(Instant now);
  void failed(int os_errno, Instant now);
  void stop();

  std::vector<std::string> addresses_;
  uint16_t port_ = 0;
  size_t next_ = 1;
  int first_fd_ = -1;  // libcurl's
  bool first_runs_ = false;
  bool first_ended_ = false;
  bool decided_ = false;
  std::vector<Scout> scouts_;
  Instant next_at_ = Instant::never();
  TransferOutcome lost_ = TransferOutcome::unreachable;
};

}  // namespace holdfast::curl
