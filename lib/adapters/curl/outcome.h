// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What libcurl's error means for the server, the device or its clock. Pure: a table in the form of
// code.
#pragma once

#include "holdfast/ports/transport.h"

namespace holdfast::curl {

constexpr int kNoAlert = -1;
// One came right after the device's certificate and could not be read.
constexpr int kAlertUnread = -2;

// Values of OpenSSL, X509_V_ERR_*, in which other libraries' findings are put as well.
constexpr long kVerifyNotYetValid = 9;
constexpr long kVerifyExpired = 10;
constexpr long kVerifyUntrusted = 20;
constexpr long kVerifyHostMismatch = 62;

// All that is known when an exchange has ended.
struct Ending {
  int code = 0;            // CURLcode
  long verify_result = 0;  // CURLINFO_SSL_VERIFYRESULT: an X509_V_ERR_ value; 0 and 1 say nothing
  int alert = kNoAlert;    // the TLS alert that the server sent
  int tls_error = 0;       // of mbedTLS: MBEDTLS_ERR_*, negative
  int os_errno = 0;        // CURLINFO_OS_ERRNO
  bool resolved = true;    // the name was found, or none was needed
  bool connected = false;  // a connection was there
};

TransferOutcome outcome_of(const Ending& ending);

// The TLS alert in libcurl's error text, as OpenSSL reports it ("error:0A000418:..."); kNoAlert
// when there is none.
int alert_of(const char* error_text);

// mbedTLS's error in libcurl's error text ("... (-0x7780) ..."); 0 when there is none.
int tls_error_of(const char* error_text);

// The code that goes with an outcome in TransferResult::status.
Code code_of(TransferOutcome outcome);

}  // namespace holdfast::curl
