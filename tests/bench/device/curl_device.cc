// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What many write themselves: libcurl, a list of servers, a time-out, the next one. With one
// address in the list it is the client of a proxy.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "device.h"

namespace holdfast::bench {
namespace {

std::string random_uuid() {
  unsigned char bytes[16] = {};
  const int source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (source < 0 || read(source, bytes, sizeof bytes) != sizeof bytes) std::abort();
  close(source);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  for (int i = 0; i < 16; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits;
  }
  return text;
}

size_t collect(char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

class CurlDevice final : public Device {
 public:
  explicit CurlDevice(CurlOptions options) : options_(std::move(options)) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::string own[] = {"Authorization: Bearer " + options_.token,
                               "Holdfast-Device: " + options_.device_id, "Holdfast-Protocol: 1",
                               "Content-Type: application/json", "Expect:"};
    for (const std::string& header : own) headers_ = curl_slist_append(headers_, header.c_str());
  }
  ~CurlDevice() override {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }

  // One handle for all servers: it keeps the connection to each alive.
  bool reset() override {
    curl_easy_cleanup(easy_);
    easy_ = curl_easy_init();
    if (easy_ == nullptr) return false;
    bool set = true;
    const auto option = [&](CURLoption name, auto value) {
      set = curl_easy_setopt(easy_, name, value) == CURLE_OK && set;
    };
    option(CURLOPT_HTTPHEADER, headers_);
    option(CURLOPT_CAINFO, options_.ca_file.c_str());
    option(CURLOPT_CONNECTTIMEOUT_MS, options_.connect_ms);
    option(CURLOPT_TIMEOUT_MS, options_.total_ms);
    option(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    option(CURLOPT_NOSIGNAL, 1L);
    option(CURLOPT_PROXY, "");
    option(CURLOPT_WRITEFUNCTION, &collect);
    return set;
  }

  Login login() override {
    Login login;
    const std::string body =
        nlohmann::json{{"attempt_id", random_uuid()}, {"kind", "card"}, {"secret", kCard}}.dump();
    login.begun_us = now_us();
    for (size_t i = 0; i < options_.urls.size() && !login.granted; ++i) try_server(i, body, &login);
    login.wait_us = now_us() - login.begun_us;
    return login;
  }

  void idle_until(int64_t us) override { (void)command_waits(us); }

 private:
  void try_server(size_t index, const std::string& body, Login* login) {
    std::string answer;
    const std::string url = options_.urls[index] + "/holdfast/v1/login";
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer);
    const CURLcode code = curl_easy_perform(easy_);
    if (code != CURLE_OK) {
      login->problem = curl_easy_strerror(code);
      return;
    }
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    login->problem = "HTTP " + std::to_string(status);
    const auto json = nlohmann::json::parse(answer, nullptr, false);
    if (status != 200 || !json.is_object() || json.value("verdict", "") != "granted" ||
        json.value("/user/user_uid"_json_pointer, "") != kUser) {
      return;
    }
    login->granted = true;
    login->problem.clear();
    login->server = std::to_string(index);
    curl_header* said = nullptr;  // a proxy's word on who answered
    if (curl_easy_header(easy_, "X-Server", 0, CURLH_HEADER, -1, &said) == CURLHE_OK)
      login->server = said->value;
  }

  const CurlOptions options_;
  curl_slist* headers_ = nullptr;
  CURL* easy_ = nullptr;
};

}  // namespace

std::unique_ptr<Device> curl_device(const CurlOptions& options) {
  return std::make_unique<CurlDevice>(options);
}

}  // namespace holdfast::bench
