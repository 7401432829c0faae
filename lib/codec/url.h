// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The URLs under which servers are configured. Stricter than RFC 3986, because each liberty
// ("http://2130706433/", user info, "..") has led some client to a host that nobody meant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::codec {

struct ServerUrl {
  bool https = false;
  std::string host;  // lower case; an IPv6 address without its brackets
  bool ipv6 = false;
  uint16_t port = 0;  // the scheme's own where none is written
  std::string base;   // "" or "/path" without a slash at the end

  // localhost, 127.0.0.0/8 or ::1: never leaves the device.
  bool loopback() const;
};

// http(s)://host[:port][/base]: scheme in lower case; a host name, a dotted IPv4 or a bracketed
// IPv6 address; no user info, query or fragment; no empty, "." or ".." segment; a slash after the
// host alone may stand.
bool parse_server_url(std::string_view text, ServerUrl& url);

}  // namespace holdfast::codec
