// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Checks of what comes from outside before it can reach a request line, a header or libcurl.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/curl/tls_files.h"
#include "holdfast/config.h"
#include "holdfast/ports/transport.h"

namespace holdfast::curl {

class VerifyClock;

// Where a server is, taken apart once.
struct Target {
  std::string base_url;   // without a trailing slash
  std::string probe_url;  // http://host:port/ for a bare connection
  bool https = false;
  uint16_t port = 0;
  TlsConfig tls;
  std::shared_ptr<TlsFiles> files;     // of `tls`; null for http
  const VerifyClock* clock = nullptr;  // for which moment its certificate is verified
};

// invalid_argument: not an http(s) URL with host and nothing but port and path; or pins that aren't
// base64 of 32 bytes, a second pin without a first, two sources of authorities, or half a client
// certificate.
Result<Target> parse_target(const std::string& url, const TlsConfig& tls);
// The same for the whole URL of one exchange, which may have a query; base_url stays empty.
Result<Target> parse_whole_url(const std::string& url);

// invalid_argument: method, path or a header could change the meaning of the request around it.
Status check_request(const Transfer& transfer);

// GET and HEAD: sent again by libcurl without asking when a reused connection turns out to be
// closed.
bool is_safe_method(const std::string& method);

}  // namespace holdfast::curl
