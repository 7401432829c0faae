// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "support/dns_script_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace holdfast::test {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr uint16_t kTypeA = 1;
constexpr uint16_t kTypeCname = 5;
constexpr uint16_t kTypeAaaa = 28;

void put16(std::string& to, unsigned value) {
  to.push_back(static_cast<char>((value >> 8) & 0xff));
  to.push_back(static_cast<char>(value & 0xff));
}

void put32(std::string& to, uint32_t value) {
  put16(to, value >> 16);
  put16(to, value & 0xffff);
}

std::string labels(const std::string& name) {
  std::string encoded;
  for (size_t at = 0; at <= name.size();) {
    size_t end = name.find('.', at);
    if (end == std::string::npos) end = name.size();
    encoded.push_back(static_cast<char>(end - at));
    encoded += name.substr(at, end - at);
    at = end + 1;
  }
  return encoded + std::string(1, '\0');
}

// The name of the first question, and where its type stands.
std::string name_of(const std::string& question, size_t* type_at) {
  std::string name;
  size_t at = kHeaderBytes;
  while (at < question.size() && question[at] != 0) {
    const auto length = static_cast<unsigned char>(question[at]);
    if (!name.empty()) name += '.';
    name += question.substr(at + 1, length);
    at += length + 1u;
  }
  *type_at = at + 1;
  return name;
}

void record(std::string& to, const std::string& owner, uint16_t type, uint32_t ttl_s,
            const std::string& data) {
  to += owner;
  put16(to, type);
  put16(to, 1);
  put32(to, ttl_s);
  put16(to, static_cast<unsigned>(data.size()));
  to += data;
}

// The raw bytes of an address of that type; empty when it is of the other one.
std::string raw_address(const std::string& text, uint16_t type) {
  unsigned char raw[16] = {};
  const bool v6 = text.find(':') != std::string::npos;
  if (v6 != (type == kTypeAaaa)) return {};
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), raw) != 1) return {};
  return std::string(reinterpret_cast<const char*>(raw), v6 ? 16 : 4);
}

}  // namespace

DnsScriptServer::DnsScriptServer() {
  fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in here = {};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0 &&
      ::getsockname(fd_, reinterpret_cast<sockaddr*>(&here), &size) == 0)
    port_ = ntohs(here.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DnsScriptServer::~DnsScriptServer() {
  stopping_ = true;
  thread_.join();
  ::close(fd_);
}

void DnsScriptServer::set(const std::string& name, const Zone& zone) {
  const std::lock_guard<std::mutex> guard(mutex_);
  zones_[name] = zone;
}

std::string DnsScriptServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

void DnsScriptServer::serve() {
  while (!stopping_) {
    pollfd ready = {fd_, POLLIN, 0};
    if (::poll(&ready, 1, 10) <= 0) continue;
    char buffer[2048];
    sockaddr_in from = {};
    socklen_t size = sizeof from;
    const ssize_t got =
        ::recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < static_cast<ssize_t>(kHeaderBytes)) continue;
    ++questions_;
    std::string reply;
    Zone zone;
    if (!answer(std::string(buffer, static_cast<size_t>(got)), &reply, &zone)) continue;
    if (zone.after_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(zone.after_ms));
    if (zone.cut_at > 0 && zone.cut_at < reply.size()) reply.resize(zone.cut_at);
    (void)::sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from),
                   size);
  }
}

bool DnsScriptServer::answer(const std::string& question, std::string* reply, Zone* zone) {
  size_t type_at = 0;
  const std::string name = name_of(question, &type_at);
  if (type_at + 4 > question.size()) return false;
  const auto type = static_cast<uint16_t>((static_cast<unsigned char>(question[type_at]) << 8) |
                                          static_cast<unsigned char>(question[type_at + 1]));
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto found = zones_.find(name);
    if (found == zones_.end())
      zone->rcode = 3;
    else
      *zone = found->second;
  }
  if (zone->silent || (zone->silent_for_v6 && type == kTypeAaaa)) return false;
  std::string& out = *reply;
  out = question.substr(0, 2);
  if (zone->wrong_id) out[0] = static_cast<char>(out[0] ^ 0x55);
  if (!zone->raw.empty()) {
    out += zone->raw;
    return true;
  }
  std::string records;
  unsigned count = 0;
  std::string owner = "\xc0\x0c";  // the question's name
  if (!zone->alias.empty()) {
    record(records, owner, kTypeCname, zone->ttl_s, labels(zone->alias));
    owner = labels(zone->alias);
    ++count;
  }
  for (const std::string& address : zone->addresses) {
    const std::string raw = raw_address(address, type);
    if (raw.empty() || zone->truncated) continue;
    record(records, owner, type, zone->ttl_s, raw);
    ++count;
  }
  put16(out, 0x8180u | (zone->truncated ? 0x0200u : 0u) | static_cast<unsigned>(zone->rcode));
  put16(out, 1);
  put16(out, zone->rcode == 0 ? count : 0);
  put32(out, 0);
  out += zone->other_question ? labels("other.test") + question.substr(type_at, 4)
                              : question.substr(kHeaderBytes, type_at + 4 - kHeaderBytes);
  if (zone->rcode == 0) out += records;
  return true;
}

}  // namespace holdfast::test
