// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Who may use PSA's key slots. They belong to the process. mbedTLS guards them from 3.6 on, if it
// is built with threads. Before, two threads with a client each would meet there: our lock keeps
// them apart. It can't keep out libcurl, whose handshakes use key slots as well where its TLS is
// mbedTLS: then the calls have to come from the thread that runs the handshakes, and what the
// worker needs has to do without a slot.
#pragma once

#include <mbedtls/version.h>
#include <psa/crypto.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "holdfast/status.h"

#ifndef HOLDFAST_PSA_ONE_THREAD
#if defined(HOLDFAST_CURL_MBEDTLS) &&                                         \
    (MBEDTLS_VERSION_NUMBER < 0x03060000 || !defined(MBEDTLS_THREADING_C)) && \
    (defined(MBEDTLS_SSL_PROTO_TLS1_3) || defined(MBEDTLS_USE_PSA_CRYPTO))
#define HOLDFAST_PSA_ONE_THREAD 1
#else
#define HOLDFAST_PSA_ONE_THREAD 0
#endif
#endif

namespace holdfast::mbedtls {

constexpr bool kOneThread = HOLDFAST_PSA_ONE_THREAD != 0;

std::mutex& key_slots();

// The number is the psa_status_t, or the error of an older interface.
inline Status failed(int32_t error) { return Status(Code::crypto_failed, error); }

inline const uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
inline uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(&text[0]); }

}  // namespace holdfast::mbedtls
