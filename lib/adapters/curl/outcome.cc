// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/outcome.h"

#include <curl/curl.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace holdfast::curl {
namespace {

// TLS alerts, RFC 8446 section 6.
constexpr int kAlertBadCertificate = 42;
constexpr int kAlertCertificateExpired = 45;
constexpr int kAlertCertificateUnknown = 46;
constexpr int kAlertUnknownCa = 48;
constexpr int kAlertAccessDenied = 49;
constexpr int kAlertProtocolVersion = 70;
constexpr int kAlertCertificateRequired = 116;

// Errors of mbedTLS, the same in 2.28 and 3.x.
constexpr int kTlsNoMemory = -0x7f00;
constexpr int kTlsInvalidMac = -0x7180;
constexpr int kTlsInvalidRecord = -0x7200;
constexpr int kTlsEndOfFile = -0x7280;
constexpr int kTlsDecodeError = -0x7300;
constexpr int kTlsUnexpectedMessage = -0x7700;
constexpr int kTlsFatalAlert = -0x7780;
constexpr int kTlsCloseNotify = -0x7880;
constexpr int kLowestNetError = -0x52;  // sockets: a connection that broke

constexpr int kTooLarge = 100;  // CURLE_TOO_LARGE, since 8.6

// An alert about a certificate can only mean ours: the server's is judged here, not there.
bool is_about_own_certificate(int alert) {
  return (alert >= kAlertBadCertificate && alert <= kAlertCertificateUnknown) ||
         alert == kAlertUnknownCa || alert == kAlertAccessDenied ||
         alert == kAlertCertificateRequired || alert == kAlertUnread;
}

TransferOutcome connect_failure(int os_errno) {
  switch (os_errno) {
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EACCES:  // a packet filter of this device
    case EPERM:
    case EMFILE:  // no descriptor left: not the server's fault either
    case ENFILE:
      return TransferOutcome::unreachable;
    case ETIMEDOUT:
      return TransferOutcome::timed_out;
    default:
      // EHOSTUNREACH is here on purpose: with a route in place it says that the last hop doesn't
      // find the host.
      return TransferOutcome::refused;
  }
}

// What mbedTLS gives up for. Only what a cut or foreign connection looks like is the server being
// down; everything else has to do with who it is, or can't be told from that, and is not trusted.
TransferOutcome broken_by_mbedtls(const Ending& ending) {
  if (ending.tls_error >= kLowestNetError) {
    return ending.os_errno == ETIMEDOUT ? TransferOutcome::timed_out : TransferOutcome::refused;
  }
  switch (ending.tls_error) {
    case kTlsInvalidMac:
    case kTlsInvalidRecord:
    case kTlsEndOfFile:
    case kTlsDecodeError:
    case kTlsUnexpectedMessage:
    case kTlsCloseNotify:
      return TransferOutcome::refused;
    case kTlsNoMemory:
      return TransferOutcome::unreachable;
    case kTlsFatalAlert:
      // With a number it is none that says who is to blame, as with other libraries: the handshake
      // failed. Without a number it may have been any of those, too.
      return ending.alert == kNoAlert ? TransferOutcome::tls_untrusted : TransferOutcome::refused;
    default:
      return TransferOutcome::tls_untrusted;
  }
}

// A connection that was there and broke.
TransferOutcome broken(const Ending& ending) {
  if (is_about_own_certificate(ending.alert)) return TransferOutcome::own_certificate;
  if (ending.alert == kAlertProtocolVersion) return TransferOutcome::tls_untrusted;
  if (ending.tls_error != 0) return broken_by_mbedtls(ending);
  if (ending.os_errno == ETIMEDOUT)
    return TransferOutcome::timed_out;  // TCP_USER_TIMEOUT, keep-alive
  return TransferOutcome::refused;
}

TransferOutcome bad_certificate(const Ending& ending) {
  if (ending.verify_result <= 1 && is_about_own_certificate(ending.alert)) {
    return TransferOutcome::own_certificate;
  }
  if (ending.verify_result == kVerifyNotYetValid) return TransferOutcome::tls_not_yet_valid;
  return TransferOutcome::tls_untrusted;
}

}  // namespace

