// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/verify_clock.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <limits>
#include <string>

#include "adapters/curl/clock.h"
#include "adapters/curl/tls_watch.h"

#ifdef HOLDFAST_CURL_OPENSSL
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#endif

namespace holdfast::curl {
namespace {

int64_t system_clock_unix_ms() {
  timespec now = {};
  (void)::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

#ifdef HOLDFAST_CURL_OPENSSL

// The host that the certificate is to be for, as OpenSSL wants it: an address without brackets, a
// name without the root's dot. Empty when it can't be told.
std::string host_of(CURL* easy) {
  const char* url = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == nullptr)
    return {};
  CURLU* const parsed = curl_url();
  char* text = nullptr;
  std::string host;
  if (parsed != nullptr && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
      curl_url_get(parsed, CURLUPART_HOST, &text, 0) == CURLUE_OK) {
    host = text;
  }
  curl_free(text);
  curl_url_cleanup(parsed);
  if (!host.empty() && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (!host.empty() && host.back() == '.') host.pop_back();
  return host;
}

// libcurl takes a common name for an alternative name where there is none, also for an address.
// OpenSSL's own check, which runs besides, doesn't (RFC 9110, 4.3.4).
bool require_alternative_name(X509_VERIFY_PARAM* parameters, const std::string& host) {
  if (host.empty()) return false;
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return true;
  return X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1;
}

#endif

}  // namespace

VerifyClock::VerifyClock(const CurlTransportOptions& options)
    : floor_unix_ms_(options.clock_floor_unix_ms),
      wall_clock_unix_ms_(options.wall_clock_unix_ms),
      since_(steady_now()) {}

Status VerifyClock::check() const {
  constexpr int64_t kEndOf9999_ms = 253402300799999;
  if (floor_unix_ms_ < 0 || floor_unix_ms_ > kEndOf9999_ms) return Code::invalid_argument;
  if (given() && !on_openssl() && !TlsWatch::kJudges) return Code::unsupported;
  return {};
}

int64_t VerifyClock::now_s() const {
  const int64_t wall_ms =
      wall_clock_unix_ms_ != nullptr ? wall_clock_unix_ms_() : system_clock_unix_ms();
  const int64_t least_ms = floor_unix_ms_ + (steady_now() - since_).ms();
  return std::max(wall_ms, least_ms) / 1000;
}

#ifdef HOLDFAST_CURL_OPENSSL

bool VerifyClock::on_openssl() {
  const char* tls = curl_version_info(CURLVERSION_NOW)->ssl_version;
  return tls != nullptr && std::strncmp(tls, "OpenSSL/", 8) == 0;
}

CURLcode VerifyClock::set_up(CURL* easy, void* context) const {
  X509_VERIFY_PARAM* const parameters = SSL_CTX_get0_param(static_cast<SSL_CTX*>(context));
  if (parameters == nullptr || !require_alternative_name(parameters, host_of(easy))) {
    return CURLE_SSL_ENGINE_INITFAILED;
  }
#ifdef SSL_OP_CLEANSE_PLAINTEXT
  SSL_CTX_set_options(static_cast<SSL_CTX*>(context), SSL_OP_CLEANSE_PLAINTEXT);  // receipts
#endif
  if (given()) {
    const int64_t at_s = std::min<int64_t>(now_s(), std::numeric_limits<time_t>::max());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(at_s));
  }
  return CURLE_OK;
}

#else

bool VerifyClock::on_openssl() { return false; }
CURLcode VerifyClock::set_up(CURL*, void*) const { return CURLE_OK; }

#endif

}  // namespace holdfast::curl
