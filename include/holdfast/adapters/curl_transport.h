// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Transport on libcurl (7.85 or later): HTTP/1.1 and TLS 1.2 or later, in the host's thread.
//
// - Nothing comes from the environment: no proxy, no .netrc, no certificate store but the
// configured one (with neither
//   ca_file nor ca_pem: the one that libcurl was built with). Two variables are read by the
//   libraries below without asking and should not be set on a device: SSLKEYLOGFILE and
//   OPENSSL_CONF.
// - A libcurl option that is missing or refuses its value fails the exchange (`misconfigured`);
// none is skipped.
// - A request other than GET and HEAD is never sent twice by itself.
// - wake() may be called from a signal handler. No call raises SIGPIPE or changes a signal's
// disposition.
// - Given a transfer's addresses, libcurl resolves nothing. Without them it does, by its own means:
//   the usual build starts a thread for each look-up, and ending such an exchange can block for
//   seconds while the name server is silent; a libcurl with neither threads nor c-ares blocks
//   poll() meanwhile. It doesn't say why a name wasn't found either: the outcome is
//   name_unavailable.
//   Numeric hosts need neither.
// - Of several addresses the next one is tried 250 ms after the one before, or as soon as that has
//   failed; the connection that is made first is the one that is used.
#pragma once

#include <cstdint>
#include <memory>

#include "holdfast/ports/transport.h"
#include "holdfast/status.h"

namespace holdfast {

struct CurlTransportOptions {
  // curl_global_init() and curl_global_cleanup() are called by the transport. Switch it off where
  // the host calls them itself: it has to when threads are running already and libcurl isn't built
  // thread-safe (CURL_VERSION_THREADSAFE). It wipes what libcurl frees (requests hold PINs); a host
  // that calls curl_global_init() itself should give it a free() that does so, too.
  bool global_init = true;
  // Connections kept open for each server while they are idle; 1..64.
  uint32_t idle_connections = 4;
  // Certificates are verified for the later of the wall clock and this moment (milliseconds since
  // 1970), which goes on while the transport lives. Give it the later of the firmware's build time
  // and the last trusted time that was stored: then a clock that says 1970 locks nobody out, and
  // one that was set back makes no expired certificate good. It must never be later than the
  // truth. 0: no floor. Needs a libcurl on OpenSSL and a library built with HOLDFAST_CURL_OPENSSL,
  // or one on mbedTLS and HOLDFAST_CURL_MBEDTLS; else unsupported.
  int64_t clock_floor_unix_ms = 0;
  // The wall clock for certificates, in milliseconds since 1970; null: the system's. Needs the
  // same. Called while connections are made, by the thread that owns the transport.
  int64_t (*wall_clock_unix_ms)() = nullptr;
};

// unsupported: this libcurl is too old, or built without HTTP or TLS, or can't do what an option
// asks for. io_error: no descriptor was left (errno).
Result<std::unique_ptr<Transport>> curl_transport(const CurlTransportOptions& options = {});

}  // namespace holdfast
