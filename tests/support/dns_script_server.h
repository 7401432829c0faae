// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A DNS server on loopback, over UDP, that does what a table says, byte for byte where it must. One
// thread, which the destructor ends.
//
//   DnsScriptServer dns;
//   dns.set("print.test", Zone().address("192.0.2.1").ttl(30));
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::test {

// What is answered to questions about one name; without addresses: that there are none.
struct Zone {
  std::vector<std::string> addresses;  // numeric; A and AAAA each get theirs
  std::string alias;                   // a CNAME first, whose name owns the addresses
  uint32_t ttl_s = 60;
  int rcode = 0;  // 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED
  bool silent = false;
  bool silent_for_v6 = false;
  int after_ms = 0;
  bool truncated = false;  // the TC bit and nothing else, as if there were a TCP server
  bool wrong_id = false;
  bool other_question = false;
  std::string raw;    // the answer behind the id, whatever it is
  size_t cut_at = 0;  // only so many bytes of the answer are sent

  Zone& address(const std::string& a) { return addresses.push_back(a), *this; }
  Zone& ttl(uint32_t s) { return ttl_s = s, *this; }
};

class DnsScriptServer {
 public:
  DnsScriptServer();
  ~DnsScriptServer();
  DnsScriptServer(const DnsScriptServer&) = delete;
  DnsScriptServer& operator=(const DnsScriptServer&) = delete;

  void set(const std::string& name, const Zone& zone);  // from the next question on
  std::string address() const;                          // "127.0.0.1:port"
  size_t questions() const { return questions_; }

 private:
  void serve();
  bool answer(const std::string& question, std::string* reply, Zone* zone);

  int fd_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> questions_{0};
  std::mutex mutex_;
  std::map<std::string, Zone> zones_;  // unknown names don't exist
  std::thread thread_;
};

}  // namespace holdfast::test
