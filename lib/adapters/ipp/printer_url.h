// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace holdfast::ipp {

// A printer's address in the two forms that are needed: what the transport connects to, and the
// printer-uri that stands in each request.
struct PrinterUrl {
  std::string origin;  // http(s)://host:port
  std::string host;    // of it; IPv6 in brackets
  std::string path;    // /ipp/print
  std::string uri;     // ipp(s)://host:port/ipp/print
};

// ipp(s):// and http(s)://, host or [IPv6], without user info, query and fragment.
Result<PrinterUrl> parse_printer_url(std::string_view url);

}  // namespace holdfast::ipp
