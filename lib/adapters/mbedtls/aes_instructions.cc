// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// AES in software is slow and its tables leak what they are asked for, through the caches.
#include <mbedtls/version.h>

#if defined(__linux__) && defined(__aarch64__) && defined(MBEDTLS_AESCE_C)
#include <sys/auxv.h>
#define HOLDFAST_ARM_AES 1
#endif
// mbedTLS wants both: its own assembler needs a compiler that speaks GNU.
#if defined(__GNUC__) && defined(__x86_64__) && defined(MBEDTLS_AESNI_C) && \
    defined(MBEDTLS_HAVE_ASM)
#define HOLDFAST_X86_AES 1
#endif

#include "adapters/mbedtls/aead.h"

namespace holdfast::mbedtls {

bool has_aes_instructions() {
#if defined(HOLDFAST_X86_AES)
  __builtin_cpu_init();
  return __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
#elif defined(HOLDFAST_ARM_AES)
  constexpr unsigned long kAes = 1ul << 3, kPmull = 1ul << 4;  // HWCAP_AES, HWCAP_PMULL
  return (::getauxval(AT_HWCAP) & (kAes | kPmull)) == (kAes | kPmull);
#else
  return false;
#endif
}

}  // namespace holdfast::mbedtls
