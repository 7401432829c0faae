// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Exchanges that were told the addresses: no name is looked up, and of several addresses the one
// that connects serves.
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "curl_pair.h"
#include "holdfast/adapters/posix.h"

namespace holdfast {
namespace {

using conformance::next_result;
using conformance::transfer_to;
using test::answering;
using test::contains;
using test::Pair;
using test::post;
using test::Script;
using test::TcpScriptServer;
using O = TransferOutcome;

size_t entries(const char* path) {
  size_t count = 0;
  DIR* folder = ::opendir(path);
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(folder);
  return count;
}

sockaddr_in at(const char* address, uint16_t port) {
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  (void)::inet_pton(AF_INET, address, &to.sin_addr);
  return to;
}

// An address at which a connection is neither made nor refused: a listener that accepts nothing and
// whose queue is full. The kernel drops what comes then.
class BlackHole {
 public:
  BlackHole(const char* address, uint16_t port) {
    const sockaddr_in here = at(address, port);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bound_ = ::bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0 &&
             ::listen(listener_, 0) == 0;
    for (int i = 0; i < 8; ++i) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      (void)::connect(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here);
      fillers_.push_back(fd);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ~BlackHole() {
    for (const int fd : fillers_) ::close(fd);
    ::close(listener_);
  }
  bool bound() const { return bound_; }

 private:
  int listener_ = -1;
  bool bound_ = false;
  std::vector<int> fillers_;
};

struct Named : Pair {
  explicit Named(std::vector<Script> scripts) : Pair(std::move(scripts)) {
    know(0, "http://print.invalid:" + std::to_string(server.port()));
  }
  Transfer to(std::vector<std::string> addresses, TransferId id = 1) {
    Transfer transfer = transfer_to(0, id);
    transfer.addresses = std::move(addresses);
    return transfer;
  }
  // The result, and how long it took.
  TransferResult timed(Transfer transfer, Duration* took) {
    const Instant before = monotonic_now();
    TransferResult result = run(std::move(transfer));
    *took = monotonic_now() - before;
    return result;
  }
};

TEST_CASE("an address in place of a name: nothing is resolved, the name stays in the request") {
  Named named({answering(3).hold()});
  const size_t threads = entries("/proc/self/task");
  Transfer transfer = named.to({"127.0.0.1"});
  CHECK(named.transport->start(std::move(transfer)).ok());
  named.transport->poll();
  CHECK(entries("/proc/self/task") <= threads + 1);  // the test server's, for the connection
  const TransferResult result = next_result(*named.transport);
  CHECK(result.outcome == O::answered);
  CHECK(result.address == "127.0.0.1");
  CHECK(entries("/proc/self/task") == threads + 1);
  CHECK(contains(named.server.requests()[0], "Host: print.invalid:"));
  CHECK(named.run(named.to({"127.0.0.1"})).outcome == O::answered);
  CHECK(named.server.connections() == 1);  // the pool's, by address

  Transfer probe = named.to({"127.0.0.1"});
  probe.connect_only = true;
  CHECK(named.run(std::move(probe)).outcome == O::answered);
}

TEST_CASE("an address that isn't one, or nobody's") {
  Named named({answering(1).hold()});
  TransferResult result = named.run(named.to({"127.0.0.77"}));
  CHECK(result.outcome == O::refused);
  CHECK_FALSE(result.sent);
  result = named.run(named.to({"127.0.0.77", "127.0.0.78", "127.0.0.79"}));
  CHECK(result.outcome == O::refused);
  CHECK_FALSE(result.sent);
  CHECK(result.status.code() == Code::unavailable);
  // No route to one of them says less than the refusal of the other.
  CHECK(named.run(named.to({"127.0.0.77", "::ffff:0:1"})).outcome == O::refused);
  CHECK(named.server.connections() == 0);
}

TEST_CASE("a refused address costs nothing") {
  Named named({answering(2).hold()});
  Duration took;
  const TransferResult result =
      named.timed(named.to({"127.0.0.77", "127.0.0.78", "127.0.0.1"}), &took);
  CHECK(result.outcome == O::answered);
  CHECK(result.body == "hello");
  CHECK(result.address == "127.0.0.1");
  CHECK(took < milliseconds(200));
  CHECK(named.server.connections() == 1);  // the one that won is the one that is used
  CHECK(named.server.requests().size() == 1);
  // And stays in the pool under its address.
  CHECK(named.run(named.to({"127.0.0.1"})).outcome == O::answered);
  CHECK(named.server.connections() == 1);
}

TEST_CASE("a black hole costs 250 ms, and is passed over for every kind of exchange") {
  Named named({answering(9).hold()});
  BlackHole hole("127.0.0.2", named.server.port());
  REQUIRE(hole.bound());
  Duration took;
  // That it is one: alone it times out.
  Transfer alone = named.to({"127.0.0.2"});
  alone.timeout = milliseconds(400);
  CHECK(named.run(std::move(alone)).outcome == O::timed_out);

  TransferResult result = named.timed(named.to({"127.0.0.2", "127.0.0.1"}), &took);
  CHECK(result.outcome == O::answered);
  CHECK(result.address == "127.0.0.1");
  CHECK(took >= milliseconds(240));
  CHECK(took < milliseconds(700));

  Transfer sent = post(1, "{\"a\":1}");
  sent.addresses = {"127.0.0.2", "127.0.0.1"};
  sent.fresh_connection = true;
  CHECK(named.run(std::move(sent)).outcome == O::answered);
  CHECK(contains(named.server.requests().back(), "{\"a\":1}"));
  CHECK(named.server.requests().size() == 2);  // each was sent once

  Transfer probe = named.to({"127.0.0.2", "127.0.0.1"});
  probe.connect_only = true;
  CHECK(named.run(std::move(probe)).outcome == O::answered);

  // The address that answered goes first the next time: nothing is lost.
  result = named.timed(named.to({"127.0.0.1", "127.0.0.2"}), &took);
  CHECK(result.outcome == O::answered);
  CHECK(took < milliseconds(200));
}

TEST_CASE("an exchange stays where it is connected, however late the answer") {
  Named named({Script().request().pause(600).send(test::ok("late")).hold(), answering(1).hold()});
  const TransferResult result = named.run(named.to({"127.0.0.1", "127.0.0.1"}));
  CHECK(result.body == "late");
  CHECK(named.server.connections() == 1);  // no other address was tried
}

TEST_CASE("a deadline ends the race, and nothing is left of it") {
  Named named({answering(1).hold()});
  BlackHole one("127.0.0.2", named.server.port());
  BlackHole two("127.0.0.3", named.server.port());
  REQUIRE(one.bound());
  REQUIRE(two.bound());
  const size_t descriptors = entries("/proc/self/fd");
  Transfer transfer = named.to({"127.0.0.2", "127.0.0.3", "127.0.0.2"});
  transfer.timeout = milliseconds(700);
  Duration took;
  const TransferResult result = named.timed(std::move(transfer), &took);
  CHECK(result.outcome == O::timed_out);
  CHECK_FALSE(result.sent);
  CHECK(took >= milliseconds(690));
  CHECK(took < milliseconds(1500));

  // Cancelled between two addresses, and with the first one refused before.
  for (const char* first : {"127.0.0.2", "127.0.0.77"}) {
    CHECK(named.transport->start(named.to({first, "127.0.0.3", "127.0.0.2"}, 5)).ok());
    const Instant end = monotonic_now() + milliseconds(350);
    while (monotonic_now() < end) {
      named.transport->poll();
      named.transport->wait(milliseconds(20));
    }
    named.transport->cancel(5);
  }
  named.transport->drop_pool(0);
  CHECK(entries("/proc/self/fd") <= descriptors);
  named.transport->poll();
  TransferResult none;
  CHECK_FALSE(named.transport->take(none));
}

TEST_CASE("dropping a pool ends an exchange that is in no pool at the moment") {
  Named named({answering(1).hold()});
  BlackHole hole("127.0.0.2", named.server.port());
  REQUIRE(hole.bound());
  CHECK(named.transport->start(named.to({"127.0.0.77", "127.0.0.2"})).ok());
  for (int i = 0; i < 5; ++i) {
    named.transport->poll();
    named.transport->wait(milliseconds(10));
  }
  named.transport->drop_pool(0);
  CHECK(next_result(*named.transport).outcome == O::refused);
}

}  // namespace
}  // namespace holdfast
