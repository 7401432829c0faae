// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "codec/url.h"

#include "base/text.h"

namespace holdfast::codec {
namespace {

constexpr size_t kMaxUrlBytes = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Splits off what stands before `mark`; all of it when there is none.
std::string_view next_part(std::string_view& rest, char mark) {
  const size_t end = rest.find(mark);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

bool is_ipv4(std::string_view text) {
  int parts = 0;
  for (std::string_view rest = text; ++parts <= 4;) {
    const bool last = rest.find('.') == std::string_view::npos;
    uint64_t number = 0;
    if (!parse_decimal(next_part(rest, '.'), 255, number)) return false;
    if (last) return parts == 4;
  }
  return false;
}

// RFC 4291 groups with at most one "::". No embedded IPv4, no zone: neither belongs in a
// configuration of servers.
bool is_ipv6(std::string_view text) {
  const size_t gap = text.find("::");
  if (gap != std::string_view::npos && text.find("::", gap + 1) != std::string_view::npos) {
    return false;
  }
  size_t groups = 0;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_hex(text[i])) {
      if (++digits > 4) return false;
      if (digits == 1) ++groups;
    } else if (text[i] == ':') {
      const bool in_gap = gap != std::string_view::npos && (i == gap || i == gap + 1);
      if (digits == 0 && !in_gap) return false;
      digits = 0;
    } else {
      return false;
    }
  }
  const bool open_end = digits == 0 && (gap == std::string_view::npos || gap + 2 != text.size());
  if (open_end) return false;
  return gap == std::string_view::npos ? groups == 8 : groups <= 7;
}

// RFC 1123. A name whose last label is all digits would be some reader's IPv4 address.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  bool last_is_number = false;
  for (std::string_view rest = text;;) {
    const bool last = rest.find('.') == std::string_view::npos;
    const std::string_view label = next_part(rest, '.');
    if (label.empty() || label.size() > 63) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    last_is_number = true;
    for (const char c : label) {
      if (!is_letter(c) && !is_digit(c) && c != '-') return false;
      last_is_number = last_is_number && is_digit(c);
    }
    const bool hex_number = label.size() > 1 && label[0] == '0' && (label[1] | 0x20) == 'x';
    if (last) return !last_is_number && !hex_number;
  }
}

bool is_base(std::string_view text) {
  if (text.empty()) return true;
  for (std::string_view rest = text.substr(1);;) {
    const bool last = rest.find('/') == std::string_view::npos;
    const std::string_view segment = next_part(rest, '/');
    if (segment.empty() || segment == "." || segment == "..") return false;
    for (const char c : segment) {
      // No "%": an encoded slash or dot would be decoded by some and not by others.
      if (!is_letter(c) && !is_digit(c) &&
          std::string_view("-._~!$&'()*+,;=:@").find(c) == std::string_view::npos) {
        return false;
      }
    }
    if (last) return true;
  }
}

bool parse_authority(std::string_view text, ServerUrl& url) {
  std::string_view port;
  bool has_port = false;
  if (!text.empty() && text[0] == '[') {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    url.host = text.substr(1, end - 1);
    url.ipv6 = true;
    const std::string_view rest = text.substr(end + 1);
    has_port = !rest.empty();
    if (has_port && rest[0] != ':') return false;
    if (has_port) port = rest.substr(1);
  } else {
    const size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    url.host = text.substr(0, colon);
    if (has_port) port = text.substr(colon + 1);
  }
  for (char& c : url.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  const bool good = url.ipv6 ? is_ipv6(url.host) : is_ipv4(url.host) || is_host_name(url.host);
  if (!good) return false;
  uint64_t number = url.https ? 443 : 80;
  if (has_port && (!parse_decimal(port, 65535, number) || number == 0)) return false;
  url.port = static_cast<uint16_t>(number);
  return true;
}

// "0:0:0:0:0:0:0:1" and every way to shorten it.
bool is_ipv6_loopback(std::string_view text) {
  if (text.empty() || text.back() != '1') return false;
  text.remove_suffix(1);
  return text.find_first_not_of("0:") == std::string_view::npos && !text.empty();
}

}  // namespace

bool ServerUrl::loopback() const {
  if (ipv6) return is_ipv6_loopback(host);
  return host == "localhost" || (is_ipv4(host) && host.compare(0, 4, "127.") == 0);
}

bool parse_server_url(std::string_view text, ServerUrl& url) {
  url = {};
  if (text.size() > kMaxUrlBytes) return false;
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  url.https = text.substr(0, kHttps.size()) == kHttps;
  if (!url.https && text.substr(0, kHttp.size()) != kHttp) return false;
  const std::string_view rest = text.substr(url.https ? kHttps.size() : kHttp.size());
  const size_t slash = rest.find('/');
  if (!parse_authority(rest.substr(0, slash), url)) return false;
  if (slash != std::string_view::npos && slash + 1 < rest.size()) url.base = rest.substr(slash);
  return is_base(url.base);
}

}  // namespace holdfast::codec
