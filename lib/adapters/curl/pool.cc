// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/pool.h"

#include <algorithm>
#include <cerrno>

#include "adapters/curl/clock.h"

namespace holdfast::curl {
namespace {

Status status_of(CURLMcode code) {
  if (code == CURLM_OK) return {};
  return Status(Code::io_error, static_cast<int32_t>(code));
}

}  // namespace

Result<std::unique_ptr<Pool>> Pool::create(uint32_t idle_connections) {
  std::unique_ptr<Pool> pool(new Pool);
  errno = 0;
  pool->multi_ = curl_multi_init();
  if (pool->multi_ == nullptr) return failure(Code::io_error, errno);

  curl_socket_callback on_socket = [](CURL*, curl_socket_t fd, int what, void* self,
                                      void*) noexcept {
    return static_cast<Pool*>(self)->on_socket(fd, what);
  };
  curl_multi_timer_callback on_timer = [](CURLM*, long timeout_ms, void* self) noexcept {
    return static_cast<Pool*>(self)->on_timer(timeout_ms);
  };
  CURLMcode code = CURLM_OK;
  const auto set = [&](CURLMoption option, auto value) {
    if (code == CURLM_OK) code = curl_multi_setopt(pool->multi_, option, value);
  };
  set(CURLMOPT_SOCKETFUNCTION, on_socket);
  set(CURLMOPT_SOCKETDATA, pool.get());
  set(CURLMOPT_TIMERFUNCTION, on_timer);
  set(CURLMOPT_TIMERDATA, pool.get());
  set(CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  set(CURLMOPT_MAXCONNECTS, static_cast<long>(idle_connections));
  if (code != CURLM_OK) return failure(Code::unsupported, static_cast<int32_t>(code));
  return pool;
}

Pool::~Pool() {
  if (multi_ != nullptr) (void)curl_multi_cleanup(multi_);
}

Status Pool::add(Exchange& exchange) {
  return status_of(curl_multi_add_handle(multi_, exchange.easy()));
}

void Pool::remove(Exchange& exchange) { (void)curl_multi_remove_handle(multi_, exchange.easy()); }

int Pool::on_socket(int fd, int what) noexcept {
  const auto same = [fd](const pollfd& entry) { return entry.fd == fd; };
  auto entry = std::find_if(watched_.begin(), watched_.end(), same);
  if (what == CURL_POLL_REMOVE) {
    if (entry != watched_.end()) watched_.erase(entry);
    return 0;
  }
  if (entry == watched_.end()) entry = watched_.insert(entry, pollfd{fd, 0, 0});
  const bool in = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  const bool out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  entry->events = static_cast<short>((in ? POLLIN : 0) | (out ? POLLOUT : 0));
  return 0;
}

int Pool::on_timer(long timeout_ms) noexcept {
  deadline_ = timeout_ms < 0 ? Instant::never() : steady_now() + milliseconds(timeout_ms);
  return 0;
}

void Pool::on_ready(int fd, short events) {
  const auto same = [fd](const pollfd& entry) { return entry.fd == fd; };
  // An event before it in the same round may have closed it.
  if (std::find_if(watched_.begin(), watched_.end(), same) == watched_.end()) return;
  int what = 0;
  if ((events & (POLLIN | POLLHUP)) != 0) what |= CURL_CSELECT_IN;
  if ((events & POLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if ((events & (POLLERR | POLLNVAL)) != 0) what |= CURL_CSELECT_ERR;
  int running = 0;
  (void)curl_multi_socket_action(multi_, fd, what, &running);
}

void Pool::on_time() {
  deadline_ = Instant::never();  // libcurl sets the next one
  int running = 0;
  (void)curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

Exchange* Pool::take_finished(CURLcode& code) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* self = nullptr;
    code = message->data.result;
    if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self) != CURLE_OK) continue;
    return reinterpret_cast<Exchange*>(self);
  }
  return nullptr;
}

}  // namespace holdfast::curl
