// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What a TLS handshake says about itself, where libcurl doesn't: its mbedTLS backend keeps to
// itself why a certificate failed and which alert came, its OpenSSL backend whether the server
// asked for a certificate of ours, and an alert that another error came before. Both are asked
// directly where this library is built for them (HOLDFAST_CURL_MBEDTLS, HOLDFAST_CURL_OPENSSL).
// Elsewhere nothing is watched.
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
  void hold(int fd);
  void release();

  // Whether the libcurl that runs has a backend that this build can watch.
  static bool can_watch();
  // Watches the handshake that `tls_config`, from CURLOPT_SSL_CTX_FUNCTION, is for.
  CURLcode attach(CURL* easy, void* tls_config);
  // The socket is about to be closed; its hold goes with it.
  void closing(int fd);

  int alert() const { return alert_; }
  // An alert of TLS 1.3 came and was never read; it can't be deciphered here any more.
  bool alert_unread();
  // The server wants to know who we are; never seen where kJudges.
  bool certificate_asked() const { return certificate_asked_; }
  // What is wrong with the server's certificate; only where kJudges.
  long verify_result() const;

  // Whether the libcurl that is linked has the backend that this was built for.
  static bool fits(const curl_version_info_data& version);
#ifdef HOLDFAST_CURL_MBEDTLS
  static constexpr bool kJudges = true;  // certificates, for the clock's time
#else
  static constexpr bool kJudges = false;
#endif

 private:
  explicit TlsWatch(const VerifyClock* clock) : clock_(clock) {}
  ~TlsWatch() = default;

  void begin();
#ifdef HOLDFAST_CURL_OPENSSL
  static int context_index();
  void on_info(bool asked, int where, int value);
#endif
  // mbedTLS's verdict on one certificate of the chain, 0 being the server's, corrected.
  uint32_t judged(const void* certificate, int depth, uint32_t faults) const;

  const VerifyClock* clock_;
  uint32_t holders_ = 1;
  uint32_t faults_ = 0;  // of all certificates of the chain: MBEDTLS_X509_BADCERT_*
  int alert_ = kNoAlert;
  bool alert_unread_ = false;
  bool certificate_asked_ = false;
  int fd_ = -1;  // the last one that was held for, while it is open
};

}  // namespace holdfast::curl
