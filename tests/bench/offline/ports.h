// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Ports that measure what goes through them.
#pragma once

#include <holdfast/ports/crypto.h>
#include <holdfast/ports/database.h>
#include <holdfast/ports/device_key.h>
#include <holdfast/ports/transport.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::bench {

int64_t now_us();
int64_t process_cpu_us();
int64_t thread_cpu_us();

// The file key of the posix adapter, said to be fused into the processor.
class FusedKey final : public DeviceKey {
 public:
  explicit FusedKey(std::unique_ptr<DeviceKey> key) : key_(std::move(key)) {}
  KeyTier tier() const override { return KeyTier::soc_bound; }
  Result<Sha256Digest> hmac(const std::string& label, const uint8_t* data, size_t size) override {
    return key_->hmac(label, data, size);
  }
  Result<std::string> wrap(const Key256& key) override { return key_->wrap(key); }
  Result<Key256> unwrap(const std::string& wrapped) override { return key_->unwrap(wrapped); }

 private:
  std::unique_ptr<DeviceKey> key_;
};

// Notes each derivation, and how long they took.
class WatchedCrypto final : public Crypto {
 public:
  explicit WatchedCrypto(Crypto& crypto) : crypto_(crypto) {}
  struct Derivation {
    std::string salt;
    uint32_t iterations = 0;
  };
  std::vector<Derivation> derivations;
  int64_t derived_us = 0;

  Result<std::unique_ptr<Sha256>> sha256() override { return crypto_.sha256(); }
  Status verify_p256(const std::string& key, const std::string& message,
                     const std::string& signature) override {
    return crypto_.verify_p256(key, message, signature);
  }
  Result<Sha256Digest> hmac_sha256(const uint8_t* key, size_t key_size, const uint8_t* data,
                                   size_t size) override {
    return crypto_.hmac_sha256(key, key_size, data, size);
  }
  Result<Key256> pbkdf2_sha256(const std::string& secret, const std::string& salt,
                               uint32_t iterations) override;
  AeadSuite preferred_suite() const override { return crypto_.preferred_suite(); }
  Result<std::string> seal(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& plain) override {
    return crypto_.seal(suite, key, nonce, associated, plain);
  }
  Result<std::string> open(AeadSuite suite, const Key256& key, const AeadNonce& nonce,
                           const std::string& associated, const std::string& sealed) override {
    return crypto_.open(suite, key, nonce, associated, sealed);
  }

 private:
  Crypto& crypto_;
};

// Notes what is written, and how long that took; reading isn't counted.
class WatchedDatabase final : public Database {
 public:
  explicit WatchedDatabase(Database& database) : database_(database) {}
  enum class Step : uint8_t { begin, put, erase, commit };
  struct Write {
    Step step = Step::begin;
    Space space = 0;
    std::string key;
    size_t value_bytes = 0;
  };
  bool watching = false;  // else it would grow with each list
  std::vector<Write> writes;
  int64_t wrote_us = 0;

  Result<std::string> get(Space space, std::string_view key) override {
    return database_.get(space, key);
  }
  Result<Row> seek(Space space, std::string_view from) override {
    return database_.seek(space, from);
  }
  Status begin() override;
  Status put(Space space, std::string_view key, std::string_view value) override;
  Status erase(Space space, std::string_view key) override;
  Status commit() override;
  void rollback() override { database_.rollback(); }
  Status clear() override { return database_.clear(); }

 private:
  void note(Step step, Space space, std::string_view key, size_t value_bytes);
  Database& database_;
};

// The same writes, with other bytes. False: one failed.
bool write_again(const std::vector<WatchedDatabase::Write>& writes, Database& database);

// Keeps time of the user feed. With `swallow_logins` no login reaches the server, nor is it
// answered: so logins go to the cache while the server hands out its list.
class WatchedTransport final : public Transport {
 public:
  explicit WatchedTransport(Transport& transport) : transport_(transport) {}
  bool swallow_logins = false;
  int64_t health_us = 0;    // when the last answer to a probe came
  int64_t manifest_us = 0;  // when the last manifest was asked for
  int64_t manifest_came_us = 0;
  uint64_t chunks = 0;
  uint64_t chunk_bytes = 0;
  uint64_t manifest_bytes = 0;

  Status set_server(ServerIndex server, const ServerConfig& config, const TlsConfig& tls) override {
    return transport_.set_server(server, config, tls);
  }
  void remove_server(ServerIndex server) override { transport_.remove_server(server); }
  Status start(Transfer&& transfer) override;
  void cancel(TransferId id) override { transport_.cancel(id); }
  void drop_pool(ServerIndex server) override { transport_.drop_pool(server); }
  void poll() override { transport_.poll(); }
  bool take(TransferResult& result) override;
  void wait(Duration limit) override { transport_.wait(limit); }
  void wait_also(Duration limit, const WaitOn* also, size_t count) override {
    transport_.wait_also(limit, also, count);
  }
  void descriptors(std::vector<WaitOn>& out) const override { transport_.descriptors(out); }
  Duration poll_within() const override { return transport_.poll_within(); }
  void wake() noexcept override { transport_.wake(); }

 private:
  Transport& transport_;
  TransferId manifest_ = 0;
  TransferId chunk_ = 0;
  TransferId health_ = 0;
};

}  // namespace holdfast::bench
