// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/curl/verify_clock.h"

namespace holdfast::curl {
namespace {

// A half-open connection must not live for the kernel's quarter of an hour.
constexpr long kKeepAliveIdle_s = 10;
constexpr long kKeepAliveInterval_s = 3;
constexpr int kKeepAliveProbes = 3;
constexpr unsigned kUnacknowledged_ms = 10000;

// Whether libcurl was built with a store of authorities. One without would believe nobody, which
// looks like a server that can't be trusted and is a configuration that can't work.
bool has_store(CURL* easy) {
  char* file = nullptr;
  char* folder = nullptr;
  (void)curl_easy_getinfo(easy, CURLINFO_CAINFO, &file);
  (void)curl_easy_getinfo(easy, CURLINFO_CAPATH, &folder);
  return file != nullptr || folder != nullptr;
}

int close_socket(void* watch, curl_socket_t fd) noexcept {
  static_cast<TlsWatch*>(watch)->closing(fd);
  return ::close(fd);
}

}  // namespace

void tune_socket(int fd) {
  // Not protections but improvements, which some kernels lack: the exchange's own time-outs hold
  // without them.
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kKeepAliveProbes, sizeof kKeepAliveProbes);
#ifdef TCP_USER_TIMEOUT
  (void)::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledged_ms,
                     sizeof kUnacknowledged_ms);
#endif
}

Status Options::status() const {
  if (code_ == CURLE_OK) return {};
  return Status(Code::unsupported, static_cast<int32_t>(code_));
}

void set_common_options(Options& options) {
  constexpr long kBuffer_bytes = 16384;
  constexpr long kAddressStagger_ms = 250;  // RFC 8305
  options.set(CURLOPT_NOSIGNAL, 1L)
      .set_if_known(CURLOPT_PROXY, "")  // also keeps the environment's proxies out
      .set_if_known(CURLOPT_NOPROXY, "*")
      .set_if_known(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED))
      .set(CURLOPT_FOLLOWLOCATION, 0L)
      .set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L)
      .set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1))
      .set(CURLOPT_HTTP09_ALLOWED, 0L)
      .set_null(CURLOPT_ACCEPT_ENCODING)
      .set(CURLOPT_HTTP_CONTENT_DECODING, 0L)
      .set(CURLOPT_BUFFERSIZE, kBuffer_bytes)
      .set(CURLOPT_UPLOAD_BUFFERSIZE, kBuffer_bytes)
      .set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, kAddressStagger_ms)
      .set(CURLOPT_TCP_NODELAY, 1L)
      .set(CURLOPT_TCP_KEEPALIVE, 1L)
      .set(CURLOPT_TCP_KEEPIDLE, kKeepAliveIdle_s)
      .set(CURLOPT_TCP_KEEPINTVL, kKeepAliveInterval_s);
#if LIBCURL_VERSION_NUM >= 0x075700
  // Ending an exchange doesn't wait for the thread that still looks up its name.
  options.set(CURLOPT_QUICK_EXIT, 1L);
#endif
}

void set_tls_options(Options& options, CURL* easy, const Target& target) {
  const TlsConfig& tls = target.tls;
  if (target.clock != nullptr && target.clock->given() && !TlsWatch::can_watch()) {
    options.fail(CURLE_NOT_BUILT_IN);
  }
  options.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2))
      .set(CURLOPT_SSL_VERIFYPEER, 1L)
      .set(CURLOPT_SSL_VERIFYHOST, 2L)
      // Each new connection checks the certificate as it is now, not as it was when a session
      // began.
      .set(CURLOPT_SSL_SESSIONID_CACHE, 0L);

  const bool own_authorities = !tls.ca_file.empty() || !tls.ca_pem.empty();
  if (!own_authorities && !has_store(easy)) options.fail(CURLE_SSL_CACERT_BADFILE);
  if (own_authorities) {
    // Else the folder of authorities that libcurl was built with would be believed as well. A
    // backend that can't read a folder has none to believe.
    const CURLcode code = curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    if (code != CURLE_OK && code != CURLE_NOT_BUILT_IN) options.fail(code);
  }
  if (!tls.ca_file.empty()) options.set_text(CURLOPT_CAINFO, tls.ca_file);
  if (!tls.ca_pem.empty()) {
    curl_blob blob = {const_cast<char*>(tls.ca_pem.data()), tls.ca_pem.size(), CURL_BLOB_COPY};
    options.set(CURLOPT_CAINFO_BLOB, &blob);
  }
  if (!tls.pin_sha256.empty()) {
    std::string pins = "sha256//" + tls.pin_sha256;
    if (!tls.pin_next_sha256.empty()) pins += ";sha256//" + tls.pin_next_sha256;
    options.set_text(CURLOPT_PINNEDPUBLICKEY, pins);
  }
  if (!tls.client_certificate_file.empty()) {
    options.set_text(CURLOPT_SSLCERT, tls.client_certificate_file)
        .set_text(CURLOPT_SSLCERTTYPE, "PEM")
        .set_text(CURLOPT_SSLKEY, tls.client_key_file)
        .set_text(CURLOPT_SSLKEYTYPE, "PEM")
        // A key that has one after all is refused; OpenSSL would ask for it on the terminal.
        .set_text(CURLOPT_KEYPASSWD, "");
  }
}

void set_tls_watch(Options& options, TlsWatch* watch) {
  curl_ssl_ctx_callback on_config = [](CURL* easy, void* tls_config, void* self) noexcept {
    return static_cast<TlsWatch*>(self)->attach(easy, tls_config);
  };
  options.set(CURLOPT_SSL_CTX_FUNCTION, on_config)
      .set(CURLOPT_SSL_CTX_DATA, watch)
      .set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket)
      .set(CURLOPT_CLOSESOCKETDATA, watch);
}

}  // namespace holdfast::curl
