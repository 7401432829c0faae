// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Both suites, by PSA and a key slot, or without a slot where PSA is kept to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "holdfast/ports/crypto.h"
#include "holdfast/status.h"

namespace holdfast::mbedtls {

struct AeadInput {
  AeadSuite suite = AeadSuite::chacha20_poly1305;
  const Key256& key;
  const AeadNonce& nonce;
  const std::string& associated;
  const std::string& text;  // to seal: plain; to open: ciphertext and tag
};

// `out` has the size that the result will have: kAeadTag_bytes more, or less, than the text. What
// it holds after a failure isn't to be used. unsupported: mbedTLS was built without the suite.
Status aead_encrypt(const AeadInput& in, std::string& out);
Status aead_decrypt(const AeadInput& in, std::string& out);

// Whether mbedTLS has, and uses, this processor's AES instructions.
bool has_aes_instructions();

}  // namespace holdfast::mbedtls
