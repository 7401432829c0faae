// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/ipp/printer_url.h"

#include "base/text.h"

namespace holdfast::ipp {
namespace {

struct Scheme {
  const char* prefix;
  const char* port;
  bool tls;
};

constexpr Scheme kSchemes[] = {
    {"ipp://", "631", false},
    {"ipps://", "631", true},
    {"http://", "80", false},
    {"https://", "443", true},
};

constexpr size_t kMaxUrlBytes = 1023;  // IPP's limit for a uri
constexpr const char* kDefaultPath = "/ipp/print";

// Splits "host:port" or "[v6]:port"; the port may be missing.
bool split_authority(std::string_view authority, std::string_view& host, std::string_view& port) {
  size_t host_end = authority.find(':');
  if (!authority.empty() && authority[0] == '[') {
    const size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return false;
    host_end = bracket + 1;
    if (host_end < authority.size() && authority[host_end] != ':') return false;
  }
  host = authority.substr(0, host_end);
  port = host.size() < authority.size() ? authority.substr(host.size() + 1) : std::string_view();
  return !host.empty() && (host.size() == authority.size() || !port.empty());
}

}  // namespace

Result<PrinterUrl> parse_printer_url(std::string_view url) {
  if (url.size() > kMaxUrlBytes || !is_visible_ascii(url)) return failure(Code::invalid_argument);
  if (url.find_first_of("@?#\\\"<>") != std::string_view::npos) {
    return failure(Code::invalid_argument);
  }
  for (const Scheme& scheme : kSchemes) {
    const std::string_view prefix = scheme.prefix;
    if (url.substr(0, prefix.size()) != prefix) continue;
    const std::string_view rest = url.substr(prefix.size());
    const size_t slash = rest.find('/');
    std::string_view host;
    std::string_view port;
    if (!split_authority(rest.substr(0, slash), host, port)) break;
    uint64_t number = 0;
    if (port.empty()) port = scheme.port;
    if (!parse_decimal(port, 65535, number) || number == 0) break;

    const bool no_path = slash == std::string_view::npos || rest.substr(slash) == "/";
    const std::string place = std::string(host) + ":" + std::string(port);
    PrinterUrl result;
    result.origin = (scheme.tls ? "https://" : "http://") + place;
    result.host = std::string(host);
    result.path = no_path ? kDefaultPath : std::string(rest.substr(slash));
    result.uri = (scheme.tls ? "ipps://" : "ipp://") + place + result.path;
    return result;
  }
  return failure(Code::invalid_argument);
}

}  // namespace holdfast::ipp
