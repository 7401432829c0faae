// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Crypto on the PSA interface of mbedTLS, 2.28 or 3.x. Each object is used by one thread at a time;
// different objects may be used by different threads (the calls that use a key slot take turns,
// since 2.28 has no lock of its own).
//
// One case differs. Where libcurl's TLS is the same mbedTLS, its handshakes use key slots too, and
// without MBEDTLS_THREADING_C, or before 3.6, nothing keeps the two apart. In such a build an
// object works only on the thread that made it, which has to be the transport's; on another
// verify_p256() is `unsupported`.
#pragma once

#include <memory>

#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"

namespace holdfast {

// Calls psa_crypto_init() and compares known answers. crypto_failed: the library can't start or
// computes wrongly; the number is its psa_status_t. Nothing is undone at the end: PSA is the
// process's, and may have other users.
Result<std::unique_ptr<Crypto>> mbedtls_crypto();

}  // namespace holdfast
