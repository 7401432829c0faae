// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <memory>

#include "clock.h"
#include "credentials.h"
#include "options.h"

namespace mfp {

// The ports of a Linux device, all from the library's adapters but the log.
// Outlives the client.
class Device {
 public:
  Device(const Options& options, const holdfast::Config& config);  // throws StartError
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  holdfast::Ports ports() const;
  Clock& clock() { return *clock_; }
  const Credentials& credentials() const { return *credentials_; }
  // For which certificates are verified at the earliest; 0 where this build's TLS can't be told.
  int64_t clock_floor_unix_ms() const { return floored_ ? clock_->floor_unix_ms() : 0; }

 private:
  std::unique_ptr<holdfast::Transport> make_transport();
  std::unique_ptr<holdfast::Resolver> make_resolver(const Options& options);
  std::unique_ptr<holdfast::PrintEngine> make_engine(const Options& options);

  bool floored_ = true;
  std::unique_ptr<holdfast::StateStore> state_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<holdfast::Executor> names_worker_;  // null: names are looked up without it
  std::unique_ptr<holdfast::Transport> transport_;
  std::unique_ptr<holdfast::Resolver> resolver_;
  std::unique_ptr<holdfast::ServerProtocol> protocol_;
  std::unique_ptr<holdfast::Random> random_;
  std::unique_ptr<holdfast::Crypto> crypto_;
  std::unique_ptr<Credentials> credentials_;
  std::unique_ptr<holdfast::Documents> documents_;
  std::unique_ptr<holdfast::PrintEngine> engine_;
  std::unique_ptr<holdfast::NetworkMonitor> network_;  // null: nobody watches
  std::unique_ptr<holdfast::Log> log_;
  std::unique_ptr<holdfast::Executor> executor_;  // last: its tasks use the others
};

}  // namespace mfp
