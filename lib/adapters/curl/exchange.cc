// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/exchange.h"

#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "adapters/curl/clock.h"
#include "adapters/curl/options.h"
#include "adapters/curl/outcome.h"

namespace holdfast::curl {
namespace {

bool append(Slist& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) return false;
  (void)list.release();
  list.reset(grown);
  return true;
}

bool is_header(const std::string& name, const char* wanted) {
  return ::strcasecmp(name.c_str(), wanted) == 0;
}

bool has_header(const Headers& headers, const char* name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return is_header(header.first, name); });
}

}  // namespace

Exchange::Exchange(Transfer&& transfer, Instant now)
    : transfer_(std::move(transfer)), started_(now), last_progress_(now) {
  result_.id = transfer_.id;
  body_left_ =
      transfer_.body_source != nullptr ? transfer_.body_source->size() : transfer_.body.size();
}

Exchange::~Exchange() {
  if (handed_fd_ >= 0) (void)::close(handed_fd_);
  if (transfer_.body_is_secret) wipe(transfer_.body);
  for (auto& header : transfer_.headers) wipe(header.second);  // tokens, receipts
  wipe(result_.body);
}

Status Exchange::prepare(const Target& target) {
  easy_.reset(curl_easy_init());
  if (!easy_) return Code::io_error;
  Options options(easy_.get());
  options.set(CURLOPT_ERRORBUFFER, error_text_).set(CURLOPT_PRIVATE, this);
  set_common_options(options);
  const bool probe = transfer_.connect_only;
  if (target.https && !probe) {
    set_tls_options(options, easy_.get(), target);
    files_ = target.files;
    own_certificate_ = !target.tls.client_certificate_file.empty();
    if (TlsWatch::can_watch()) {
      tls_watch_.reset(TlsWatch::create(target.clock));
      if (!tls_watch_) return Code::io_error;
      set_tls_watch(options, tls_watch_.get());
    }
  }
  options.set_text(CURLOPT_PROTOCOLS_STR, target.https && !probe ? "https" : "http")
      .set_text(CURLOPT_URL, probe ? target.probe_url : target.base_url + transfer_.url)
      .set(CURLOPT_CONNECTTIMEOUT_MS,
           static_cast<long>(std::max<int64_t>(1, transfer_.timeout.ms())))
      .set(CURLOPT_CONNECT_ONLY, probe ? 1L : 0L);
  if (transfer_.fresh_connection || probe || transfer_.server == kNoServer) {
    options.set(CURLOPT_FRESH_CONNECT, 1L)
        .set(CURLOPT_FORBID_REUSE, 1L)
        .set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  }
  if (!options.status().ok()) return options.status();
  const std::vector<std::string>& addresses = transfer_.addresses;
  if (!addresses.empty()) {
    const Status connected = connect_to(addresses.front());
    if (!connected.ok()) return connected;
    race_.set(addresses, target.port);
  }
  const Status sockets = set_sockets();
  return sockets.ok() ? set_request() : sockets;
}

Status Exchange::connect_to(const std::string& address) {
  const bool v6 = address.find(':') != std::string::npos;
  // Empty host and port stand for all. The name still is what the certificate is checked against.
  Slist list;
  if (!append(list, "::" + (v6 ? "[" + address + "]" : address) + ":")) return Code::io_error;
  const Status set = Options(easy_.get()).set(CURLOPT_CONNECT_TO, list.get()).status();
  connect_to_ = std::move(list);  // libcurl reads it where it is
  return set;
}

Status Exchange::move_to(const std::string& address, int connection) {
  if (handed_fd_ >= 0) (void)::close(handed_fd_);
  handed_fd_ = connection;
  return connect_to(address);
}

Status Exchange::set_sockets() {
  curl_opensocket_callback open = [](void* self, curlsocktype, curl_sockaddr* address) noexcept {
    return static_cast<Exchange*>(self)->on_open(*address);
  };
  curl_sockopt_callback tune = [](void* self, curl_socket_t fd, curlsocktype) noexcept {
    return static_cast<Exchange*>(self)->on_tune(fd);
  };
  return Options(easy_.get())
      .set(CURLOPT_OPENSOCKETFUNCTION, open)
      .set(CURLOPT_OPENSOCKETDATA, this)
      .set(CURLOPT_SOCKOPTFUNCTION, tune)
      .set(CURLOPT_SOCKOPTDATA, this)
      .status();
}

