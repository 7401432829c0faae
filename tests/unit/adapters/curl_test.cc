// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The curl transport against servers that misbehave.
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "adapters/curl/wake.h"
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

TEST_CASE("a request has what was asked for and nothing else") {
  Pair pair({answering(2).hold()});
  Transfer transfer = post(1, "{\"a\":1}");
  transfer.headers = {{"Authorization", "Bearer t"}, {"X-Empty", ""}};
  CHECK(pair.run(std::move(transfer)).body == "hello");
  CHECK(pair.get("/path?query=1").body == "hello");
  const std::string host = "Host: 127.0.0.1:" + std::to_string(pair.server.port()) + "\r\n";
  const auto requests = pair.server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0] == "POST /post HTTP/1.1\r\n" + host +
                           "Accept: */*\r\nAuthorization: Bearer t\r\nX-Empty:\r\n"
                           "Content-Length: 7\r\n\r\n{\"a\":1}");
  CHECK(requests[1] == "GET /path?query=1 HTTP/1.1\r\n" + host + "Accept: */*\r\n\r\n");
}

TEST_CASE("methods") {
  Pair pair({answering(2).request().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").hold()});
  Transfer put = post(1, "");
  put.method = "PUT";
  CHECK(pair.run(std::move(put)).http_status == 200);
  Transfer del = transfer_to(0, 1, "/x");
  del.method = "DELETE";
  CHECK(pair.run(std::move(del)).http_status == 200);
  Transfer head = transfer_to(0, 1, "/x");
  head.method = "HEAD";
  CHECK(pair.run(std::move(head)).http_status == 200);
  const auto requests = pair.server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(contains(requests[0], "PUT /post HTTP/1.1\r\n"));
  CHECK(contains(requests[0], "Content-Length: 0\r\n"));
  CHECK(contains(requests[1], "DELETE /x HTTP/1.1\r\n"));
  CHECK_FALSE(contains(requests[1], "Content-Length"));
  CHECK(contains(requests[2], "HEAD /x HTTP/1.1\r\n"));
}

TEST_CASE("framing belongs to the transport") {
  Pair pair({answering(1)});
  for (const char* name : {"Transfer-Encoding", "content-length", "Connection", "Host", "Expect",
                           "Accept-Encoding", "Upgrade", "TE"}) {
    CAPTURE(name);
    Transfer transfer = transfer_to(0, 1);
    transfer.headers = {{name, "x"}};
    CHECK(pair.transport->start(std::move(transfer)).code() == Code::invalid_argument);
  }
}

TEST_CASE("reset before and within the answer") {
  Pair pair({Script().request().reset(), Script().request().send("HTTP/1.1 200").reset(),
             Script().request().send(test::answer("200 OK", "x").substr(0, 30)).reset(),
             Script().reset(), Script().request().close()});
  for (int i = 0; i < 5; ++i) {
    Transfer transfer = transfer_to(0, 1);
    transfer.fresh_connection = true;
    const TransferResult result = pair.run(std::move(transfer));
    CHECK(result.outcome == O::refused);
    CHECK(result.http_status == 0);
    CHECK_FALSE(result.status.ok());
  }
}

TEST_CASE("a slow drip ends by the idle time-out or by the whole one") {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
  Pair pair({Script().request().send(head).drip(std::string(1000, 'x'), 20),
             Script().request().send(head + "some").hold()});
  Transfer slow = transfer_to(0, 1);
  slow.timeout = milliseconds(300);
  slow.idle_timeout = milliseconds(200);  // bytes move all the time
  Instant before = monotonic_now();
  CHECK(pair.run(std::move(slow)).outcome == O::timed_out);
  CHECK(monotonic_now() - before >= milliseconds(295));
  CHECK(monotonic_now() - before < milliseconds(1500));

  Transfer stuck = transfer_to(0, 1);
  stuck.timeout = seconds(30);
  stuck.idle_timeout = milliseconds(150);
  before = monotonic_now();
  const TransferResult result = pair.run(std::move(stuck));
  CHECK(result.outcome == O::timed_out);
  CHECK(result.sent);
  CHECK(monotonic_now() - before < seconds(5));
}

TEST_CASE("an answer that arrived while the host's loop stood still is used") {
  Pair pair({answering(1).hold()});
  Transfer transfer = transfer_to(0, 1);
  transfer.timeout = milliseconds(100);
  CHECK(pair.transport->start(std::move(transfer)).ok());
  for (int i = 0; i < 200 && pair.server.requests().empty(); ++i) {
    pair.transport->poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (!pair.server.requests().empty()) break;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // past the deadline
  CHECK(next_result(*pair.transport).outcome == O::answered);
}

TEST_CASE("what isn't HTTP is no answer") {
  Pair pair({Script().request().send("220 mail.example ESMTP\r\n").close(),
             Script().request().send("HTTP/1.1 100 Continue\r\n\r\n").close(),
             Script().request().send("HTTP/2.0 garbage\r\n\r\n").close(),
             Script().request().send(std::string(20, '\0')).close()});
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    Transfer transfer = transfer_to(0, 1);
    transfer.fresh_connection = true;
    CHECK(pair.run(std::move(transfer)).outcome == O::refused);
  }
}

TEST_CASE("statuses and redirects are passed on, not acted on") {
  TcpScriptServer elsewhere({answering(1)});
  Pair pair(
      {Script()
           .request()
           .send(test::answer("302 Found", "", "Location: " + elsewhere.url() + "/\r\n"))
           .request()
           .send(test::answer("307 Temporary Redirect", "", "Location: file:///etc/passwd\r\n"))
           .request()
           .send(test::answer("503 Service Unavailable", "later", "Retry-After: 7\r\n"))
           .request()
           .send("HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\n" + test::ok("final"))
           .hold()});
  CHECK(pair.get().http_status == 302);
  CHECK(pair.get().http_status == 307);
  const TransferResult unavailable = pair.get();
  CHECK(unavailable.http_status == 503);
  CHECK(unavailable.body == "later");
  CHECK(unavailable.headers == Headers{{"content-length", "5"}, {"retry-after", "7"}});
  const TransferResult result = pair.get();
  CHECK(result.body == "final");
  CHECK(result.headers == Headers{{"content-length", "5"}});  // not the interim answer's
  CHECK(elsewhere.connections() == 0);
  CHECK(pair.server.connections() == 1);
}

TEST_CASE("no request but GET and HEAD goes out twice when a reused connection closes unanswered") {
  const auto scripts = [] {
    // The second request on the first connection is read and not answered.
    return std::vector<Script>{answering(1).request().close(), answering(3).hold()};
  };
  for (const std::string& body : {std::string("print it"), std::string()}) {
    Pair pair(scripts());
    CHECK(pair.get().outcome == O::answered);
    const TransferResult result = pair.run(post(2, body));
    CHECK(result.outcome == O::refused);
    CHECK(result.sent);
    CHECK(pair.server.requests().size() == 2);
  }
  Pair pair(scripts());
  CHECK(pair.get().outcome == O::answered);
  CHECK(pair.get().outcome == O::answered);  // may be asked again, and was
  CHECK(pair.server.requests().size() == 3);
}

TEST_CASE("the environment's proxy is ignored") {
  TcpScriptServer proxy({answering(1)});
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) {
    ::setenv(name, proxy.url().c_str(), 1);
  }
  Pair pair({answering(1).hold()});
  CHECK(pair.get().body == "hello");
  CHECK(proxy.connections() == 0);
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
}

TEST_CASE("another thread wakes wait(), also before it begins") {
  Pair pair({Script().hold()});
  pair.transport->wake();
  Instant before = monotonic_now();
  pair.transport->wait(seconds(30));
  CHECK(monotonic_now() - before < seconds(5));

  std::thread waker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (int i = 0; i < 100000; ++i) pair.transport->wake();  // more than a pipe holds
  });
  before = monotonic_now();
  pair.transport->wait(seconds(30));
  waker.join();
  CHECK(monotonic_now() - before < seconds(5));
  pair.transport->wait(milliseconds(0));  // takes what the thread wrote last
  before = monotonic_now();
  pair.transport->wait(milliseconds(50));
  CHECK(monotonic_now() - before >= milliseconds(49));  // nothing is left over
}

