// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// getaddrinfo() on an executor. Only names that need no name server: what the system's resolver
// does without an answer is its own affair.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "conformance/resolver.h"
#include "holdfast/adapters/posix.h"
#include "support/fake_resolver.h"
#include "support/manual_executor.h"

namespace holdfast {
namespace {

class WorkerBench final : public conformance::ResolverBench {
 public:
  Resolver& resolver() override { return *resolver_; }
  Instant now() override { return monotonic_now(); }
  std::string known() override { return "127.0.0.1"; }
  std::string missing() override { return ""; }
  std::string failing() override { return ""; }
  std::string silent() override { return ""; }

 private:
  std::unique_ptr<Executor> worker_ = std::move(*worker_executor("names"));
  std::unique_ptr<Resolver> resolver_ = std::move(*executor_resolver(*worker_));
};

TEST_CASE("the executor's resolver conforms") {
  WorkerBench bench;
  conformance::resolver(bench);
}

class FakeBench final : public conformance::ResolverBench {
 public:
  FakeBench() {
    fake_.hosts["known"] = {{"127.0.0.1"}};
    fake_.hosts["failing"].fails = true;
    fake_.hosts["silent"].fails = true;  // as a real one says in the end
    fake_.hosts["silent"].after = seconds(3);
  }
  Resolver& resolver() override { return fake_; }
  Instant now() override { return now_; }
  std::string known() override { return "known"; }
  std::string missing() override { return "missing"; }
  std::string failing() override { return "failing"; }
  std::string silent() override { return "silent"; }
  void wait(Instant until) override { now_ = later(now_, until); }

 private:
  test::FakeResolver fake_;
  Instant now_{};
};

TEST_CASE("the fake resolver conforms, so that what is tested with it holds for the others") {
  FakeBench bench;
  conformance::resolver(bench);
}

TEST_CASE("the end of a resolver forgets what is under way") {
  test::ManualExecutor executor;
  auto resolver = std::move(*executor_resolver(executor));
  CHECK(resolver->start(1, "127.0.0.1").ok());
  CHECK(resolver->start(2, "127.0.0.2").ok());
  resolver->cancel(1);
  executor.run_all();
  (void)resolver->poll({});
  ResolveResult result;
  REQUIRE(resolver->take(result));
  CHECK(result.id == 2);
  CHECK(result.addresses == std::vector<std::string>{"127.0.0.2"});
  CHECK(result.ttl < Duration{});
  CHECK_FALSE(resolver->take(result));

  CHECK(resolver->start(3, "127.0.0.1").ok());
  resolver.reset();
  executor.run_all();
  executor.poll();  // finish() of a look-up that nobody has a place for any more
}

}  // namespace
}  // namespace holdfast