curl_socket_t Exchange::on_open(const curl_sockaddr& address) noexcept {
  if (files_) {
    local_failure_ = files_->check();
    if (!local_failure_.ok()) return CURL_SOCKET_BAD;
  }
  if (handed_fd_ >= 0) {
    connected_fd_ = handed_fd_;
    handed_fd_ = -1;
    if (tls_watch_) tls_watch_->hold(connected_fd_);
    return connected_fd_;
  }
  connected_fd_ = -1;
  // Close-on-exec from the start: a host that runs programs must not hand them our connections.
  const int fd = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  if (tls_watch_) tls_watch_->hold(fd);
  race_.begun(fd, steady_now());
  return fd;
}

int Exchange::on_tune(curl_socket_t fd) noexcept {
  tune_socket(fd);
  return fd == connected_fd_ ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

Status Exchange::set_request() {
  Options options(easy_.get());
  curl_prereq_callback on_prereq = [](void* self, char*, char*, int, int) noexcept {
    return static_cast<Exchange*>(self)->on_request();
  };
  curl_write_callback on_write = [](char* data, size_t, size_t size, void* self) noexcept {
    return static_cast<Exchange*>(self)->on_body(data, size);
  };
  curl_write_callback on_head = [](char* data, size_t size, size_t count, void* self) noexcept {
    return static_cast<Exchange*>(self)->on_header(data, size * count);
  };
  curl_read_callback on_source = [](char* data, size_t size, size_t count, void* self) noexcept {
    return static_cast<Exchange*>(self)->on_read(data, size * count);
  };
  options.set(CURLOPT_PREREQFUNCTION, on_prereq)
      .set(CURLOPT_PREREQDATA, this)
      .set(CURLOPT_WRITEFUNCTION, on_write)
      .set(CURLOPT_WRITEDATA, this)
      .set(CURLOPT_HEADERFUNCTION, on_head)
      .set(CURLOPT_HEADERDATA, this)
      .set(CURLOPT_READFUNCTION, on_source)
      .set(CURLOPT_READDATA, this);

  const std::string& method = transfer_.method;
  const bool sends_body =
      body_left_ > 0 || method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    options.set(CURLOPT_NOBODY, 1L);
  } else if (sends_body) {
    options.set(CURLOPT_POST, 1L)
        .set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_left_))
        .set_text(CURLOPT_CUSTOMREQUEST, method);
  } else {
    options.set(CURLOPT_HTTPGET, 1L).set_text(CURLOPT_CUSTOMREQUEST, method);
  }
  if (!options.status().ok()) return options.status();
  return set_headers();
}

Status Exchange::set_headers() {
  bool whole = append(headers_, "Expect:");  // no round trip to ask for leave to send the body
  if (!has_header(transfer_.headers, "content-type")) {
    whole = whole && append(headers_, "Content-Type:");  // libcurl would call each body a form
  }
  for (const auto& [name, value] : transfer_.headers) {
    // "Name;" is libcurl's way to send a header without value; "Name:" would remove it.
    std::string line = value.empty() ? name + ";" : name + ": " + value;
    whole = whole && append(headers_, line);
    wipe(line);  // it may have been a token
  }
  if (!whole) return Code::io_error;
  return Options(easy_.get()).set(CURLOPT_HTTPHEADER, headers_.get()).status();
}

Instant Exchange::deadline() const {
  const Instant whole = started_ + transfer_.timeout;
  if (transfer_.idle_timeout.us <= 0) return whole;
  return earlier(whole, last_progress_ + transfer_.idle_timeout);
}

bool Exchange::resolved() const {
  curl_off_t resolved_us = 0;
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
  return resolved_us > 0 || requests_ > 0 || !transfer_.addresses.empty();
}

