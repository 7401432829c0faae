// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace print_server {

struct LoginVerdict;

// What a receipt says. Devices never look inside; only nodes of the cluster do.
struct Receipt {
  std::string id;
  std::string cluster_id;
  std::string user_uid;
  std::string device;
  int64_t expires_s = 0;
};

std::string sign_receipt(const Receipt& receipt, const std::string& key);
bool open_receipt(const std::string& text, const std::string& key, Receipt* out);

// A verdict as it is answered, and stored for its attempt.
std::string verdict_json(const LoginVerdict& verdict);

}  // namespace print_server
