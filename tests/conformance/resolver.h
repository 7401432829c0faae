// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What every Resolver must do. The bench names hosts that behave in a few ways, in DNS or in a
// simulation of it; a name it hasn't is skipped by an empty string, except the first.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "holdfast/ports/resolver.h"

namespace holdfast::conformance {

class ResolverBench {
 public:
  virtual ~ResolverBench() = default;
  virtual Resolver& resolver() = 0;
  virtual Instant now() = 0;
  virtual std::string known() = 0;    // found, with the address 127.0.0.1
  virtual std::string missing() = 0;  // not_found
  virtual std::string failing() = 0;  // unavailable, at once
  virtual std::string silent() = 0;   // unavailable, after a while
  // Sleeps until a descriptor of the resolver's is ready or `until` has come.
  virtual void wait(Instant until) {
    std::vector<WaitOn> on;
    resolver().descriptors(on);
    std::vector<pollfd> fds;
    for (const WaitOn& one : on)
      fds.push_back(
          {one.fd, static_cast<short>((one.read ? POLLIN : 0) | (one.write ? POLLOUT : 0)), 0});
    const int64_t left = std::max<int64_t>(0, (until - now()).us / 1000 + 1);
    (void)::poll(fds.data(), fds.size(), static_cast<int>(std::min<int64_t>(left, 10000)));
  }
};

// The next result. Relies on what poll() and descriptors() promise and on nothing else: a resolver
// that doesn't say when it wants to be called fails here by time.
inline ResolveResult next_resolved(ResolverBench& bench, Duration limit = seconds(10)) {
  ResolveResult result;
  const Instant end = bench.now() + limit;
  while (bench.now() < end) {
    const Instant again = bench.resolver().poll(bench.now());
    if (bench.resolver().take(result)) return result;
    bench.wait(earlier(again, end));
  }
  FAIL_CHECK("no result");
  return result;
}

inline void resolver_outcomes(ResolverBench& bench) {
  Resolver& resolver = bench.resolver();
  const auto ask = [&](const std::string& host) {
    CHECK(resolver.start(1, host).ok());
    return next_resolved(bench);
  };
  ResolveResult result = ask(bench.known());
  CHECK(result.id == 1);
  CHECK(result.outcome == ResolveOutcome::found);
  CHECK(std::count(result.addresses.begin(), result.addresses.end(), "127.0.0.1") == 1);
  CHECK(result.addresses.size() <= kMaxAddresses);
  CHECK(result.status.ok());
  const auto expect = [&](const std::string& host, ResolveOutcome outcome) {
    if (host.empty()) return;
    result = ask(host);
    CAPTURE(host);
    CHECK(result.outcome == outcome);
    CHECK(result.addresses.empty());
    CHECK_FALSE(result.status.ok());
  };
  expect(bench.missing(), ResolveOutcome::not_found);
  expect(bench.failing(), ResolveOutcome::unavailable);
  expect(bench.silent(), ResolveOutcome::unavailable);
}

inline void resolver_arguments(ResolverBench& bench) {
  Resolver& resolver = bench.resolver();
  CHECK(resolver.start(1, "").code() == Code::invalid_argument);
  CHECK(resolver.start(1, std::string(254, 'a')).code() == Code::invalid_argument);
  CHECK(resolver.start(1, std::string("a\0b", 3)).code() == Code::invalid_argument);
  ResolveResult result;
  (void)resolver.poll(bench.now());
  CHECK_FALSE(resolver.take(result));
}

inline void resolver_endings(ResolverBench& bench) {
  Resolver& resolver = bench.resolver();
  const std::string slow = bench.silent().empty() ? bench.known() : bench.silent();
  CHECK(resolver.start(7, slow).ok());
  CHECK(resolver.start(7, slow).code() == Code::already_exists);
  (void)resolver.poll(bench.now());
  resolver.cancel(7);
  resolver.cancel(7);
  resolver.cancel(1234);
  CHECK(resolver.start(7, bench.known()).ok());  // the id is free again
  CHECK(resolver.start(8, bench.known()).ok());
  ResolveResult first = next_resolved(bench);
  ResolveResult second = next_resolved(bench);
  CHECK(first.outcome == ResolveOutcome::found);
  CHECK(second.outcome == ResolveOutcome::found);
  CHECK(std::minmax(first.id, second.id) == std::minmax<ResolveId>(7, 8));

  // A result that nobody has taken is cancelled like the look-up itself.
  CHECK(resolver.start(9, bench.known()).ok());
  CHECK(resolver.start(10, bench.known()).ok());
  CHECK(next_resolved(bench).id == 9);
  resolver.cancel(10);
  ResolveResult none;
  const Instant end = bench.now() + milliseconds(100);
  while (bench.now() < end) {
    const Instant again = resolver.poll(bench.now());
    CHECK_FALSE(resolver.take(none));
    bench.wait(earlier(again, end));
  }
}

inline void resolver(ResolverBench& bench) {
  resolver_outcomes(bench);
  resolver_arguments(bench);
  resolver_endings(bench);
}

}  // namespace holdfast::conformance