TransferOutcome Exchange::outcome(CURLcode code) const {
  Ending ending;
  ending.code = static_cast<int>(code);
  long os_errno = 0;
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_SSL_VERIFYRESULT, &ending.verify_result);
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &os_errno);
  ending.os_errno = static_cast<int>(os_errno);
  ending.alert = alert_of(error_text_);
  ending.tls_error = tls_error_of(error_text_);
  if (tls_watch_) {
    if (TlsWatch::kJudges) ending.verify_result = tls_watch_->verify_result();
    if (tls_watch_->alert() != kNoAlert) ending.alert = tls_watch_->alert();
    // Before the request: only a client's certificate makes for a flight that a server can refuse
    // half-way. After it: only a server that asked for one, or it may just have gone.
    const bool asked = TlsWatch::kJudges ? own_certificate_ : tls_watch_->certificate_asked();
    if (ending.alert == kNoAlert && header_bytes_ == 0 && (requests_ == 0 || asked) &&
        tls_watch_->alert_unread()) {
      ending.alert = kAlertUnread;
    }
  }
  ending.resolved = resolved();
  ending.connected = requests_ > 0;
  return outcome_of(ending);
}

// libcurl 7.88 keeps a connection on which the request couldn't be sent, takes words that are left
// there for a sign of life, and gives it to the next request.
void Exchange::spoil_connection() {
  curl_socket_t fd = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
      fd == CURL_SOCKET_BAD) {
    return;
  }
  (void)::shutdown(fd, SHUT_RDWR);
  char last_words[1024];
  for (int i = 0; i < 64 && ::recv(fd, last_words, sizeof last_words, MSG_DONTWAIT) > 0;) ++i;
}

TransferResult Exchange::finish(CURLcode code) {
  if (too_large_) return end(TransferOutcome::too_large, Code::corrupt);
  if (not_http_) return end(TransferOutcome::refused, Code::unavailable);
  if (!local_failure_.ok()) {
    if (files_) result_.culprit = files_->culprit();
    return end(TransferOutcome::misconfigured, local_failure_);
  }
  TransferOutcome ended = outcome(code);
  if (code == CURLE_SEND_ERROR) spoil_connection();
  long http_status = 0;
  (void)curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &http_status);
  if (ended == TransferOutcome::answered && !transfer_.connect_only) {
    if (http_status >= 200 && http_status <= 999) {
      result_.http_status = static_cast<int>(http_status);
    } else {
      ended = TransferOutcome::refused;  // only interim answers, or none
    }
  }
  return end(ended, Status(code_of(ended), static_cast<int32_t>(code)));
}

bool Exchange::goes_on(CURLcode code, Instant now) {
  return local_failure_.ok() && code == CURLE_COULDNT_CONNECT &&
         race_.first_failed(outcome(code), now);
}

TransferResult Exchange::lose() {
  const TransferOutcome how = race_.how_lost();
  return end(how, Status(code_of(how), CURLE_COULDNT_CONNECT));
}

TransferResult Exchange::time_out() {
  const TransferOutcome ended =
      resolved() ? TransferOutcome::timed_out : TransferOutcome::name_unavailable;
  return end(ended, Status(code_of(ended), CURLE_OPERATION_TIMEDOUT));
}

TransferResult Exchange::drop() { return end(TransferOutcome::refused, Code::unavailable); }

TransferResult Exchange::fail(Status why) { return end(TransferOutcome::misconfigured, why); }

TransferResult Exchange::end(TransferOutcome outcome, Status status) {
  result_.outcome = outcome;
  result_.status = status;
  result_.sent = requests_ > 0;
  if (outcome != TransferOutcome::answered) {
    result_.headers.clear();
    wipe(result_.body);
  }
  char* address = nullptr;
  const bool connected = requests_ > 0 || outcome == TransferOutcome::answered;
  if (connected && easy_ &&
      curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &address) == CURLE_OK &&
      address != nullptr) {
    result_.address = address;
  }
  return std::move(result_);
}

}  // namespace holdfast::curl