TEST_CASE("wait_also() ends when a foreign descriptor is ready, and not before") {
  Pair pair({Script().hold()});
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const WaitOn both[] = {{ends[0], true, false}, {ends[1], false, false}};
  Instant before = monotonic_now();
  pair.transport->wait_also(milliseconds(50), both, 2);
  CHECK(monotonic_now() - before >= milliseconds(49));

  const WaitOn writable = {ends[1], false, true};
  before = monotonic_now();
  pair.transport->wait_also(seconds(30), &writable, 1);
  CHECK(monotonic_now() - before < seconds(5));

  REQUIRE(::write(ends[1], "x", 1) == 1);
  before = monotonic_now();
  pair.transport->wait_also(seconds(30), both, 2);
  CHECK(monotonic_now() - before < seconds(5));
  pair.transport->wake();
  pair.transport->wait_also(seconds(30), both + 1, 1);  // a wake() ends it as well
  CHECK(monotonic_now() - before < seconds(5));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a server that changes loses its connections, one that doesn't keeps them") {
  Pair pair({answering(5).hold()});
  CHECK(pair.get().outcome == O::answered);
  ServerConfig config;
  config.url = pair.server.url();
  config.name = "renamed";
  CHECK(pair.transport->set_server(0, config, config.tls).ok());
  CHECK(pair.get().outcome == O::answered);
  CHECK(pair.server.connections() == 1);
  config.token = "another";
  CHECK(pair.transport->set_server(0, config, config.tls).ok());
  CHECK(pair.get().outcome == O::answered);
  CHECK(pair.server.connections() == 2);
}

TEST_CASE("a whole URL is asked without a server, and leaves no connection") {
  Pair pair({answering(2).hold()});
  Transfer transfer = transfer_to(kNoServer, 1, pair.server.url() + "/x?y=1");
  const TransferResult result = pair.run(std::move(transfer));
  CHECK(result.body == "hello");
  CHECK(contains(pair.server.requests()[0], "GET /x?y=1 HTTP/1.1"));
  for (int i = 0; i < 200 && pair.server.open_connections() > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(pair.server.open_connections() == 0);
  for (const char* url : {"/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://a@b/"}) {
    CHECK(pair.transport->start(transfer_to(kNoServer, 2, url)).code() == Code::invalid_argument);
  }
}

TEST_CASE("a write to a closed pipe under the guard raises no signal, then or later") {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  {
    const curl::SigpipeGuard guard;  // TLS libraries write like this, without MSG_NOSIGNAL
    CHECK(::write(ends[1], "x", 1) == -1);
    CHECK(errno == EPIPE);
  }
  sigset_t now;
  CHECK(::pthread_sigmask(SIG_SETMASK, nullptr, &now) == 0);
  CHECK(sigismember(&now, SIGPIPE) == 0);
  ::close(ends[1]);
}

TEST_CASE("options out of range") {
  CurlTransportOptions options;
  options.idle_connections = 0;
  CHECK(curl_transport(options).error().code() == Code::invalid_argument);
  options.idle_connections = 65;
  CHECK(curl_transport(options).error().code() == Code::invalid_argument);
}

}  // namespace
}  // namespace holdfast
