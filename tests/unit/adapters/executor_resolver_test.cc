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
