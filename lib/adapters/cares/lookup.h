// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One look-up: a c-ares channel of its own. c-ares can cancel only all that a channel does, and
// reads its configuration only when a channel is made; so a channel for each look-up makes
// cancelling exact and lets new name servers count from the next one on. It costs the reading of
// two small files, a few times a minute at most.
#pragma once

#include <ares.h>

#include <memory>
#include <string>
#include <vector>

#include "holdfast/adapters/cares_resolver.h"
#include "holdfast/ports/resolver.h"

namespace holdfast::cares {

class Lookup {
 public:
  Lookup(ResolveId id, Instant now) : id_(id), started_(now) {}
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  Status begin(const CaresResolverOptions& options, const std::string& host);

  ResolveId id() const { return id_; }
  void poll(Instant now);
  bool over(Instant now) const;
  Instant deadline(Instant now) const;
  void descriptors(std::vector<WaitOn>& out) const;
  ResolveResult result() const;

 private:
  struct Family {
    Lookup* lookup = nullptr;
    bool ended = false;
    int status = ARES_ETIMEOUT;
    std::vector<std::string> addresses;
    int ttl_s = -1;
  };
  static void on_end(void* family, int status, int timeouts, ares_addrinfo* found) noexcept;
  void ask(Family& family, const std::string& host, int af);

  const ResolveId id_;
  ares_channel channel_ = nullptr;
  bool dying_ = false;
  const Instant started_;
  Duration give_up_{};
  Instant now_{};
  Instant found_at_ = Instant::never();  // by the first of the two
  Family v6_;
  Family v4_;
};

// What c-ares' status says of the name.
ResolveOutcome outcome_of(int status);

}  // namespace holdfast::cares
