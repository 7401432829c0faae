// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Which addresses a server's name stands for, so that no exchange waits long for a resolver and
// none is lost to a silent one.
//
// - An answer of the resolver is used for its time to live, and looked up anew before that is over,
//   so that in the steady state nobody waits.
// - After that the resolver is asked, and waited for a while. Where addresses were known before,
// they
//   are used when it doesn't answer in that time (RFC 8767), and at once from then on until it
//   does.
// - Without a Resolver all of this is the transport's, but for the address that answered last.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "client/context.h"

namespace holdfast::client {

class Names {
 public:
  explicit Names(Context& context) : context_(context) {}

  enum class Way : uint8_t {
    go,           // to `addresses`; where empty, the transport knows the way
    wait,         // ask again when tick() returned true, or at `until`
    not_found,    // there is no such name
    unavailable,  // nobody can say, and nothing is known from before
  };
  struct Answer {
    Way way = Way::go;
    std::vector<std::string> addresses;
    Instant until{};
  };

  // For an exchange that began at `since` and has `timeout`. `last_good`: it is known that the
  // resolver fails, so nothing is waited for where an address is known.
  Answer ask(ServerIndex s, Instant since, Duration timeout, bool last_good);

  // An answer came from that address.
  void answered(ServerIndex s, const std::string& address);
  // None came, perhaps since the service has moved: what is known is worth little now.
  void doubt(ServerIndex s);
  // The next use resolves anew.
  void renew(ServerIndex s);

  // Takes in what the resolver has found; true when there was something.
  bool tick();
  Instant deadline() const { return again_; }

  // True once when an address that answered should be stored for the next start. Not for each one
  // at once: a name that changes each minute must not wear the flash.
  bool take_unsaved();
  Instant save_at() const { return unsaved_ ? save_at_ : Instant::never(); }

 private:
  struct Entry {
    std::string url;                     // what all below is about; another one begins anew
    std::string host;                    // empty: numeric, or none of ours to resolve
    std::vector<std::string> addresses;  // of the last look-up that found any
    Instant found_at{};
    Instant good_until{};
    Instant refresh_at{};
    Instant missing_until{};
    Instant retry_at{};    // no look-up before that
    bool gone = false;     // newer than what was known: there is no such name
    bool failing = false;  // the resolver failed or was silent when it was asked last
    bool told = false;     // the log has it
    ResolveId under_way = 0;
  };

  Entry& entry(ServerIndex s);
  std::vector<std::string> in_order(ServerIndex s, const Entry& e, bool stale) const;
  bool knows(ServerIndex s, const Entry& e) const;
  void look_up(ServerIndex s, Entry& e);
  void failed(ServerIndex s, Entry& e);
  void take(ServerIndex s, Entry& e, const ResolveResult& result);

  Context& context_;
  std::array<Entry, kMaxServers> entries_;
  ResolveId next_id_ = 1;
  Instant again_ = Instant::never();
  bool unsaved_ = false;
  Instant save_at_{};
};

}  // namespace holdfast::client
