// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What goes in and out of the curl transport besides the head: bodies, sinks, sources and limits.
#include <algorithm>
#include <cstring>
#include <string>

#include "curl_pair.h"

namespace holdfast {
namespace {

using conformance::next_result;
using conformance::transfer_to;
using test::answering;
using test::contains;
using test::Pair;
using test::post;
using test::Script;
using O = TransferOutcome;

TEST_CASE("limits are counted, whatever the headers say") {
  const std::string big(2000, 'x');
  Pair pair({Script().request().send(test::ok(big)).hold(),
             Script().request().send("HTTP/1.1 200 OK\r\n\r\n" + big).close(),
             Script()
                 .request()
                 .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + big +
                       "\r\n0\r\n\r\n")
                 .hold(),
             Script().request().send(test::ok(std::string(1000, 'y'))).hold()});
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    Transfer transfer = transfer_to(0, 1);
    transfer.fresh_connection = true;
    transfer.max_answer_bytes = 1000;
    const TransferResult result = pair.run(std::move(transfer));
    CHECK(result.outcome == (i < 3 ? O::too_large : O::answered));
    CHECK(result.body.size() == (i < 3 ? 0 : 1000));
  }
}

TEST_CASE("a false Content-Length") {
  Pair pair({Script().request().send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort").close(),
             Script().request().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlong").hold(),
             Script().request().send("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx").close(),
             answering(1).hold()});
  CHECK(pair.get().outcome == O::refused);
  CHECK(pair.get().body == "lo");
  CHECK(pair.get().outcome != O::timed_out);
  // The rest never becomes the next answer.
  CHECK(pair.get().body == "hello");
}

TEST_CASE("a flood of headers is cut off") {
  Pair pair({Script()
                 .request()
                 .send("HTTP/1.1 200 OK\r\n")
                 .flood("X-Header: a value of some length to get on\r\n"),
             Script().request().send("HTTP/1.1 200 OK\r\nX-Long: ").flood(std::string(1000, 'x')),
             Script().request().flood("HTTP/1.1 100 Continue\r\n\r\n")});
  for (int i = 0; i < 3; ++i) {
    CAPTURE(i);
    Transfer transfer = transfer_to(0, 1);
    transfer.fresh_connection = true;
    const TransferResult result = pair.run(std::move(transfer));
    CHECK(result.outcome == O::too_large);
    CHECK(result.headers.empty());
  }
}

struct Sink final : BodySink {
  std::string bytes;
  size_t limit = SIZE_MAX;
  Status write(const uint8_t* data, size_t size) override {
    if (bytes.size() + size > limit) return Status(Code::no_space, 28);
    bytes.append(reinterpret_cast<const char*>(data), size);
    return {};
  }
};

TEST_CASE("a document goes to its sink, an error page doesn't") {
  const std::string document(300000, 'd');
  Pair pair({Script()
                 .request()
                 .send(test::ok(document))
                 .request()
                 .send(test::answer("404 Not Found", "no such job"))
                 .request()
                 .send(test::ok(document))
                 .hold()});
  Sink sink;
  const auto fetch = [&] {
    Transfer transfer = transfer_to(0, 1);
    transfer.sink = &sink;
    return pair.run(std::move(transfer));
  };
  TransferResult result = fetch();
  CHECK(result.outcome == O::answered);
  CHECK(result.body.empty());
  CHECK(sink.bytes == document);
  sink.bytes.clear();
  CHECK(fetch().body == "no such job");
  CHECK(sink.bytes.empty());
  sink.limit = 100000;
  result = fetch();
  CHECK(result.outcome == O::misconfigured);  // this device's disk, not the server
  CHECK(result.status == Status(Code::no_space, 28));
  CHECK(sink.bytes.size() <= 100000);
}

struct Source final : BodySource {
  std::string bytes;
  uint64_t promised = 0;
  size_t at = 0;
  Status fails;
  uint64_t size() const override { return promised; }
  Result<size_t> read(uint8_t* data, size_t capacity) override {
    if (!fails.ok() && at > 0) return failure(fails);
    const size_t given = std::min({capacity, bytes.size() - at, size_t{1000}});
    std::memcpy(data, bytes.data() + at, given);
    at += given;
    return given;
  }
};

TEST_CASE("a body is streamed from its source, with its length") {
  Pair pair({answering(1).hold(), answering(1).hold()});
  Source source;
  for (int i = 0; i < 200000; ++i) source.bytes += static_cast<char>('a' + i % 26);
  source.promised = source.bytes.size();
  const auto send = [&] {
    Transfer transfer = post(1, "");
    transfer.body_source = &source;
    return pair.run(std::move(transfer));
  };
  CHECK(send().outcome == O::answered);
  REQUIRE(pair.server.requests().size() == 1);
  const std::string request = pair.server.requests()[0];
  CHECK(contains(request, "Content-Length: 200000\r\n"));
  CHECK(request.substr(request.size() - 200000) == source.bytes);

  source.at = 0;
  source.promised += 1;  // one byte too few
  TransferResult result = send();
  CHECK(result.outcome == O::misconfigured);
  CHECK(result.status == Code::corrupt);
  source.at = 0;
  source.fails = Status(Code::io_error, 5);
  result = send();
  CHECK(result.outcome == O::misconfigured);
  CHECK(result.status == Status(Code::io_error, 5));
  CHECK(pair.server.requests().size() == 1);  // no whole one came after the first
}

TEST_CASE("a server that closes during an upload doesn't end the process by SIGPIPE") {
  Pair pair({Script().read_some().reset()});
  CHECK(pair.run(post(1, std::string(8000000, 'x'))).outcome == O::refused);
}

TEST_CASE("a secret body is gone from the caller's object") {
  Pair pair({answering(1).hold()});
  Transfer transfer = post(1, "pin=1234");  // short: copied, not moved
  transfer.body_is_secret = true;
  CHECK(pair.transport->start(std::move(transfer)).ok());
  CHECK(transfer.body.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(std::memcmp(transfer.body.data(), "\0\0\0\0\0\0\0\0", 8) == 0);
  CHECK(next_result(*pair.transport).outcome == O::answered);
}

}  // namespace
}  // namespace holdfast
