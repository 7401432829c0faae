// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/transport.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "adapters/curl/clock.h"
#include "adapters/curl/options.h"
#include "adapters/curl/tls_watch.h"
#include "adapters/curl/wiping_memory.h"

namespace holdfast::curl {
namespace {

// A timer that libcurl sets again for the same moment must not keep poll() from returning.
constexpr int kTimerRounds = 8;
constexpr Duration kLongestSleep = seconds(3600);

// A new name, probe or grace changes nothing about a connection; everything else makes it another
// service.
bool same_service(const ServerConfig& a, const ServerConfig& b) {
  return a.url == b.url && a.cluster_id == b.cluster_id && a.token == b.token;
}

bool same_tls(const TlsConfig& a, const TlsConfig& b) {
  return a.ca_file == b.ca_file && a.ca_pem == b.ca_pem && a.pin_sha256 == b.pin_sha256 &&
         a.pin_next_sha256 == b.pin_next_sha256 &&
         a.client_certificate_file == b.client_certificate_file &&
         a.client_key_file == b.client_key_file;
}

// Whatever becomes of the transfer, nothing of a secret stays behind in the caller's object (a
// short string is copied where a long one is moved).
struct BodyWiper {
  Transfer& transfer;
  ~BodyWiper() {
    if (transfer.body_is_secret) wipe(transfer.body);
  }
};

timespec to_timespec(Duration length) {
  const int64_t us = std::max<int64_t>(0, length.us);
  timespec result = {};
  result.tv_sec = static_cast<time_t>(us / 1000000);
  result.tv_nsec = static_cast<long>(us % 1000000) * 1000;
  return result;
}

}  // namespace

Status CurlTransport::open() {
  if (options_.global_init) {
    const CURLcode code = global_init_wiping();
    if (code != CURLE_OK) return Status(Code::unsupported, static_cast<int32_t>(code));
    global_ = true;
  }
  const curl_version_info_data* version = curl_version_info(CURLVERSION_NOW);
  constexpr unsigned kOldest = 0x075500;  // CURLOPT_PROTOCOLS_STR
  if (version->version_num < kOldest || (version->features & CURL_VERSION_SSL) == 0) {
    return Code::unsupported;
  }
  const Status clock = clock_.check();
  if (!clock.ok()) return clock;
  // Never take another backend's structures for mbedTLS's.
  if (!TlsWatch::fits(*version)) return Code::unsupported;
  if (!wake_.open()) return Status(Code::io_error, errno);
  return {};
}

CurlTransport::~CurlTransport() {
  {
    const SigpipeGuard guard;
    for (const auto& exchange : exchanges_) slot_of(exchange->server()).pool->remove(*exchange);
    exchanges_.clear();
    for (Slot& slot : slots_) slot.pool.reset();
  }
  for (TransferResult& result : results_) wipe(result.body);
  if (global_) curl_global_cleanup();
}

Status CurlTransport::set_server(ServerIndex server, const ServerConfig& config,
                                 const TlsConfig& tls) {
  if (server >= kMaxServers) return Code::invalid_argument;
  Result<Target> target = parse_target(config.url, tls);
  if (!target) return target.error();
  target->clock = &clock_;

  // All options are tried once, so that what this libcurl can't do is known now and not in an
  // outage.
  Transfer trial;
  trial.server = server;
  trial.url = "/";
  const Status usable = Exchange(std::move(trial), steady_now()).prepare(*target);
  if (!usable.ok()) return usable;

  Slot& slot = slots_[server];
  if (slot.set && same_service(slot.config, config) && same_tls(slot.target.tls, tls)) {
    slot.config = config;
    return {};
  }
  drop_pool(server);
  slot.set = true;
  slot.config = config;
  slot.target = std::move(*target);
  return {};
}

void CurlTransport::remove_server(ServerIndex server) {
  if (server >= kMaxServers) return;
  drop_pool(server);
  slots_[server] = Slot();
}

Status CurlTransport::start(Transfer&& transfer) {
  const BodyWiper wiper{transfer};
  const bool loose = transfer.server == kNoServer;
  if (!loose && (transfer.server >= kMaxServers || !slots_[transfer.server].set)) {
    return Code::not_found;
  }
  const Status checked = check_request(transfer);
  if (!checked.ok()) return checked;
  const auto same_id = [&](const auto& other) { return other->id() == transfer.id; };
  if (std::any_of(exchanges_.begin(), exchanges_.end(), same_id)) return Code::already_exists;

  Target loose_target;
  if (loose) {
    Result<Target> parsed = parse_whole_url(transfer.url);
    if (!parsed) return parsed.error();
    loose_target = std::move(*parsed);
    loose_target.clock = &clock_;
  }
  const Target& target = loose ? loose_target : slots_[transfer.server].target;
  return begin(std::make_unique<Exchange>(std::move(transfer), steady_now()), target);
}

Status CurlTransport::begin(std::unique_ptr<Exchange> exchange, const Target& target) {
  const SigpipeGuard guard;
  Slot& slot = slot_of(exchange->server());
  if (!slot.pool) {
    Result<std::unique_ptr<Pool>> pool = Pool::create(options_.idle_connections);
    if (!pool) return pool.error();
    slot.pool = std::move(*pool);
  }
  const Status prepared = exchange->prepare(target);
  if (!prepared.ok()) {
    results_.push_back(exchange->fail(prepared));
    return {};
  }
  const Status added = slot.pool->add(*exchange);
  if (!added.ok()) return added;
  exchanges_.push_back(std::move(exchange));
  return {};
}

void CurlTransport::cancel(TransferId id) {
  const SigpipeGuard guard;
  const auto result = std::find_if(results_.begin(), results_.end(),
                                   [id](const TransferResult& ended) { return ended.id == id; });
  if (result != results_.end()) {
    wipe(result->body);
    results_.erase(result);
  }
  const auto found = std::find_if(exchanges_.begin(), exchanges_.end(),
                                  [id](const auto& exchange) { return exchange->id() == id; });
  if (found == exchanges_.end()) return;
  slot_of((*found)->server()).pool->remove(**found);
  exchanges_.erase(found);
}

// Takes the exchange out of its pool; its result waits for take().
void CurlTransport::close(size_t index, TransferResult result) {
  const std::unique_ptr<Exchange> exchange = std::move(exchanges_[index]);
  exchanges_.erase(exchanges_.begin() + static_cast<ptrdiff_t>(index));
  slot_of(exchange->server()).pool->remove(*exchange);
  results_.push_back(std::move(result));
}

void CurlTransport::drop_pool(ServerIndex server) {
  if (server >= kMaxServers) return;
  const SigpipeGuard guard;
  for (size_t i = 0; i < exchanges_.size();) {
    if (exchanges_[i]->server() == server) {
      close(i, exchanges_[i]->drop());
    } else {
      ++i;
    }
  }
  slots_[server].pool.reset();
}

void CurlTransport::poll() {
  const SigpipeGuard guard;
  const Instant now = steady_now();
  serve_timers();
  serve_ready_sockets();
  collect_finished();
  run_races(now);
  // Last, so that what arrived while the host's loop stood still is an answer and not a time-out.
  end_overdue(now);
}

void CurlTransport::collect_sockets() {
  sockets_.clear();
  socket_owners_.clear();
  for (const Slot& slot : slots_) {
    if (!slot.pool) continue;
    for (const pollfd& watched : slot.pool->watched()) {
      sockets_.push_back(watched);
      socket_owners_.push_back(slot.pool.get());
    }
  }
  // Beyond the owners' list: looked after by their race.
  for (const auto& exchange : exchanges_) exchange->race().watch(sockets_);
}

void CurlTransport::serve_ready_sockets() {
  collect_sockets();
  if (sockets_.empty() || ::poll(sockets_.data(), sockets_.size(), 0) <= 0) return;
  for (size_t i = 0; i < socket_owners_.size(); ++i) {
    if (sockets_[i].revents != 0) socket_owners_[i]->on_ready(sockets_[i].fd, sockets_[i].revents);
  }
}

void CurlTransport::serve_timers() {
  for (Slot& slot : slots_) {
    // Often one timer sets the next one for the same moment: a new exchange's first steps.
    for (int round = 0; round < kTimerRounds && slot.pool && slot.pool->deadline() <= steady_now();
         ++round) {
      slot.pool->on_time();
    }
  }
}

void CurlTransport::collect_finished() {
  for (Slot& slot : slots_) {
    CURLcode code = CURLE_OK;
    while (Exchange* done = slot.pool ? slot.pool->take_finished(code) : nullptr) {
      const auto found =
          std::find_if(exchanges_.begin(), exchanges_.end(),
                       [done](const auto& exchange) { return exchange.get() == done; });
      if (found == exchanges_.end()) continue;
      if (done->goes_on(code, steady_now())) {
        slot.pool->remove(*done);
        continue;
      }
      close(static_cast<size_t>(found - exchanges_.begin()), done->finish(code));
    }
  }
}

void CurlTransport::run_races(Instant now) {
  for (size_t i = 0; i < exchanges_.size();) {
    Exchange& exchange = *exchanges_[i];
    Pool& pool = *slot_of(exchange.server()).pool;
    std::string address;
    int connection = -1;
    if (exchange.race().won(now, &address, &connection)) {
      pool.remove(exchange);
      Status moved = exchange.move_to(address, connection);
      if (moved.ok()) moved = pool.add(exchange);
      if (!moved.ok()) {
        close(i, exchange.fail(moved));
        continue;
      }
    } else if (exchange.race().lost()) {
      close(i, exchange.lose());
      continue;
    }
    ++i;
  }
}

void CurlTransport::end_overdue(Instant now) {
  for (size_t i = 0; i < exchanges_.size();) {
    if (exchanges_[i]->deadline() <= now) {
      close(i, exchanges_[i]->time_out());
    } else {
      ++i;
    }
  }
}

bool CurlTransport::take(TransferResult& result) {
  if (results_.empty()) return false;
  result = std::move(results_.front());
  results_.pop_front();
  return true;
}

void CurlTransport::wait(Duration limit) { wait_also(limit, nullptr, 0); }

// When poll() has something to do without any descriptor.
Instant CurlTransport::due() const {
  if (!results_.empty()) return {};
  Instant until = Instant::never();
  for (const Slot& slot : slots_) {
    if (slot.pool) until = earlier(until, slot.pool->deadline());
  }
  for (const auto& exchange : exchanges_)
    until = earlier(until, earlier(exchange->deadline(), exchange->race().deadline()));
  return until;
}

Duration CurlTransport::poll_within() const {
  return longer(shorter(due() - steady_now(), kLongestSleep), Duration{0});
}

void CurlTransport::descriptors(std::vector<WaitOn>& out) const {
  std::vector<pollfd> scouts;
  for (const auto& exchange : exchanges_) exchange->race().watch(scouts);
  const auto add = [&out](const pollfd& watched) {
    out.push_back({watched.fd, (watched.events & POLLIN) != 0, (watched.events & POLLOUT) != 0});
  };
  for (const Slot& slot : slots_) {
    if (slot.pool) std::for_each(slot.pool->watched().begin(), slot.pool->watched().end(), add);
  }
  std::for_each(scouts.begin(), scouts.end(), add);
}

void CurlTransport::wait_also(Duration limit, const WaitOn* also, size_t count) {
  const Instant until = earlier(steady_now() + shorter(limit, kLongestSleep), due());

  collect_sockets();
  for (size_t i = 0; i < count; ++i) {
    const int events = (also[i].read ? POLLIN : 0) | (also[i].write ? POLLOUT : 0);
    sockets_.push_back({also[i].fd, static_cast<short>(events), 0});
  }
  sockets_.push_back({wake_.read_end(), POLLIN, 0});
  const timespec length = to_timespec(until - steady_now());
  (void)::ppoll(sockets_.data(), sockets_.size(), &length, nullptr);
  if (sockets_.back().revents != 0) wake_.drain();
}

}  // namespace holdfast::curl

namespace holdfast {

Result<std::unique_ptr<Transport>> curl_transport(const CurlTransportOptions& options) {
  if (options.idle_connections < 1 || options.idle_connections > 64) {
    return failure(Code::invalid_argument);
  }
  auto transport = std::make_unique<curl::CurlTransport>(options);
  const Status opened = transport->open();
  if (!opened.ok()) return failure(opened);
  return transport;
}

}  // namespace holdfast
