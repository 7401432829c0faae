// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The c-ares resolver against name servers that answer, refuse, lie and say nothing.
#include <dirent.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conformance/resolver.h"
#include "holdfast/adapters/cares_resolver.h"
#include "holdfast/adapters/posix.h"
#include "support/dns_script_server.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using conformance::next_resolved;
using test::DnsScriptServer;
using test::Zone;
using Addresses = std::vector<std::string>;

size_t threads() {
  size_t count = 0;
  DIR* folder = ::opendir("/proc/self/task");
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(folder);
  return count;
}

class CaresBench final : public conformance::ResolverBench {
 public:
  explicit CaresBench(CaresResolverOptions options = {}) {
    if (options.name_servers.empty()) options.name_servers = {dns.address()};
    resolver_ = std::move(*cares_resolver(options));
    Zone silence;
    silence.silent = true;
    dns.set("silent.test", silence);
    Zone servfail;
    servfail.rcode = 2;
    dns.set("failing.test", servfail);
    dns.set("known.test", Zone().address("127.0.0.1").ttl(30));
  }
  Resolver& resolver() override { return *resolver_; }
  Instant now() override { return monotonic_now(); }
  std::string known() override { return "known.test"; }
  std::string missing() override { return "missing.test"; }
  std::string failing() override { return "failing.test"; }
  std::string silent() override { return "silent.test"; }

  ResolveResult ask(const std::string& host) {
    CHECK(resolver_->start(1, host).ok());
    return next_resolved(*this);
  }
  ResolveResult ask(const Zone& zone) {
    const std::string name = "n" + std::to_string(++names_) + ".test";
    dns.set(name, zone);
    return ask(name);
  }

  DnsScriptServer dns;

 private:
  std::unique_ptr<Resolver> resolver_;
  int names_ = 0;
};

CaresResolverOptions quick() {
  CaresResolverOptions options;
  options.timeout_ms = 100;
  options.tries = 1;
  return options;
}

TEST_CASE("the c-ares resolver conforms") {
  CaresBench bench(quick());
  conformance::resolver(bench);
}

TEST_CASE("addresses, their order and their time to live") {
  CaresBench bench;
  ResolveResult result = bench.ask(Zone().address("192.0.2.1").address("192.0.2.2").ttl(7));
  std::sort(result.addresses.begin(), result.addresses.end());
  CHECK(result.addresses == Addresses{"192.0.2.1", "192.0.2.2"});
  CHECK(result.ttl == seconds(7));

  Zone alias = Zone().address("192.0.2.3").ttl(11);
  alias.alias = "real.test";
  result = bench.ask(alias);
  CHECK(result.addresses == Addresses{"192.0.2.3"});
  CHECK(result.ttl == seconds(11));

  // Both families; ::1 can be reached, so it comes first.
  result = bench.ask(Zone().address("127.0.0.1").address("::1"));
  CHECK(result.addresses.size() == 2);
  CHECK(std::count(result.addresses.begin(), result.addresses.end(), "::1") == 1);

  Zone many;
  for (int i = 1; i <= 20; ++i) many.address("192.0.2." + std::to_string(i));
  CHECK(bench.ask(many).addresses.size() == kMaxAddresses);
}

TEST_CASE("names of the hosts file need no name server") {
  const test::TemporaryDirectory directory;
  CaresResolverOptions options;
  options.hosts_file = directory / "hosts";
  test::write_file(options.hosts_file,
                   "# 192.0.2.1 print.test\n"
                   "127.0.0.1\tlocalhost\n"
                   "192.0.2.2 other.test print.test  # and.not.test\r\n"
                   "2001:db8::2 PRINT.test\n"
                   "192.0.2.2 print.test\n"
                   "192.0.2.999 print.test\nprint.test\n\n   \n192.0.2.4\n"
                   "192.0.2.3 print.test");
  CaresBench bench(options);
  const ResolveResult result = bench.ask("Print.Test");
  CHECK(result.outcome == ResolveOutcome::found);
  CHECK(result.addresses == Addresses{"192.0.2.2", "2001:db8::2", "192.0.2.3"});
  CHECK(result.ttl < Duration{});
  CHECK(bench.ask("localhost").addresses == Addresses{"127.0.0.1"});
  CHECK(bench.dns.questions() == 0);
  CHECK(bench.ask("and.not.test").outcome == ResolveOutcome::not_found);
  CHECK(bench.dns.questions() > 0);

  options.hosts_file = directory / "none";
  CaresBench without(options);
  CHECK(without.ask("known.test").outcome == ResolveOutcome::found);
  CaresBench system;
  const Addresses localhost = system.ask("localhost").addresses;
  CHECK(std::count(localhost.begin(), localhost.end(), "127.0.0.1") == 1);
}

TEST_CASE("a name that isn't there is told from a name server that can't say") {
  CaresBench bench(quick());
  Zone zone;
  CHECK(bench.ask(zone).outcome == ResolveOutcome::not_found);  // the name, but no address
  for (const int rcode : {1, 2, 4, 5}) {
    CAPTURE(rcode);
    zone.rcode = rcode;
    CHECK(bench.ask(zone).outcome == ResolveOutcome::unavailable);
  }
  zone.rcode = 3;
  CHECK(bench.ask(zone).outcome == ResolveOutcome::not_found);
}

