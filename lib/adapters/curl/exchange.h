// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// One request and its answer: an easy handle, the callbacks behind it and what they have seen.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/curl/race.h"
#include "adapters/curl/request.h"
#include "adapters/curl/tls_watch.h"
#include "holdfast/ports/transport.h"
#include "holdfast/time.h"

namespace holdfast::curl {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct SlistDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
struct TlsWatchDeleter {
  void operator()(TlsWatch* watch) const { watch->release(); }
};
using Slist = std::unique_ptr<curl_slist, SlistDeleter>;

class Exchange {
 public:
  Exchange(Transfer&& transfer, Instant now);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Sets each option of the easy handle. Not ok: the exchange can't be made as it should be, and
  // must not be made otherwise.
  Status prepare(const Target& target);
  // Out of its pool and not begun: goes to another address, over a connection that is there already
  // and is the exchange's from now on.
  Status move_to(const std::string& address, int connection);

  CURL* easy() const { return easy_.get(); }
  TransferId id() const { return transfer_.id; }
  ServerIndex server() const { return transfer_.server; }

  // When it is to be ended by time_out().
  Instant deadline() const;

  // The addresses beside the first. While it runs without the first one, the exchange is in no
  // pool.
  Race& race() { return race_; }
  // libcurl couldn't connect, but another address may still be: the exchange goes on.
  bool goes_on(CURLcode code, Instant now);

  // The result, once libcurl is done with the handle, and for each way to end it before.
  TransferResult finish(CURLcode code);
  TransferResult time_out();
  TransferResult lose();  // the race
  TransferResult drop();
  TransferResult fail(Status why);

 private:
  friend class Options;
  Status set_request();
  Status set_sockets();
  Status connect_to(const std::string& address);
  Status set_headers();
  TransferResult end(TransferOutcome outcome, Status status);
  TransferOutcome outcome(CURLcode code) const;
  bool resolved() const;
  void spoil_connection();

  // What libcurl calls. noexcept: nothing may be thrown through its frames.
  size_t on_header(const char* data, size_t size) noexcept;
  size_t on_body(const char* data, size_t size) noexcept;
  size_t on_read(char* data, size_t capacity) noexcept;
  int on_request() noexcept;
  curl_socket_t on_open(const curl_sockaddr& address) noexcept;
  int on_tune(curl_socket_t fd) noexcept;
  void on_header_line(const char* data, size_t size);
  void touch();

  Transfer transfer_;
  std::unique_ptr<TlsWatch, TlsWatchDeleter> tls_watch_;  // null: nothing to watch
  std::shared_ptr<TlsFiles> files_;                       // null: none
  bool own_certificate_ = false;                          // is configured
  Easy easy_;
  Slist headers_;
  Slist connect_to_;
  Race race_;
  int handed_fd_ = -1;     // connected, to be used instead of a new socket
  int connected_fd_ = -1;  // it, once libcurl has taken it
  TransferResult result_;
  Instant started_;
  Instant last_progress_;
  uint64_t body_left_ = 0;  // of the request
  uint64_t received_ = 0;   // bytes of the answer's body
  size_t header_bytes_ = 0;
  uint32_t requests_ = 0;  // how often libcurl was about to send the request
  bool in_body_ = false;
  bool too_large_ = false;
  bool not_http_ = false;
  Status local_failure_;  // of the sink or the source
  char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace holdfast::curl
