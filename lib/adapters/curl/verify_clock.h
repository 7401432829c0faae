// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The moment for which certificates are verified. A device without a battery wakes up in 1970,
// where every certificate is still to come; and a clock set back would make an expired one good
// again. So the wall clock counts only as far as it is later than a floor, which goes on by itself.
#pragma once

#include <curl/curl.h>

#include <cstdint>

#include "adapters/curl/options.h"
#include "holdfast/adapters/curl_transport.h"
#include "holdfast/status.h"
#include "holdfast/time.h"

namespace holdfast::curl {

class VerifyClock {
 public:
  explicit VerifyClock(const CurlTransportOptions& options);

  // unsupported: a floor or a clock is given, and this build or this libcurl can't hand it to the
  // TLS library. invalid_argument: a floor that is no date.
  Status check() const;
  // Seconds since 1970.
  int64_t now_s() const;
  // Neither a floor nor a clock: the TLS library asks the system.
  bool given() const { return floor_unix_ms_ != 0 || wall_clock_unix_ms_ != nullptr; }
  // What libcurl's callback gets is an SSL_CTX only if libcurl runs on OpenSSL.
  static bool on_openssl();
  // Tells OpenSSL the time, and to look for the host among the certificate's alternative names
  // only. TlsWatch does the same for mbedTLS.
  CURLcode set_up(CURL* easy, void* context) const;

 private:
  int64_t floor_unix_ms_;
  int64_t (*wall_clock_unix_ms_)();
  Instant since_;  // when the floor was right
};

}  // namespace holdfast::curl
