// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a TLS handshake says about itself. libcurl's OpenSSL backend reports why a certificate
// failed and which alert came; its mbedTLS backend keeps both to itself, so they are taken from
// mbedTLS where this library is built with it (HOLDFAST_CURL_MBEDTLS). Elsewhere nothing is
// watched.
#pragma once

#include <curl/curl.h>

#include <cstdint>

#include "adapters/curl/outcome.h"

namespace holdfast::curl {

class VerifyClock;

// Belongs to an exchange and to the connection that it opens, which may outlive it in the pool:
// each socket holds it as well, and the last one frees it.
class TlsWatch {
 public:
  // With one holder; null: no memory. `clock` tells the time where one is given; it has to outlive
  // the handshakes.
  static TlsWatch* create(const VerifyClock* clock);
  void hold() { ++holders_; }
  void release();

  // Watches the handshake that `ssl_config`, from CURLOPT_SSL_CTX_FUNCTION, is for.
  CURLcode attach(void* ssl_config);

  int alert() const { return alert_; }
  long verify_result() const;

  // Whether the libcurl that is linked has the backend that this was built for.
  static bool fits(const curl_version_info_data& version);
#ifdef HOLDFAST_CURL_MBEDTLS
  static constexpr bool kActive = true;
#else
  static constexpr bool kActive = false;
#endif

 private:
  explicit TlsWatch(const VerifyClock* clock) : clock_(clock) {}
  ~TlsWatch() = default;

  // mbedTLS's verdict on one certificate of the chain, 0 being the server's, corrected.
  uint32_t judged(const void* certificate, int depth, uint32_t faults) const;

  const VerifyClock* clock_;
  uint32_t holders_ = 1;
  uint32_t faults_ = 0;  // of all certificates of the chain: MBEDTLS_X509_BADCERT_*
  int alert_ = kNoAlert;
};

}  // namespace holdfast::curl
