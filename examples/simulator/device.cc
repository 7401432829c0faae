// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#if MFP_CARES
#include <holdfast/adapters/cares_resolver.h>
#endif
#include <holdfast/adapters/curl_transport.h>
#include <holdfast/adapters/folder_engine.h>
#include <holdfast/adapters/ipp_engine.h>
#include <holdfast/adapters/mbedtls_crypto.h>
#if MFP_NETLINK
#include <holdfast/adapters/netlink_monitor.h>
#endif
#include <holdfast/adapters/posix.h>

#include <cstdio>

namespace mfp {
namespace {

class StderrLog final : public holdfast::Log {
 public:
  explicit StderrLog(holdfast::LogLevel most) : most_(most) {}
  void write(holdfast::LogLevel level, const char* text) noexcept override {
    static constexpr const char* kNames[] = {"error", "warning", "info", "debug"};
    if (level > most_) return;
    std::fprintf(stderr, "%lld %s %s\n",
                 static_cast<long long>(holdfast::monotonic_now().us / 1000),
                 kNames[static_cast<size_t>(level)], text);
  }

 private:
  const holdfast::LogLevel most_;
};

std::string explained(holdfast::Status status, const std::string& problem) {
  if (!problem.empty()) return problem;
  return std::string(to_string(status.code())) + " (" + std::to_string(status.number()) +
         "): " + status.message();
}

template <class T>
T had(holdfast::Result<T>&& result, const std::string& what, const std::string& problem = {}) {
  if (!result) throw StartError(what + ": " + explained(result.error(), problem));
  return std::move(*result);
}

std::unique_ptr<holdfast::NetworkMonitor> make_monitor(const Options& options) {
  if (!options.watch_network) return nullptr;
#if MFP_NETLINK
  holdfast::NetlinkMonitorOptions config;
  config.interface_name = options.interface_name;
  return had(holdfast::netlink_monitor(config), "--device-network");
#else
  throw StartError("--device-network: this build has no netlink");
#endif
}

}  // namespace

// Where the TLS library can't be told the time, its own clock counts.
std::unique_ptr<holdfast::Transport> Device::make_transport() {
  holdfast::CurlTransportOptions config;
  config.clock_floor_unix_ms = clock_->floor_unix_ms();
  config.wall_clock_unix_ms = Clock::source();
  auto transport = holdfast::curl_transport(config);
  const bool told = transport || transport.error().code() != holdfast::Code::unsupported;
  if (!told && config.wall_clock_unix_ms == nullptr) {
    floored_ = false;
    transport = holdfast::curl_transport();
  }
  return had(std::move(transport), "libcurl");
}

std::unique_ptr<holdfast::Resolver> Device::make_resolver(const Options& options) {
#if MFP_CARES
  holdfast::CaresResolverOptions config;
  config.name_servers = options.name_servers;
  return had(holdfast::cares_resolver(config), "--device-name-server");
#else
  if (!options.name_servers.empty())
    throw StartError("--device-name-server: this build has no c-ares");
  if (!names_worker_) {
    names_worker_ = had(holdfast::worker_executor("mfp-names"), "the thread for names");
  }
  return had(holdfast::executor_resolver(*names_worker_), "names");
#endif
}

std::unique_ptr<holdfast::PrintEngine> Device::make_engine(const Options& options) {
  if (options.engine_kind == EngineKind::folder) {
    holdfast::FolderEngineConfig config;
    config.directory = options.engine_target;
    config.page_ms = options.page_ms;
    std::string problem;
    auto engine = holdfast::folder_engine(config, &problem);
    return had(std::move(engine), "--engine folder", problem);
  }
  holdfast::IppEngineConfig config;
  config.printer_url = options.engine_target;
  config.tls.ca_file = options.printer_ca;
  // Transport and resolver of its own: the engine's transfers are not the servers'.
  return had(holdfast::ipp_engine(make_transport(), config, make_resolver(options)),
             "--engine " + options.engine_target);
}

Device::Device(const Options& options, const holdfast::Config& config) {
  std::string problem;
  // Two statements: the text is written by the call, and is wanted after it.
  auto state = holdfast::file_state_store(options.state_dir, &problem);
  state_ = had(std::move(state), "--state", problem);
  auto documents = holdfast::file_documents(options.state_dir, options.storage_bytes, &problem);
  documents_ = had(std::move(documents), "--state", problem);
  clock_ = std::make_unique<Clock>(options, *state_);
  transport_ = make_transport();
  // Without c-ares the servers' names are left to libcurl.
  if (MFP_CARES || !options.name_servers.empty()) resolver_ = make_resolver(options);
  protocol_ = holdfast::device_protocol_v1();
  random_ = holdfast::system_random();
  crypto_ = had(holdfast::mbedtls_crypto(), "mbedTLS");
  credentials_ = std::make_unique<Credentials>(options, config, *crypto_);
  engine_ = make_engine(options);
  network_ = make_monitor(options);
  if (options.log) log_ = std::make_unique<StderrLog>(options.log_level);
  executor_ = options.worker ? had(holdfast::worker_executor("mfp-worker"), "the worker thread")
                             : holdfast::inline_executor();
}

Device::~Device() = default;

holdfast::Ports Device::ports() const {
  holdfast::Ports ports;
  ports.transport = transport_.get();
  ports.protocol = protocol_.get();
  ports.state = state_.get();
  ports.executor = executor_.get();
  ports.random = random_.get();
  ports.crypto = crypto_.get();
  ports.documents = documents_.get();
  ports.engine = engine_.get();
  ports.log = log_.get();
  ports.resolver = resolver_.get();
  ports.network = network_.get();
  ports.device_key = credentials_->key();
  ports.credentials = credentials_->database();
  return ports;
}

}  // namespace mfp