TEST_CASE("silence ends by itself, by the time given and by cancel") {
  CaresResolverOptions options;
  options.timeout_ms = 200;
  options.tries = 2;
  {
    CaresBench bench(options);
    const Instant before = bench.now();
    CHECK(bench.ask("silent.test").outcome == ResolveOutcome::unavailable);
    CHECK(bench.now() - before >= milliseconds(500));
    CHECK(bench.now() - before < milliseconds(1500));
  }
  options.timeout_ms = 5000;
  options.give_up_ms = 300;
  CaresBench bench(options);
  Instant before = bench.now();
  CHECK(bench.ask("silent.test").outcome == ResolveOutcome::unavailable);
  CHECK(bench.now() - before >= milliseconds(290));
  CHECK(bench.now() - before < milliseconds(1300));

  CHECK(bench.resolver().start(5, "silent.test").ok());
  (void)bench.resolver().poll(bench.now());
  std::vector<WaitOn> open;
  bench.resolver().descriptors(open);
  CHECK_FALSE(open.empty());
  before = bench.now();
  bench.resolver().cancel(5);
  CHECK(bench.now() - before < milliseconds(50));
  open.clear();
  bench.resolver().descriptors(open);
  CHECK(open.empty());
}

TEST_CASE("a network that swallows questions for IPv6 delays nothing") {
  CaresBench bench;
  Zone zone = Zone().address("192.0.2.9");
  zone.silent_for_v6 = true;
  const Instant before = bench.now();
  const ResolveResult result = bench.ask(zone);
  CHECK(result.addresses == Addresses{"192.0.2.9"});
  CHECK(bench.now() - before < milliseconds(600));  // 50 ms, on a machine that does other things
}

TEST_CASE("a name server that is silent is passed over for the next one") {
  DnsScriptServer dead;
  Zone silence;
  silence.silent = true;
  dead.set("known.test", silence);
  DnsScriptServer alive;
  alive.set("known.test", Zone().address("192.0.2.7"));
  CaresResolverOptions options;
  options.timeout_ms = 200;
  options.name_servers = {dead.address(), alive.address()};
  CaresBench bench(options);
  const Instant before = bench.now();
  CHECK(bench.ask("known.test").addresses == Addresses{"192.0.2.7"});
  CHECK(bench.now() - before < milliseconds(1500));
}

TEST_CASE("packets that aren't what was asked for") {
  CaresBench bench(quick());
  const auto never_found = [&](const Zone& zone) {
    const ResolveResult result = bench.ask(zone);
    CHECK(result.outcome != ResolveOutcome::found);
    CHECK(result.addresses.empty());
    return result.outcome;
  };
  const Zone good = Zone().address("192.0.2.1");
  Zone zone = good;
  zone.truncated = true;  // and nobody listens on TCP
  CHECK(never_found(zone) == ResolveOutcome::unavailable);
  zone = good;
  zone.wrong_id = true;
  CHECK(never_found(zone) == ResolveOutcome::unavailable);
  zone = good;
  zone.other_question = true;
  CHECK(never_found(zone) == ResolveOutcome::unavailable);
  for (const size_t cut_at : {2, 11, 13, 20, 30, 40}) {
    CAPTURE(cut_at);
    zone = good;
    zone.cut_at = cut_at;
    (void)never_found(zone);
  }
  const std::string header("\x81\x80\0\1\xff\xff\0\0\0\0", 10);
  const std::string question("\2n9\4test\0\0\1\0\1", 13);
  const std::string self_pointing("\xc0\x0c\0\5\0\1\0\0\0\1\0\2\xc0\x17", 14);
  for (const std::string& raw :
       {std::string(), header, header + question, header + std::string("\xc0\x0c\0\1\0\1", 6),
        header + question + self_pointing, header + question + std::string(400, '\xc0'),
        std::string(510, '\xff'), std::string(500, '\0')}) {
    Zone hostile;
    hostile.raw = raw.empty() ? std::string(1, 'x') : raw;
    (void)never_found(hostile);
  }
  // And after all of that it still works.
  CHECK(bench.ask(good).outcome == ResolveOutcome::found);
}

TEST_CASE("no thread, and no descriptor is left") {
  const size_t before = threads();  // an emulator may have one of its own
  CaresBench bench(quick());
  CHECK(bench.resolver().start(1, "silent.test").ok());
  (void)bench.resolver().poll(bench.now());
  CHECK(threads() == before + 1);  // the name server's
  CHECK(next_resolved(bench).outcome == ResolveOutcome::unavailable);
  std::vector<WaitOn> open;
  bench.resolver().descriptors(open);
  CHECK(open.empty());
}

TEST_CASE("limits and options") {
  CaresResolverOptions options = quick();
  options.max_lookups = 2;
  CaresBench bench(options);
  CHECK(bench.resolver().start(1, "silent.test").ok());
  (void)bench.resolver().poll(bench.now());
  CHECK(bench.resolver().start(2, "silent.test").ok());
  CHECK(bench.resolver().start(3, "silent.test").code() == Code::busy);

  const auto refused = [](auto change) {
    CaresResolverOptions wrong;
    change(wrong);
    return !cares_resolver(wrong) && cares_resolver(wrong).error().code() == Code::invalid_argument;
  };
  CHECK(refused([](auto& o) { o.timeout_ms = 0; }));
  CHECK(refused([](auto& o) { o.tries = 0; }));
  CHECK(refused([](auto& o) { o.give_up_ms = 0; }));
  CHECK(refused([](auto& o) { o.max_lookups = 0; }));
  CHECK(refused([](auto& o) { o.name_servers = {"dns.example"}; }));
  CHECK(refused([](auto& o) { o.name_servers = {""}; }));
  CHECK(refused([](auto& o) { o.name_servers = {"127.0.0.1,127.0.0.2"}; }));
}

}  // namespace
}  // namespace holdfast
