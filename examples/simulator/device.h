// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <memory>

#include "options.h"

namespace mfp {

// The ports of a Linux device, all from the library's adapters but the log.
// Outlives the client.
class Device {
 public:
  explicit Device(const Options& options);  // throws StartError
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  holdfast::Ports ports() const;

 private:
  std::unique_ptr<holdfast::Transport> transport_;
  std::unique_ptr<holdfast::Resolver> resolver_;  // null: names are the transport's
  std::unique_ptr<holdfast::ServerProtocol> protocol_;
  std::unique_ptr<holdfast::Random> random_;
  std::unique_ptr<holdfast::Crypto> crypto_;
  std::unique_ptr<holdfast::StateStore> state_;
  std::unique_ptr<holdfast::Documents> documents_;
  std::unique_ptr<holdfast::PrintEngine> engine_;
  std::unique_ptr<holdfast::Log> log_;
  std::unique_ptr<holdfast::Executor> executor_;  // last: its tasks use the others
};

}  // namespace mfp
