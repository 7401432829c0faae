// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <string>
#include <type_traits>

#include "adapters/curl/request.h"
#include "adapters/curl/tls_watch.h"
#include "holdfast/status.h"

namespace holdfast::curl {

// Sets options and keeps the first error. After one, the handle must not be used.
class Options {
 public:
  explicit Options(CURL* easy) : easy_(easy) {}

  template <class T>
  Options& set(CURLoption option, T value) {
    // libcurl reads a vararg of exactly the option's type.
    static_assert(std::is_pointer_v<T> || std::is_same_v<T, long> || std::is_same_v<T, curl_off_t>,
                  "pass a long, a curl_off_t or a pointer");
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
    return *this;
  }
  // For an option that keeps a feature out: a libcurl that doesn't know it hasn't got the feature.
  template <class T>
  Options& set_if_known(CURLoption option, T value) {
    if (code_ != CURLE_OK) return *this;
    set(option, value);
    if (code_ == CURLE_UNKNOWN_OPTION || code_ == CURLE_NOT_BUILT_IN) code_ = CURLE_OK;
    return *this;
  }
  Options& set_null(CURLoption option) { return set(option, static_cast<const char*>(nullptr)); }
  Options& set_text(CURLoption option, const std::string& value) {
    return set(option, value.c_str());
  }

  // unsupported with the CURLcode.
  Status status() const;
  void fail(CURLcode code) { code_ = code; }

 private:
  CURL* easy_;
  CURLcode code_ = CURLE_OK;
};

// Time-outs of a connection, where the kernel knows them. For libcurl's sockets and for those that
// are handed to it.
void tune_socket(int fd);

// What is the same for all exchanges: nothing from the environment, nothing followed, nothing kept.
void set_common_options(Options& options);
// Lets `watch` see the handshake. Each socket that is given to libcurl has to hold it.
void set_tls_watch(Options& options, TlsWatch* watch);
// The moment to verify for, certificate authorities, pins, the device's certificate.
void set_tls_options(Options& options, CURL* easy, const Target& target);

}  // namespace holdfast::curl
