// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/tls_watch.h"

#include <cstdlib>
#include <cstring>
#include <new>

#ifdef HOLDFAST_CURL_MBEDTLS
#include <mbedtls/debug.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#ifndef MBEDTLS_HAVE_TIME_DATE
#error "This mbedTLS takes expired certificates: build it with MBEDTLS_HAVE_TIME_DATE"
#endif
#endif

namespace holdfast::curl {

TlsWatch* TlsWatch::create() { return new (std::nothrow) TlsWatch; }

void TlsWatch::release() {
  if (--holders_ == 0) delete this;
}

#ifdef HOLDFAST_CURL_MBEDTLS

namespace {

// The alert's number is in no other place: mbedTLS tells it to its debug output alone, as an error
// (level 1). Without MBEDTLS_DEBUG_C it stays unknown.
int alert_in(const char* message) {
  const char* at = std::strstr(message, "fatal alert message (msg ");
  if (at == nullptr) return kNoAlert;
  return std::atoi(std::strchr(at, '(') + std::strlen("(msg "));
}

}  // namespace

CURLcode TlsWatch::attach(void* ssl_config) {
  auto* config = static_cast<mbedtls_ssl_config*>(ssl_config);
  faults_ = 0;
  alert_ = kNoAlert;
  // In place of libcurl's callback, which would only put the faults into words. The verdict stays
  // mbedTLS's: nothing is taken from the flags.
  mbedtls_ssl_conf_verify(
      config,
      [](void* self, mbedtls_x509_crt*, int, uint32_t* flags) noexcept {
        static_cast<TlsWatch*>(self)->faults_ |= *flags;
        return 0;
      },
      this);
#ifdef MBEDTLS_DEBUG_C
  constexpr int kErrors = 1;
  mbedtls_debug_set_threshold(kErrors);
  mbedtls_ssl_conf_dbg(
      config,
      [](void* self, int, const char*, int, const char* message) noexcept {
        const int alert = alert_in(message);
        if (alert != kNoAlert) static_cast<TlsWatch*>(self)->alert_ = alert;
      },
      this);
#endif
  return CURLE_OK;
}

long TlsWatch::verify_result() const {
  constexpr uint32_t kTimes = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
  if (faults_ == 0) return 0;
  // A time is the reason only where nothing else is wrong.
  if ((faults_ & ~kTimes) == MBEDTLS_X509_BADCERT_CN_MISMATCH) return kVerifyHostMismatch;
  if ((faults_ & ~kTimes) != 0) return kVerifyUntrusted;
  return (faults_ & MBEDTLS_X509_BADCERT_EXPIRED) != 0 ? kVerifyExpired : kVerifyNotYetValid;
}

bool TlsWatch::fits(const curl_version_info_data& version) {
  constexpr char kBackend[] = "mbedTLS/";
  return version.ssl_version != nullptr &&
         std::strncmp(version.ssl_version, kBackend, sizeof kBackend - 1) == 0;
}

#else

CURLcode TlsWatch::attach(void*) { return CURLE_OK; }
long TlsWatch::verify_result() const { return 0; }
bool TlsWatch::fits(const curl_version_info_data&) { return true; }

#endif

}  // namespace holdfast::curl
