// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Published vectors, compared before anything relies on a Crypto. A millisecond or two.
#pragma once

#include "holdfast/ports/crypto.h"

namespace holdfast::mbedtls {

bool knows_hashes(Crypto& crypto);      // SHA-256, HMAC, PBKDF2
bool knows_signatures(Crypto& crypto);  // and refuses a wrong one
// ok: seals and opens as published, and refuses what was changed. unsupported: it isn't there.
Status knows_aead(Crypto& crypto, AeadSuite suite);

}  // namespace holdfast::mbedtls
