// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

namespace holdfast::curl {

// curl_global_init() with memory that is wiped when libcurl gives it back. libcurl copies requests
// and answers into buffers of its own, which would lie about on the heap with a PIN in them until
// somebody happens to write over them. Where the host has initialised libcurl before, its memory
// stays what it is.
CURLcode global_init_wiping();

}  // namespace holdfast::curl
