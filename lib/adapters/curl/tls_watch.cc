// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/tls_watch.h"

#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "adapters/curl/verify_clock.h"

#ifdef HOLDFAST_CURL_MBEDTLS
#include <mbedtls/debug.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#ifndef MBEDTLS_HAVE_TIME_DATE
#error "This mbedTLS takes expired certificates: build it with MBEDTLS_HAVE_TIME_DATE"
#endif
#elif defined(HOLDFAST_CURL_OPENSSL)
#include <openssl/ssl.h>
#endif

namespace holdfast::curl {

namespace {

// A reset ends the sending and leaves what came before it to be read. Under TLS 1.3 that looks like
// application data; 2 bytes, their type and a tag are an alert, and no answer is so short.
bool is_alert_next(int fd) {
  constexpr unsigned char kRecord[] = {0x17, 0x03, 0x03, 0x00};
  constexpr unsigned char kTag_bytes = 16;
  constexpr unsigned char kShortTag_bytes = 8;
  constexpr unsigned char kAlert_bytes = 3;
  unsigned char head[sizeof kRecord + 1] = {};
  const ssize_t got = ::recv(fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
  const unsigned char length = head[sizeof kRecord];
  return got == static_cast<ssize_t>(sizeof head) &&
         std::memcmp(head, kRecord, sizeof kRecord) == 0 &&
         (length == kAlert_bytes + kTag_bytes || length == kAlert_bytes + kShortTag_bytes);
}

}  // namespace

TlsWatch* TlsWatch::create(const VerifyClock* clock) { return new (std::nothrow) TlsWatch(clock); }

void TlsWatch::hold(int fd) {
  ++holders_;
  fd_ = fd;
}

void TlsWatch::release() {
  if (--holders_ == 0) delete this;
}

void TlsWatch::begin() {
  faults_ = 0;
  alert_ = kNoAlert;
  alert_unread_ = false;
  certificate_asked_ = false;
}

bool TlsWatch::alert_unread() {
  if (fd_ >= 0) alert_unread_ = is_alert_next(fd_);
  return alert_unread_;
}

void TlsWatch::closing(int fd) {
  if (fd == fd_) {
    (void)alert_unread();
    fd_ = -1;
  }
  release();
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

// Seconds since 1970; without time_t, which ends in 2038 on many boards.
int64_t unix_s(const mbedtls_x509_time& time) {
  constexpr int64_t kDaysOf400Years = 146097;
  constexpr int64_t kDaysTo1970 = 719468;  // from the first of March of the year 0
  const int64_t year = time.mon <= 2 ? time.year - 1 : time.year;
  const int64_t month = time.mon > 2 ? time.mon - 3 : time.mon + 9;  // since March
  const int64_t of_era = year % 400;
  const int64_t of_year = (153 * month + 2) / 5 + time.day - 1;
  const int64_t days = year / 400 * kDaysOf400Years + of_era * 365 + of_era / 4 - of_era / 100 +
                       of_year - kDaysTo1970;
  return ((days * 24 + time.hour) * 60 + time.min) * 60 + time.sec;
}

}  // namespace

uint32_t TlsWatch::judged(const void* certificate, int depth, uint32_t faults) const {
  const auto& it = *static_cast<const mbedtls_x509_crt*>(certificate);
  if (clock_ != nullptr && clock_->given()) {
    const int64_t now_s = clock_->now_s();
    faults &= ~static_cast<uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    if (now_s > unix_s(it.valid_to)) faults |= MBEDTLS_X509_BADCERT_EXPIRED;
    if (now_s < unix_s(it.valid_from)) faults |= MBEDTLS_X509_BADCERT_FUTURE;
  }
  // A common name is no name of a host (RFC 9110, 4.3.4); mbedTLS takes it where there is no other.
  if (depth == 0 && it.subject_alt_names.buf.p == nullptr) {
    faults |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
  return faults;
}

bool TlsWatch::can_watch() { return true; }

CURLcode TlsWatch::attach(CURL*, void* tls_config) {
  auto* config = static_cast<mbedtls_ssl_config*>(tls_config);
  begin();
  // In place of libcurl's callback, which would only put the faults into words.
  mbedtls_ssl_conf_verify(
      config,
      [](void* self, mbedtls_x509_crt* certificate, int depth, uint32_t* flags) noexcept {
        auto* const watch = static_cast<TlsWatch*>(self);
        *flags = watch->judged(certificate, depth, *flags);
        watch->faults_ |= *flags;
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

#ifdef HOLDFAST_CURL_OPENSSL

bool TlsWatch::can_watch() { return VerifyClock::on_openssl(); }

int TlsWatch::context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void TlsWatch::on_info(bool asked, int where, int value) {
  constexpr int kNumber = 0xff;
  if (asked) certificate_asked_ = true;
  // 0 is close_notify.
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value & kNumber) != 0) {
    alert_ = value & kNumber;
  }
}

CURLcode TlsWatch::attach(CURL* easy, void* tls_config) {
  auto* const context = static_cast<SSL_CTX*>(tls_config);
  begin();
  if (SSL_CTX_set_ex_data(context, context_index(), this) != 1) return CURLE_OUT_OF_MEMORY;
  SSL_CTX_set_info_callback(context, [](const SSL* ssl, int where, int value) {
    auto* const self =
        static_cast<TlsWatch*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
    if (self != nullptr) self->on_info(SSL_get_state(ssl) == TLS_ST_CR_CERT_REQ, where, value);
  });
  return clock_ == nullptr ? CURLE_OK : clock_->set_up(easy, tls_config);
}

#else

bool TlsWatch::can_watch() { return false; }
CURLcode TlsWatch::attach(CURL*, void*) { return CURLE_OK; }

#endif

long TlsWatch::verify_result() const { return 0; }
bool TlsWatch::fits(const curl_version_info_data&) { return true; }

#endif

}  // namespace holdfast::curl
