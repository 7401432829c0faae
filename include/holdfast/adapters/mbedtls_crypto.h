// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Crypto on the PSA interface of mbedTLS, 2.28 or 3.x. An object may be used by several threads at
// once, each hash that it returned by one of them (the calls that use a key slot take turns, since
// 2.28 has no lock of its own). Deriving a key uses no slot and holds up nobody.
//
// One case differs. Where libcurl's TLS is the same mbedTLS, its handshakes use key slots too, and
// without MBEDTLS_THREADING_C, or before 3.6, nothing keeps the two apart. In such a build an
// object has to be made by the transport's thread, and only that thread may verify: on another
// verify_p256() is `unsupported`. All the rest does without slots there, on any thread.
#pragma once

#include <memory>

#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"

namespace holdfast {

// Calls psa_crypto_init() and compares known answers, in a few milliseconds. crypto_failed: the
// library can't start or computes wrongly; the number is its psa_status_t. Nothing is undone at the
// end: PSA is the process's, and may have other users. Prefers AES-256-GCM where mbedTLS uses AES
// instructions of the processor, else ChaCha20-Poly1305. A build of mbedTLS may leave out one of
// the two; then that suite is `unsupported`.
Result<std::unique_ptr<Crypto>> mbedtls_crypto();

}  // namespace holdfast
