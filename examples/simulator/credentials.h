// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <memory>
#include <string>
#include <vector>

#include "options.h"

namespace mfp {

// What offline logins need of the device: its key, a database, and how much work a derivation may
// be here. Outlives the executor, whose worker uses it.
class Credentials {
 public:
  // Throws StartError. Without --device-key, or where the configuration has the cache off, there is
  // neither key nor database. The crypto is borrowed.
  Credentials(const Options& options, const holdfast::Config& config, holdfast::Crypto& crypto);

  holdfast::DeviceKey* key() const { return key_.get(); }
  holdfast::Database* database() const { return database_.get(); }
  // What calibrate_kdf() found; 0: not asked.
  uint32_t kdf_iterations() const { return kdf_iterations_; }

  // Lines for whoever looks after the device; empty: none.
  const std::string& warning() const { return warning_; }
  const std::string& set_aside() const { return set_aside_; }  // why the cache began anew

 private:
  void open_key(const Options& options, holdfast::Crypto& crypto);
  void open_database(const Options& options, bool on_flash);

  std::unique_ptr<holdfast::DeviceKey> key_;
  std::unique_ptr<holdfast::Database> database_;
  uint32_t kdf_iterations_ = 0;
  std::string warning_;
  std::string set_aside_;
};

}  // namespace mfp
