// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Short texts with a form of their own, inside of everything else: URLs, times, UUIDs, base64, and
// what is made printable. The first letter says which.
#include "base/base64.h"
#include "base/uuid.h"
#include "codec/time_text.h"
#include "codec/url.h"
#include "fuzz.h"

using namespace holdfast;

namespace {

void check_url(std::string_view text) {
  codec::ServerUrl url;
  if (!codec::parse_server_url(text, url)) return;
  HOLDFAST_MUST(is_visible_ascii(text) && url.port > 0 && !url.host.empty());
  HOLDFAST_MUST(url.base.empty() || (url.base[0] == '/' && url.base.back() != '/'));
  const std::string host = url.ipv6 ? "[" + url.host + "]" : url.host;
  const std::string whole =
      (url.https ? "https://" : "http://") + host + ":" + std::to_string(url.port) + url.base;
  if (whole.size() > 1024) return;  // the port made it longer than a URL may be
  codec::ServerUrl again;
  HOLDFAST_MUST(codec::parse_server_url(whole, again));
  HOLDFAST_MUST(again.host == url.host && again.port == url.port && again.base == url.base);
  HOLDFAST_MUST(again.https == url.https && again.loopback() == url.loopback());
}

void check_time(std::string_view text) {
  int64_t unix_ms = 0;
  if (!codec::parse_time(text, unix_ms)) return;
  int64_t again = -1;
  HOLDFAST_MUST(codec::parse_time(codec::format_time(unix_ms), again) && again == unix_ms);
}

void check_uuid(std::string_view text) {
  UuidBytes bytes = {};
  const bool good = uuid_parse(text, bytes);
  HOLDFAST_MUST(good == is_uuid(text));
  if (good) HOLDFAST_MUST(uuid_format(bytes) == text);
}

void check_base64(std::string_view text) {
  std::string bytes;
  if (!base64_decode(text, bytes)) return;
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  HOLDFAST_MUST(base64_encode(data, bytes.size()) == text);
}

void check_printable(std::string_view text) {
  const size_t max = text.size() / 2;
  const std::string shown = printable(text, max);
  HOLDFAST_MUST(shown.size() <= max && is_utf8(shown) && printable(shown, max) == shown);
  const std::string path = percent_encode(text);
  HOLDFAST_MUST(text.empty() || is_visible_ascii(path));
  HOLDFAST_MUST(path.find_first_of("/?#\"\\ ") == std::string::npos);
  if (is_utf8(text)) HOLDFAST_MUST(is_utf8(utf8_prefix(text, max)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::bytes_of(data, size);
  const char kind = fuzz::take_byte(rest);
  if (kind == 'u') check_url(rest);
  if (kind == 't') check_time(rest);
  if (kind == 'i') check_uuid(rest);
  if (kind == 'b') check_base64(rest);
  if (kind == 'p') check_printable(rest);
  return 0;
}
