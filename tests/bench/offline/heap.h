// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What this process has on the heap: each block is counted with the size that the allocator gave
// it. What libcurl and OpenSSL ask for is counted apart; all the rest, SQLite's included, is the
// library's and this program's, which allocates nothing between mark() and since_mark().
#pragma once

#include <cstddef>

namespace holdfast::bench::heap {

// Before the first use of libcurl or OpenSSL. False: they have been used already.
bool count_apart();

struct Use {
  size_t peak_bytes = 0;           // above what there was at mark()
  size_t tls_http_peak_bytes = 0;  // in all, of libcurl and OpenSSL
  size_t sqlite_peak_bytes = 0;    // in all; part of peak_bytes
};

void mark();
void forget_peaks();  // from now on, above the same mark
Use since_mark();

}  // namespace holdfast::bench::heap
