// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Counts the time that libcurl spends in OpenSSL's handshakes.
#pragma once

#include <cstdint>

namespace holdfast::bench {

// Since the program's start; 0 for ever when libcurl's TLS isn't OpenSSL.
int64_t handshake_us();

}  // namespace holdfast::bench
