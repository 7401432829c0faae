// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Port: exchanges one request with one server. Decides nothing: which server, when, how often and
// what an answer means is the core's business. One thread owns it; only wake() may come from
// another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/config.h"
#include "holdfast/ports/wait.h"
#include "holdfast/status.h"
#include "holdfast/types.h"

namespace holdfast {

// How an exchange ended, before anybody has read the body.
enum class TransferOutcome : uint8_t {
  answered,           // an HTTP answer (or, for a tcp probe, a connection) came; see http_status
  refused,            // connection refused or reset, or closed before a whole answer
  timed_out,          // nothing, or not the whole answer, in the time given
  unreachable,        // this device has no route or no network for that address
  name_not_found,     // the resolver says that the name doesn't exist (NXDOMAIN)
  name_unavailable,   // the resolver failed or was silent; says nothing of the server
  tls_untrusted,      // certificate, name or pin don't hold
  tls_not_yet_valid,  // the certificate's time is still to come: most likely this device's clock
  own_certificate,    // the server refused this device's client certificate
  too_large,          // more bytes than the limit; cut off
  misconfigured,      // a local file, option or URL is unusable; see `status`
};
const char* to_string(TransferOutcome outcome);

// Receives a document while it arrives, on the owner's thread. A status that isn't ok ends the
// transfer.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Status write(const uint8_t* data, size_t size) = 0;
};

// Gives a request's body while it is sent, on the owner's thread. `read` returns the bytes given, 0
// at the end.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual uint64_t size() const = 0;
  virtual Result<size_t> read(uint8_t* data, size_t capacity) = 0;
};

using TransferId = uint32_t;

struct Transfer {
  TransferId id = 0;  // the caller's; unique among the transfers under way
  // A server that was set; kNoServer: `url` is whole and no pool is kept
  ServerIndex server = kNoServer;
  std::string method = "GET";
  std::string url;  // a path with query, beginning with '/', for a server; else a whole http(s) URL
  Headers headers;  // names and values are checked for CR, LF and NUL: invalid_argument
  std::string body;  // small bodies; wiped by the transport when `body_is_secret`
  bool body_is_secret = false;
  BodySource* body_source = nullptr;  // instead of `body`; borrowed until the result was taken
  BodySink* sink = nullptr;  // a 2xx body goes here instead of into the result; borrowed likewise
  // Counted as received; applies to the collected body and to the sink alike
  size_t max_answer_bytes = 1 << 20;
  Duration timeout = seconds(5);  // for the whole exchange
  Duration idle_timeout = {0};    // if > 0: ends when no byte moved for so long
  bool fresh_connection = false;  // don't reuse a pooled connection, don't leave one behind
  bool connect_only = false;      // a tcp probe: connect (and no TLS), then close
  // Numeric, in the order in which they are to be tried, each 250 ms after the one before or as
  // soon as that has failed (RFC 8305); IPv6 without brackets. The URL's name stays what
  // certificates and the Host header are about. Empty: the transport resolves the name.
  std::vector<std::string> addresses;
};

struct TransferResult {
  TransferId id = 0;
  TransferOutcome outcome = TransferOutcome::refused;
  int http_status = 0;  // 0 unless answered
  Headers headers;      // of the final answer, names in lower case
  std::string body;     // when there was no sink, or the status isn't 2xx
  bool sent = true;     // false: certainly no byte of the request left this device
  std::string address;  // the peer's numeric address where there was a connection
  Status status;        // evidence (CURLcode, errno) for logs
  std::string culprit;  // misconfigured: the local file that can't be used, for logs
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Sets or replaces what `server` is. Existing connections of that server are closed when anything
  // changed. On error everything stays as it was.
  virtual Status set_server(ServerIndex server, const ServerConfig& config,
                            const TlsConfig& tls) = 0;
  virtual void remove_server(ServerIndex server) = 0;

  // Starts an exchange; never blocks on the network. After ok exactly one result follows unless it
  // is cancelled.
  virtual Status start(Transfer&& transfer) = 0;
  // Ends it without a result. Unknown ids are ignored.
  virtual void cancel(TransferId id) = 0;
  // Closes each pooled connection of that server; transfers under way on it end as `refused`.
  virtual void drop_pool(ServerIndex server) = 0;

  // Moves bytes without blocking. Call when wait() returned or when something was started.
  virtual void poll() = 0;
  // The next finished exchange, in the order of their ends.
  virtual bool take(TransferResult& result) = 0;

  // Sleeps until a socket is ready, wake() is called or `limit` has passed, whichever is first.
  virtual void wait(Duration limit) = 0;
  // The same, and ends also when one of the `count` descriptors of other ports is ready. A
  // transport that can't watch foreign descriptors leaves this as it is: then it comes back so
  // often that their owners are asked in time.
  virtual void wait_also(Duration limit, const WaitOn* also, size_t count) {
    (void)also;
    wait(count == 0 ? limit : shorter(limit, kBlindWait));
  }
  static constexpr Duration kBlindWait = milliseconds(250);
  // For an owner that sleeps elsewhere, as a print engine with a transport of its own does: appends
  // what is ready as soon as poll() has something to do, and says for how long poll() may go
  // uncalled while none of that is. A transport that can't tell leaves both as they are: then its
  // owner calls often enough for a transfer to get on.
  virtual void descriptors(std::vector<WaitOn>& out) const { (void)out; }
  virtual Duration poll_within() const { return kBlindPoll; }
  static constexpr Duration kBlindPoll = milliseconds(10);
  // Ends a wait(), now or the next one. Any thread, also a signal handler's where the adapter says
  // so.
  virtual void wake() noexcept = 0;
};

}  // namespace holdfast