TransferOutcome outcome_of(const Ending& ending) {
  switch (ending.code) {
    case CURLE_OK:
      return TransferOutcome::answered;
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransferOutcome::name_unavailable;
    case CURLE_COULDNT_CONNECT:
      return connect_failure(ending.os_errno);
    case CURLE_OPERATION_TIMEDOUT:
      return ending.resolved ? TransferOutcome::timed_out : TransferOutcome::name_unavailable;
    case CURLE_PEER_FAILED_VERIFICATION:
      return bad_certificate(ending);
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
      return TransferOutcome::tls_untrusted;
    case CURLE_SSL_CLIENTCERT:
      return TransferOutcome::own_certificate;
    case CURLE_OUT_OF_MEMORY:
      // On a connection this is libcurl's own limit of a header line, 100 KB, or as little memory
      // as that.
      return ending.connected ? TransferOutcome::too_large : TransferOutcome::unreachable;
    case kTooLarge:
    case CURLE_FILESIZE_EXCEEDED:
      return TransferOutcome::too_large;
    case CURLE_UNSUPPORTED_PROTOCOL:
      // Before a connection the URL is wrong; on one, what answers doesn't speak HTTP/1.
      return ending.connected ? TransferOutcome::refused : TransferOutcome::misconfigured;
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_SETOPT_OPTION_SYNTAX:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
      return TransferOutcome::misconfigured;
    default:
      return broken(ending);
  }
}

int alert_of(const char* error_text) {
  // OpenSSL numbers the reason of a received alert 1000 + alert; the reason is the code's lower 23
  // bits.
  constexpr unsigned long kReasonMask = 0x7fffff;
  constexpr unsigned long kAlertBase = 1000;
  const char* at = std::strstr(error_text, "error:");
  if (at != nullptr) {
    const unsigned long reason =
        std::strtoul(at + std::strlen("error:"), nullptr, 16) & kReasonMask;
    if (reason >= kAlertBase && reason <= kAlertBase + 255)
      return static_cast<int>(reason - kAlertBase);
    constexpr unsigned long kUnsupportedProtocol = 258;  // the same verdict, reached on this side
    return reason == kUnsupportedProtocol ? kAlertProtocolVersion : kNoAlert;
  }
  // libcurl folds "certificate expired", said by the server about ours, into its own verification
  // error, and then uses this text only when the server's certificate was found good.
  if (std::strcmp(error_text, "SSL certificate verification failed") == 0) {
    return kAlertCertificateExpired;
  }
  return kNoAlert;
}

int tls_error_of(const char* error_text) {
  constexpr char kBefore[] = "(-0x";
  constexpr int kHexadecimal = 16;
  constexpr long kLargest = 0xffff;
  const char* at = std::strstr(error_text, kBefore);
  if (at == nullptr) return 0;
  const long number = std::strtol(at + sizeof kBefore - 1, nullptr, kHexadecimal);
  return number > 0 && number <= kLargest ? static_cast<int>(-number) : 0;
}

Code code_of(TransferOutcome outcome) {
  switch (outcome) {
    case TransferOutcome::answered:
      return Code::ok;
    case TransferOutcome::timed_out:
      return Code::timed_out;
    case TransferOutcome::tls_untrusted:
    case TransferOutcome::tls_not_yet_valid:
    case TransferOutcome::own_certificate:
      return Code::refused;
    case TransferOutcome::too_large:
      return Code::corrupt;
    case TransferOutcome::misconfigured:
      return Code::invalid_argument;
    case TransferOutcome::refused:
    case TransferOutcome::unreachable:
    case TransferOutcome::name_not_found:
    case TransferOutcome::name_unavailable:
      return Code::unavailable;
  }
  return Code::unavailable;
}

}  // namespace holdfast::curl
