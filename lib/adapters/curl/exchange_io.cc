// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What libcurl calls while an exchange is under way: the request's bytes out, the answer's in.
#include <algorithm>
#include <cstring>
#include <utility>

#include "adapters/curl/clock.h"
#include "adapters/curl/exchange.h"

namespace holdfast::curl {
namespace {

constexpr size_t kMaxHeader_bytes =
    64 * 1024;  // of all answers to one request, 1xx and trailers included
constexpr size_t kMaxErrorBody_bytes =
    1024 * 1024;  // an error page in place of a document stays in memory

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string trimmed(const char* begin, const char* end) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (begin != end && is_blank(*begin)) ++begin;
  while (begin != end && is_blank(end[-1])) --end;
  return std::string(begin, end);
}

// "HTTP/1.1 200 OK". libcurl takes what begins with HTTP/ and goes on differently for an answer
// with status 200.
bool is_status_line(const char* line, size_t size) {
  constexpr char kForm[] = "HTTP/1.v ddd";  // v: version, d: digit
  if (size < sizeof kForm - 1) return false;
  for (size_t i = 0; i < sizeof kForm - 1; ++i) {
    const bool digit = line[i] >= '0' && line[i] <= '9';
    if (kForm[i] == 'v' ? (line[i] != '0' && line[i] != '1')
                        : (kForm[i] == 'd' ? !digit : line[i] != kForm[i])) {
      return false;
    }
  }
  return true;
}

// A number, and the same as any before it.
bool is_length(const std::string& value, const Headers& before) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !value.empty() && std::all_of(value.begin(), value.end(), is_digit) &&
         std::all_of(before.begin(), before.end(), [&](const auto& header) {
           return header.first != "content-length" || header.second == value;
         });
}

// What has been outgrown may be half a receipt.
void append_wiping(std::string& text, const char* data, size_t size) {
  if (size > text.capacity() - text.size()) {
    std::string grown;
    grown.reserve(std::max(text.size() + size, 2 * text.capacity()));
    grown = text;
    wipe(text);
    text.swap(grown);
  }
  text.append(data, size);
}

}  // namespace

void Exchange::touch() { last_progress_ = steady_now(); }

// Before each sending of the request, also a second one on a new connection. That one is refused
// where the first might have had an effect: libcurl takes a closed connection for a stale one
// whether or not the server acted.
int Exchange::on_request() noexcept {
  touch();
  if (requests_ > 0 && !is_safe_method(transfer_.method)) return CURL_PREREQFUNC_ABORT;
  ++requests_;
  return CURL_PREREQFUNC_OK;
}

size_t Exchange::on_read(char* data, size_t capacity) noexcept {
  touch();
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(capacity, body_left_));
  if (wanted == 0) return 0;
  if (transfer_.body_source == nullptr) {
    std::memcpy(data, transfer_.body.data() + (transfer_.body.size() - body_left_), wanted);
    body_left_ -= wanted;
    return wanted;
  }
  const Result<size_t> given =
      transfer_.body_source->read(reinterpret_cast<uint8_t*>(data), wanted);
  if (!given) {
    local_failure_ = given.error();
    return CURL_READFUNC_ABORT;
  }
  if (*given == 0 ||
      *given > wanted) {  // fewer bytes than size() promised: the request can't be completed
    local_failure_ = Code::corrupt;
    return CURL_READFUNC_ABORT;
  }
  body_left_ -= *given;
  return *given;
}

size_t Exchange::on_header(const char* data, size_t size) noexcept {
  touch();
  header_bytes_ += size;
  if (header_bytes_ > kMaxHeader_bytes) {
    too_large_ = true;
    return 0;
  }
  if (!in_body_) on_header_line(data, size);  // else a trailer, which means nothing to us
  return not_http_ ? 0 : size;
}

void Exchange::on_header_line(const char* data, size_t size) {
  constexpr char kStatusLine[] = "HTTP/";
  if (size >= sizeof kStatusLine - 1 &&
      std::memcmp(data, kStatusLine, sizeof kStatusLine - 1) == 0) {
    result_.headers.clear();  // those of an interim answer
    not_http_ = !is_status_line(data, size);
    return;
  }
  const char* end = data + size;
  const char* colon = std::find(data, end, ':');
  if (colon == end || colon == data) return;
  std::string name = lower(std::string(data, colon));
  std::string value = trimmed(colon + 1, end);
  // libcurl believes the last of two lengths, another receiver the first: where the answer ends,
  // and the next one begins, is anybody's guess (RFC 9110, 8.6).
  if (name == "content-length" && !is_length(value, result_.headers)) not_http_ = true;
  result_.headers.emplace_back(std::move(name), std::move(value));
}

size_t Exchange::on_body(const char* data, size_t size) noexcept {
  touch();
  in_body_ = true;
  long status = 0;
  if (curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) return 0;
  const bool to_sink = transfer_.sink != nullptr && status >= 200 && status < 300;
  size_t limit = transfer_.max_answer_bytes;
  if (transfer_.sink != nullptr && !to_sink) limit = std::min(limit, kMaxErrorBody_bytes);
  if (size > limit || received_ > limit - size) {
    too_large_ = true;
    return 0;
  }
  received_ += size;
  if (!to_sink) {
    append_wiping(result_.body, data, size);
    return size;
  }
  local_failure_ = transfer_.sink->write(reinterpret_cast<const uint8_t*>(data), size);
  return local_failure_.ok() ? size : 0;
}

}  // namespace holdfast::curl
