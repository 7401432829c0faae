// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "adapters/curl/exchange.h"
#include "adapters/curl/pool.h"
#include "adapters/curl/request.h"
#include "adapters/curl/verify_clock.h"
#include "adapters/curl/wake.h"
#include "holdfast/adapters/curl_transport.h"
#include "holdfast/ports/transport.h"

namespace holdfast::curl {

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(const CurlTransportOptions& options)
      : options_(options), clock_(options) {}
  ~CurlTransport() override;

  Status open();

  Status set_server(ServerIndex server, const ServerConfig& config, const TlsConfig& tls) override;
  void remove_server(ServerIndex server) override;
  Status start(Transfer&& transfer) override;
  void cancel(TransferId id) override;
  void drop_pool(ServerIndex server) override;
  void poll() override;
  bool take(TransferResult& result) override;
  void wait(Duration limit) override;
  void wait_also(Duration limit, const WaitOn* also, size_t count) override;
  void descriptors(std::vector<WaitOn>& out) const override;
  Duration poll_within() const override;
  void wake() noexcept override { wake_.wake(); }

 private:
  struct Slot {
    bool set = false;
    ServerConfig config;
    Target target;
    std::unique_ptr<Pool> pool;  // from the first exchange on
  };
  // The last slot serves exchanges without a server.
  static constexpr size_t kLoose = kMaxServers;

  Slot& slot_of(ServerIndex server) { return slots_[server == kNoServer ? kLoose : server]; }
  Status begin(std::unique_ptr<Exchange> exchange, const Target& target);
  void collect_sockets();
  Instant due() const;
  void serve_ready_sockets();
  void serve_timers();
  void collect_finished();
  void run_races(Instant now);
  void end_overdue(Instant now);
  void close(size_t index, TransferResult result);

  CurlTransportOptions options_;
  const VerifyClock clock_;
  bool global_ = false;
  WakePipe wake_;
  std::array<Slot, kMaxServers + 1> slots_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::deque<TransferResult> results_;
  std::vector<pollfd> sockets_;       // scratch of poll() and wait()
  std::vector<Pool*> socket_owners_;  // for each of them
};

}  // namespace holdfast::curl
