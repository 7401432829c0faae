// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// The connections of one server: a curl_multi of its own. libcurl has no call that closes the
// connections to one host and leaves the others; ending a multi closes exactly its own, so that a
// server's pool and its generation are one thing, and an answer from a dropped connection can't
// reach anybody. The price, for each server that was used, is two descriptors and some 2 KB.
#pragma once

#include <curl/curl.h>
#include <poll.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "adapters/curl/exchange.h"
#include "holdfast/status.h"
#include "holdfast/time.h"

namespace holdfast::curl {

class Pool {
 public:
  static Result<std::unique_ptr<Pool>> create(uint32_t idle_connections);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Status add(Exchange& exchange);
  void remove(Exchange& exchange);

  // The sockets to wait for, and the time to call on_time().
  const std::vector<pollfd>& watched() const { return watched_; }
  Instant deadline() const { return deadline_; }

  void on_ready(int fd, short events);
  void on_time();
  // The next exchange that libcurl has finished, and with what; null when there is none.
  Exchange* take_finished(CURLcode& code);

 private:
  Pool() = default;
  int on_socket(int fd, int what) noexcept;
  int on_timer(long timeout_ms) noexcept;

  CURLM* multi_ = nullptr;
  std::vector<pollfd> watched_;
  Instant deadline_ = Instant::never();
};

}  // namespace holdfast::curl
