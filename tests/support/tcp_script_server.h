// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A TCP server on loopback that does what a script says, byte for byte: what no well-behaved server
// would do. One thread accepts, one serves each connection; the destructor ends and joins them all.
//
//   TcpScriptServer server({Script().request().send(ok("hello")).request().close()});
//   ... server.url() ... server.requests() ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

class Script {
 public:
  Script& request();    // reads one request: head, then Content-Length bytes
  Script& read_some();  // waits until anything comes, and doesn't read it
  Script& send(std::string bytes);
  Script& drip(std::string bytes, int every_ms);  // one byte at a time
  Script& flood(std::string bytes);               // again and again, until the peer has had enough
  Script& pause(int ms);
  Script& hold();   // silence, until the peer closes
  Script& close();  // FIN; also at the end of each script
  Script& reset();  // RST

 private:
  friend class TcpScriptServer;
  enum class Act { request, readable, send, drip, flood, pause, hold, close, reset };
  struct Step {
    Act act;
    std::string bytes;
    int ms;
  };
  Script& add(Act act, std::string bytes = {}, int ms = 0);

  std::vector<Step> steps_;
};

class TcpScriptServer {
 public:
  // The n-th connection gets the n-th script; the last one serves all that follow.
  explicit TcpScriptServer(std::vector<Script> scripts);
  ~TcpScriptServer();
  TcpScriptServer(const TcpScriptServer&) = delete;
  TcpScriptServer& operator=(const TcpScriptServer&) = delete;

  uint16_t port() const;
  std::string url() const;  // http://127.0.0.1:port

  size_t connections() const;                 // accepted so far
  size_t open_connections() const;            // whose scripts haven't ended
  std::vector<std::string> requests() const;  // each whole request read, in order of arrival

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

// "HTTP/1.1 200 OK" with Content-Length and that body.
std::string ok(const std::string& body);
// The same with any status line, and more header lines ("Location: /x\r\n").
std::string answer(const std::string& status, const std::string& body,
                   const std::string& headers = {});

// A port on which nothing listened a moment ago.
uint16_t unused_port();

}  // namespace holdfast::test
