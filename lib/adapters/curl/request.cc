// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/request.h"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace holdfast::curl {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

// An absent part is an empty string.
std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

bool has_part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  const bool there = curl_url_get(url, which, &text, 0) == CURLUE_OK;
  curl_free(text);
  return there;
}

bool is_visible_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_pin(const std::string& pin) {
  constexpr size_t kBase64OfSha256 = 44;
  if (pin.size() != kBase64OfSha256 || pin.back() != '=') return false;
  return std::all_of(pin.begin(), pin.end() - 1, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  });
}

bool is_usable(const TlsConfig& tls) {
  if (!tls.ca_file.empty() && !tls.ca_pem.empty()) return false;
  if (!tls.pin_sha256.empty() && !is_pin(tls.pin_sha256)) return false;
  if (!tls.pin_next_sha256.empty() && (tls.pin_sha256.empty() || !is_pin(tls.pin_next_sha256))) {
    return false;
  }
  return tls.client_certificate_file.empty() == tls.client_key_file.empty();
}

bool is_token(const std::string& text) {
  static const char kOther[] = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr(kOther, c) != nullptr);
  });
}

bool is_field_value(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

// Where a message ends, which host it is for and how it is packed is the transport's to say.
bool is_framing(const std::string& name) {
  static const char* const kNames[] = {
      "Accept-Encoding",   "Connection", "Content-Length", "Expect", "Host", "TE",
      "Transfer-Encoding", "Upgrade"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const char* framing) { return ::strcasecmp(name.c_str(), framing) == 0; });
}

bool is_method(const std::string& method) {
  constexpr size_t kLongest = 16;
  return !method.empty() && method.size() <= kLongest && method != "CONNECT" &&
         std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// An http(s) URL with a host, and without user and fragment.
Result<Url> parse(const std::string& url) {
  if (!is_visible_ascii(url)) return failure(Code::invalid_argument);
  Url parsed(curl_url());
  if (!parsed) return failure(Code::io_error);
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
  if (code != CURLUE_OK) return failure(Code::invalid_argument, static_cast<int32_t>(code));
  const std::string scheme = part(parsed.get(), CURLUPART_SCHEME);
  const bool right =
      (scheme == "http" || scheme == "https") && has_part(parsed.get(), CURLUPART_HOST) &&
      !has_part(parsed.get(), CURLUPART_USER) && !has_part(parsed.get(), CURLUPART_PASSWORD) &&
      !has_part(parsed.get(), CURLUPART_FRAGMENT);
  if (!right) return failure(Code::invalid_argument);
  return parsed;
}

Target origin(CURLU* url) {
  const std::string scheme = part(url, CURLUPART_SCHEME);
  const std::string port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const std::string authority = part(url, CURLUPART_HOST) + ":" + port;
  Target target;
  target.port = static_cast<uint16_t>(std::strtoul(port.c_str(), nullptr, 10));
  target.https = scheme == "https";
  target.base_url = scheme + "://" + authority;
  target.probe_url = "http://" + authority + "/";
  return target;
}

}  // namespace

Result<Target> parse_target(const std::string& url, const TlsConfig& tls) {
  if (!is_usable(tls)) return failure(Code::invalid_argument);
  Result<Url> parsed = parse(url);
  if (!parsed) return failure(parsed.error());
  CURLU* handle = parsed->get();
  if (has_part(handle, CURLUPART_QUERY)) return failure(Code::invalid_argument);

  Target target = origin(handle);
  target.base_url += part(handle, CURLUPART_PATH);
  while (target.base_url.back() == '/') target.base_url.pop_back();
  target.tls = tls;
  if (target.https) target.files = std::make_shared<TlsFiles>(tls);
  return target;
}

Result<Target> parse_whole_url(const std::string& url) {
  Result<Url> parsed = parse(url);
  if (!parsed) return failure(parsed.error());
  Target target = origin(parsed->get());
  target.base_url.clear();
  return target;
}

bool is_safe_method(const std::string& method) { return method == "GET" || method == "HEAD"; }

Status check_request(const Transfer& transfer) {
  const bool has_body = transfer.body_source != nullptr || !transfer.body.empty();
  if (!is_method(transfer.method) || (has_body && is_safe_method(transfer.method))) {
    return Code::invalid_argument;
  }
  if (transfer.body_source != nullptr && !transfer.body.empty()) return Code::invalid_argument;
  if (!is_visible_ascii(transfer.url) || transfer.url.find('#') != std::string::npos) {
    return Code::invalid_argument;
  }
  const bool whole = transfer.server == kNoServer;
  if (!whole && !transfer.connect_only && (transfer.url.empty() || transfer.url.front() != '/')) {
    return Code::invalid_argument;
  }
  for (const auto& [name, value] : transfer.headers) {
    if (!is_token(name) || !is_field_value(value) || is_framing(name))
      return Code::invalid_argument;
  }
  return {};
}

}  // namespace holdfast::curl
