// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "credentials.h"

#include <holdfast/adapters/posix.h>
#if MFP_SQLITE
#include <holdfast/adapters/sqlite_database.h>
#endif

#include <utility>

namespace mfp {
namespace {

using namespace holdfast;

// The key file, under a better name than it has: a lab can try what a device with such a key does.
class LabKey final : public DeviceKey {
 public:
  LabKey(std::unique_ptr<DeviceKey> file, KeyTier claimed)
      : file_(std::move(file)), claimed_(claimed) {}
  KeyTier tier() const override { return claimed_; }
  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override {
    return file_->hmac(label, data, size);
  }
  Result<std::string> wrap(const Key256& key) override { return file_->wrap(key); }
  Result<Key256> unwrap(const std::string& wrapped) override { return file_->unwrap(wrapped); }

 private:
  const std::unique_ptr<DeviceKey> file_;
  const KeyTier claimed_;
};

[[noreturn]] void refuse(const std::string& what, Status status, const std::string& problem) {
  throw StartError(what + ": " + (problem.empty() ? status.message() : problem));
}

}  // namespace

Credentials::Credentials(const Options& options, const Config& config, Crypto& crypto) {
  if (config.offline.cache == CacheMode::off) return;
  if (options.device_key.empty()) {
    warning_ =
        "the configuration has a credential cache, but there is no --device-key: nobody logs"
        " in while no server answers";
    return;
  }
  open_key(options, crypto);
  open_database(options, credentials_on_flash(config.offline, key_->tier()));
  if (!options.kdf_iterations_given) {
    kdf_iterations_ = calibrate_kdf(crypto, config.offline.kdf_target_ms);
  }
}

void Credentials::open_key(const Options& options, Crypto& crypto) {
  std::string problem;
  auto key = file_device_key(options.device_key, crypto, &problem);
  if (!key) refuse("--device-key", key.error(), problem);
  key_ = std::move(*key);
  if (options.lab_key_tier == KeyTier::none) return;
  warning_ = std::string("LAB ONLY: the key file ") + options.device_key + " claims the tier " +
             to_string(options.lab_key_tier) +
             ". Whoever reads it can undo what protects the credentials";
  key_ = std::make_unique<LabKey>(std::move(key_), options.lab_key_tier);
}

#if MFP_SQLITE
void Credentials::open_database(const Options& options, bool on_flash) {
  SqliteOptions sqlite;
  sqlite.in_memory = !on_flash;
  if (on_flash) sqlite.path = options.state_dir + "/cred.db";
  std::string problem;
  auto database = sqlite_database(sqlite, &problem);
  if (!database && database.error().code() == Code::corrupt) {
    set_aside_ = problem;
    const Status aside = sqlite_set_aside(sqlite.path, &problem);
    if (!aside.ok()) refuse("--state", aside, problem);
    database = sqlite_database(sqlite, &problem);
  }
  if (!database) refuse("--state", database.error(), problem);
  database_ = std::move(*database);
}
#else
void Credentials::open_database(const Options&, bool) {
  throw StartError("--device-key: this build has no SQLite for the credential cache");
}
#endif

}  // namespace mfp
