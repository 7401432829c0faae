// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace print_server {

// Binary values travel in std::string; hex and base64 only where they leave the process.
std::string sha256(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);
std::string pbkdf2_sha256(std::string_view secret, std::string_view salt, int iterations);
std::string random_bytes(size_t count);
bool equal_constant_time(std::string_view a, std::string_view b);

std::string hex(std::string_view data);
bool unhex(std::string_view text, std::string* out);
std::string base64(std::string_view data);
bool unbase64(std::string_view text, std::string* out);
std::string base64url(std::string_view data);
bool unbase64url(std::string_view text, std::string* out);

std::string random_uuid();
std::string uuid_from(std::string_view digest);  // the first 16 bytes, marked as version 8

class Sha256 {
 public:
  Sha256();
  void update(const char* data, size_t size);
  std::string digest();

 private:
  std::shared_ptr<void> context_;
};

// An ECDSA P-256 key; what it signs can be checked offline by a device.
class SigningKey {
 public:
  explicit SigningKey(const std::string& pem_path);  // throws UsageError
  const std::string& key_id() const { return key_id_; }
  std::string sign(std::string_view data) const;  // raw r || s, 64 bytes

 private:
  std::shared_ptr<void> key_;
  std::string key_id_;
};

}  // namespace print_server
