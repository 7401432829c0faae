// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The monitor against a kernel that loses, repeats, interrupts, lies or says nothing.
#include <doctest/doctest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/network.h"
#include "holdfast/adapters/netlink_monitor.h"
#include "support/fake_network.h"
#include "unit/netlink/fake_kernel.h"

using namespace holdfast;
using namespace holdfast::test;

namespace {

constexpr LinkState kNoLink = {false, true, true};
constexpr LinkState kNoAddress = {true, false, true};
constexpr LinkState kNoRoute = {true, true, false};

// A monitor, its kernel, and the time.
class Bench final : public conformance::NetworkBench {
 public:
  explicit Bench(const NetlinkMonitorOptions& options = {}) {
    boot_kernel();
    auto made = netlink_monitor(options);
    REQUIRE(made.has_value());
    monitor_ = std::move(*made);
  }
  NetworkMonitor& monitor() override { return *monitor_; }
  void make(LinkState state) override {
    kernel().set(state);
    kernel().event(RTM_NEWLINK);
  }
  Instant pass(Duration time) override { return now_ = now_ + time; }

  std::string state() const { return to_string(monitor_->state()); }
  Instant poll(Duration later = seconds(1)) { return monitor_->poll(pass(later)); }

 private:
  std::unique_ptr<NetworkMonitor> monitor_;
  Instant now_ = {seconds(1000).us};
};

class FakeBench final : public conformance::NetworkBench {
 public:
  NetworkMonitor& monitor() override { return monitor_; }
  void make(LinkState state) override { monitor_.truth = state; }
  Instant pass(Duration time) override { return now_ = now_ + time; }

 private:
  FakeNetwork monitor_;
  Instant now_{};
};

}  // namespace

TEST_CASE("the netlink monitor conforms") {
  Bench bench;
  conformance::network_monitor(bench);
}

TEST_CASE("the fake monitor conforms") {
  FakeBench bench;
  conformance::network_monitor(bench);
}

TEST_CASE("the state is known from the creation on") {
  boot_kernel();
  kernel().set(kNoAddress);
  const auto monitor = netlink_monitor();
  REQUIRE(monitor.has_value());
  CHECK(std::string(to_string((*monitor)->state())) == "no_address");
  CHECK(kernel().dumps == 1);
}

TEST_CASE("options that can't be meant are refused") {
  boot_kernel();
  const auto made = [](const NetlinkMonitorOptions& options) {
    const auto monitor = netlink_monitor(options);
    return monitor ? Code::ok : monitor.error().code();
  };
  NetlinkMonitorOptions options;
  options.interface_name = "fifteen-letters";
  CHECK(made(options) == Code::ok);
  options.interface_name = "sixteen-letters-";
  CHECK(made(options) == Code::invalid_argument);
  options.interface_name.clear();
  for (const char* text : {"", "server.example", "192.0.2.", "192.0.2.1:80", "fe80::1%eth0"}) {
    options.destinations = {text};
    CHECK(made(options) == Code::invalid_argument);
  }
  options.destinations.assign(16, "2001:db8::1");
  CHECK(made(options) == Code::ok);
  options.destinations.push_back("192.0.2.1");
  CHECK(made(options) == Code::invalid_argument);
  kernel().open_error = EMFILE;
  const auto failed = netlink_monitor();
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error() == Status(Code::io_error, EMFILE));
}

TEST_CASE("each kind of event leads to a whole picture, also a lost one") {
  for (const uint16_t type :
       {RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE}) {
    Bench bench;
    CAPTURE(type);
    kernel().set(kNoRoute);
    kernel().event(type);
    (void)bench.poll();
    CHECK(bench.state() == "no_route");
  }
  Bench bench;
  kernel().set(kNoAddress);
  FakeKernel::Datagram overrun;
  overrun.error = ENOBUFS;
  kernel().queue(overrun);
  (void)bench.poll();
  CHECK(bench.state() == "no_address");
  const size_t dumps = kernel().dumps;
  kernel().event(RTM_NEWNEIGH);  // nobody asked for these
  (void)bench.poll();
  CHECK(kernel().dumps == dumps);
}

TEST_CASE("a call that a signal interrupts is made again") {
  Bench bench;
  kernel().set(kNoAddress);
  FakeKernel::Datagram interrupted;
  interrupted.error = EINTR;
  kernel().queue(interrupted);
  kernel().event(RTM_DELADDR);
  kernel().send_error = EINTR;
  kernel().send_errors = 2;
  (void)bench.poll();
  CHECK(bench.state() == "no_address");
}

TEST_CASE("what another process says, or answers somebody else, is no word of the kernel's") {
  Bench bench;
  const size_t dumps = kernel().dumps;
  FakeKernel::Datagram forged;
  forged.from = 1234;
  forged.bytes = message(RTM_DELADDR, 0, 0, address_payload(2, "192.0.2.7"));
  kernel().queue(forged);
  (void)bench.poll();
  CHECK(kernel().dumps == dumps);

  // Answers to another port or of an older request, in the middle of ours.
  kernel().before_answer = [](uint16_t type) {
    if (type != RTM_GETADDR) return;
    for (const uint32_t sequence : {1u, 999u}) {
      FakeKernel::Datagram stray;
      stray.bytes =
          message(RTM_NEWADDR, sequence, FakeKernel::kPort, address_payload(2, "198.51.100.9"));
      kernel().queue(stray);
      stray.bytes = message(NLMSG_DONE, sequence, FakeKernel::kPort, {});
      kernel().queue(stray);
    }
  };
  bench.make(kNoAddress);
  (void)bench.poll();
  CHECK(bench.state() == "no_address");
}

