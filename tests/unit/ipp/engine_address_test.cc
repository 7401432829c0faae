// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The IPP engine looks up its printer's name, and sleeps as long as it may.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/ipp/fake_printer.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

Status made(const char* url, bool with_resolver) {
  FakePrinter printer;
  IppEngineConfig config;
  config.printer_url = url;
  std::unique_ptr<Resolver> resolver;
  if (with_resolver) resolver = std::make_unique<FakeResolver>();
  const auto engine =
      ipp_engine(std::make_unique<FakeTransport>(printer), config, std::move(resolver));
  return engine ? Status() : engine.error();
}

}  // namespace

TEST_CASE("a name needs a resolver, an address doesn't") {
  for (const char* url : {"ipp://192.0.2.9", "ipps://[2001:db8::9]:631/ipp/print"}) {
    CHECK(made(url, false).ok());
    CHECK(made(url, true).ok());
  }
  for (const char* url :
       {"ipp://printer.example", "http://localhost:8080", "ipp://192.0.2.9.example"}) {
    CHECK(made(url, false).code() == Code::unsupported);
    CHECK(made(url, true).ok());
  }
}

TEST_CASE("a name is looked up once for its time to live, a number never") {
  Bench bench;
  bench.name().ttl = seconds(3600);
  REQUIRE(bench.start().ok());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.resolver->asked == std::vector<std::string>{"printer.example"});
  const auto& used = bench.transport->first_address;
  CHECK(std::count(used.begin(), used.end(), "192.0.2.9") == static_cast<long>(used.size()));

  // Kept for five minutes at most.
  bench.now = bench.now + seconds(301);
  bench.name().addresses = {"192.0.2.10"};
  bench.events.clear();
  REQUIRE(bench.start("attempt-2").ok());
  bench.run();
  CHECK(bench.resolver->asked.size() == 2);
  CHECK(used.back() == "192.0.2.10");

  IppEngineConfig numeric;
  numeric.printer_url = "ipp://192.0.2.9";
  Bench plain(numeric);
  REQUIRE(plain.start().ok());
  plain.run();
  CHECK(plain.phase() == PrintPhase::completed);
  CHECK(plain.resolver->asked.empty());
  CHECK(plain.transport->first_address.front().empty());
}

TEST_CASE("while a name is looked up nothing is sent and nothing spins") {
  Bench bench;
  bench.name().after = seconds(2);
  REQUIRE(bench.start().ok());
  bench.step();
  CHECK(bench.resolver->under_way() == 1);
  CHECK(bench.again == Instant{0} + seconds(2));
  bench.run_until([&] { return bench.now == Instant{0} + seconds(2); });
  CHECK(bench.transport->first_address.empty());
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
}

TEST_CASE("called only when it asks to be, it gets through") {
  for (const int64_t after_ms : {0, 1, 300}) {
    Bench bench;
    bench.name().after = milliseconds(after_ms);
    REQUIRE(bench.start().ok());
    for (int calls = 0; calls < 1000 && bench.final_event() == nullptr; ++calls) {
      bench.step();
      REQUIRE(bench.again != Instant::never());
      const Instant stepped = bench.now + milliseconds(-10);
      bench.now = bench.again < stepped ? stepped : bench.again;
    }
    CHECK(bench.phase() == PrintPhase::completed);
  }
}

TEST_CASE("a name that isn't found: not started, and the reason says so") {
  IppEngineConfig config;
  config.start_timeout_ms = 3000;
  for (const bool fails : {false, true}) {
    Bench bench(config);
    bench.name().addresses.clear();
    bench.name().fails = fails;
    REQUIRE(bench.start().ok());
    bench.run(20000);
    CHECK(bench.phase() == PrintPhase::not_started);
    CHECK(bench.reason() == "printer's name cannot be resolved");
    CHECK(bench.transport->first_address.empty());
    CHECK(bench.resolver->asked.size() >= 3);
    CHECK(bench.resolver->asked.size() <= 10);
  }
}

TEST_CASE("after a failed connection the name is asked for again, and the old address serves") {
  Bench bench;
  bench.name().ttl = seconds(3600);
  REQUIRE(bench.start().ok());
  bench.run_until([&] { return bench.printer.count(Operation::send_document) == 1; });
  bench.printer.faults[Operation::get_job_attributes] = {Fault::unsent};
  bench.name().fails = true;
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.resolver->asked.size() == 2);
  CHECK(bench.transport->first_address.back() == "192.0.2.9");
}

TEST_CASE("a silent resolver: the old address serves after 1.8 s") {
  Bench bench;
  bench.name().ttl = seconds(5);
  REQUIRE(bench.start().ok());
  bench.run();
  REQUIRE(bench.phase() == PrintPhase::completed);
  bench.now = bench.now + seconds(60);
  bench.events.clear();
  bench.name().silent = true;
  const Instant begun = bench.now;
  const size_t sent = bench.transport->first_address.size();
  REQUIRE(bench.start("attempt-2").ok());
  bench.run_until([&] { return bench.transport->first_address.size() > sent; });
  CHECK((bench.now - begun).ms() >= 1800);
  CHECK((bench.now - begun).ms() <= 1850);
  bench.run();
  CHECK(bench.phase() == PrintPhase::completed);
  CHECK(bench.resolver->under_way() == 0);  // nothing is left of it
}

TEST_CASE("cancelled while its name is looked up: the look-up ends as well") {
  Bench bench;
  bench.name().after = seconds(100);
  REQUIRE(bench.start().ok());
  bench.step();
  bench.engine->cancel("attempt-1");
  bench.step();
  CHECK(bench.phase() == PrintPhase::canceled);
  CHECK(bench.resolver->under_way() == 0);
  bench.step();
  CHECK(bench.again == Instant::never());
}

TEST_CASE("with a request under way it sleeps as long as the transport may") {
  Bench bench;
  bench.printer.faults[Operation::get_printer_attributes] = {Fault::stalled};
  bench.transport->rest = milliseconds(4321);
  REQUIRE(bench.start().ok());
  bench.step();
  bench.step();
  CHECK(bench.again == Instant{0} + milliseconds(10 + 4321));
}
