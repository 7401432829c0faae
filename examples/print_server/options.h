// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace print_server {

enum class StartRole { active, passive, draining, automatic };

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string data_dir;
  std::string cluster_id;
  StartRole role = StartRole::active;
  bool new_incarnation = false;

  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;

  std::map<std::string, std::string> device_tokens;  // device id -> SHA-256 of its token
  std::string users_file;
  bool accept_asserted_users = false;
  std::string sync_verifiers = "none";  // none | cards | all

  int spread_s = 300;
  int probe_s = 10;
  int lease_s = 120;
  int receipt_s = 8 * 3600;
  int lock_after = 5;
  int lock_s = 30;
  int kdf_iterations = 10000;
  bool stable_after_backup = false;
  int64_t max_document_bytes = int64_t{512} * 1024 * 1024;

  std::string server_list;
  std::string list_key;

  std::string admin_token;
  bool allow_faults = false;
  std::string record_file;

  bool tls() const { return !tls_cert.empty(); }
};

// Ends the process itself for --help and --version; throws UsageError for anything wrong.
Options parse_options(int argc, char** argv);

}  // namespace print_server