TEST_CASE("a dump that was interrupted, cut, refused or malformed is made again, and not used") {
  struct Row {
    const char* what;
    std::function<void()> fault;
  };
  const Row rows[] = {
      {"interrupted",
       [] {
         kernel().change_answer = [](FakeKernel::Datagram& answer) {
           const uint16_t flags = NLM_F_MULTI | NLM_F_DUMP_INTR;
           std::memcpy(answer.bytes.data() + 6, &flags, sizeof flags);
         };
       }},
      {"cut",
       [] { kernel().change_answer = [](FakeKernel::Datagram& answer) { answer.claims = 9; }; }},
      {"malformed",
       [] {
         kernel().change_answer = [](FakeKernel::Datagram& answer) {
           answer.bytes.resize(answer.bytes.size() - 2);
         };
       }},
      {"a lying attribute",
       [] {
         kernel().change_answer = [](FakeKernel::Datagram& answer) {
           answer.bytes[sizeof(nlmsghdr) + sizeof(ifinfomsg)] = 0xff;
         };
       }},
      {"refused", [] { kernel().refuses = 2; }},
      {"not sent",
       [] {
         kernel().send_error = ENOBUFS;
         kernel().send_errors = 2;
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Bench bench;
    bench.make(kNoAddress);
    row.fault();
    Instant again = bench.poll();
    CHECK(bench.state() == "usable");  // as before: nothing of it was used
    CHECK(again < Instant::never());
    (void)bench.poll();
    kernel().change_answer = nullptr;
    (void)bench.poll();
    CHECK(bench.state() == "no_address");
    CHECK(bench.poll() == Instant::never());
  }
}

TEST_CASE("a monitor that is blind says usable, tries once a second, and sees again") {
  Bench bench;
  bench.make(kNoAddress);
  (void)bench.poll();
  CHECK(bench.state() == "no_address");
  kernel().silent = true;
  kernel().event(RTM_NEWLINK);
  const Instant begin = bench.pass({});
  const size_t before = kernel().dumps;
  Instant again = bench.poll();
  CHECK(bench.state() == "no_address");  // one silence says nothing yet
  while (bench.state() != "usable" && again - begin < seconds(20))
    again = bench.poll(again - bench.pass({}));
  CHECK(bench.state() == "usable");
  CHECK(again - begin < seconds(6));
  for (int i = 0; i < 10; ++i) again = bench.poll(again - bench.pass({}));
  CHECK(kernel().dumps - before < 16);
  kernel().silent = false;
  for (int i = 0; i < 3; ++i) (void)bench.poll();
  CHECK(bench.state() == "no_address");
}

TEST_CASE("a socket that fails is replaced") {
  Bench bench;
  FakeKernel::Datagram broken;
  broken.error = EBADF;
  kernel().queue(broken);
  kernel().set(kNoLink);
  kernel().open_error = EMFILE;
  CHECK(bench.poll() < Instant::never());
  std::vector<WaitOn> descriptors;
  bench.monitor().descriptors(descriptors);
  CHECK(descriptors.empty());
  (void)bench.poll();
  kernel().open_error = 0;
  (void)bench.poll(seconds(2));
  CHECK(kernel().opened == 2);
  CHECK(bench.state() == "no_link");
  bench.monitor().descriptors(descriptors);
  CHECK(descriptors.size() == 1);
}

TEST_CASE("what changes between links and routes makes no picture of its own") {
  Bench bench;
  bench.make(kNoLink);
  kernel().set({});
  int asked = 0;
  // Links are read while all is well; then the cable goes, and the default route along.
  kernel().before_answer = [&asked](uint16_t type) {
    if (type != RTM_GETADDR || ++asked > 1) return;
    kernel().event(RTM_NEWLINK);
    kernel().set(kNoLink);
  };
  (void)bench.poll();
  CHECK(bench.state() == "no_link");  // and never no_route
  CHECK(asked == 2);

  // Where something happens all the time, something is said all the same, and rarely asked.
  kernel().set(kNoAddress);
  kernel().before_answer = [](uint16_t) { kernel().event(RTM_NEWROUTE); };
  kernel().event(RTM_NEWROUTE);
  const size_t before = kernel().dumps;
  const Instant end = bench.pass({}) + seconds(1);
  while (bench.pass(milliseconds(1)) < end) (void)bench.poll({});
  CHECK(bench.state() == "no_address");
  CHECK(kernel().dumps - before < 60);
}

TEST_CASE("a storm of events is bounded in each poll, and in dumps a second") {
  Bench bench;
  const size_t before = kernel().dumps;
  for (int ms = 0; ms < 1000; ++ms) {
    for (int i = 0; i < 20; ++i) kernel().event(RTM_NEWROUTE);
    (void)bench.poll(milliseconds(1));
  }
  CHECK(kernel().dumps - before <= 45);
  for (int i = 0; i < 1000; ++i) kernel().event(RTM_NEWROUTE);
  const Instant now = bench.pass(milliseconds(1));
  CHECK(bench.monitor().poll(now) == now);  // there is more
}

TEST_CASE("poll() takes no memory") {
  Bench bench;
  bench.make(kNoRoute);
  const Instant now = bench.pass(seconds(1));
  const size_t before = allocations();
  (void)bench.monitor().poll(now);
  CHECK(allocations() == before);
  CHECK(bench.state() == "no_route");
}
