// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>

#include "crypto.h"
#include "text.h"

namespace print_server {
namespace {

void parse_listen(const std::string& text, Options* options) {
  const size_t colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos ||
      std::atoi(port.c_str()) > 65535) {
    throw UsageError("--listen " + text + ": write HOST:PORT with a port from 0 to 65535");
  }
  options->host = text.substr(0, colon);
  options->port = std::atoi(port.c_str());
  if (options->host.size() > 2 && options->host.front() == '[' && options->host.back() == ']') {
    options->host = options->host.substr(1, options->host.size() - 2);
  }
  if (options->host.empty()) throw UsageError("--listen " + text + ": the host is missing");
}

void add_device(const std::string& text, const std::string& origin, Options* options) {
  const size_t colon = text.find(':');
  const std::string id = text.substr(0, colon);
  const std::string token = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (!is_opaque_id(id) || token.size() < 8) {
    throw UsageError(origin + ": '" + id +
                     "' is not ID:TOKEN with an id of 1 to 64 of [A-Za-z0-9._-] and a token of at"
                     " least 8 characters");
  }
  if (!options->device_tokens.emplace(id, sha256(token)).second) {
    throw UsageError(origin + ": device '" + id + "' is given twice");
  }
}

void add_devices(const std::string& text, Options* options) {
  if (text.empty() || text[0] != '@') {
    add_device(text, "--device-token", options);
    return;
  }
  std::ifstream file(text.substr(1));
  if (!file) {
    throw UsageError("--device-token " + text + ": cannot read the file; check path and rights");
  }
  std::string line;
  while (std::getline(file, line)) {
    line = trimmed(line);
    if (!line.empty() && line[0] != '#') add_device(line, text.substr(1), options);
  }
}

void check(const Options& options) {
  if (!is_opaque_id(options.cluster_id)) {
    throw UsageError("--cluster-id '" + options.cluster_id + "': use 1 to 64 of [A-Za-z0-9._:-]");
  }
  if (options.device_tokens.empty()) {
    throw UsageError("no device may use this server: give --device-token ID:TOKEN or @FILE");
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    throw UsageError("--tls-cert and --tls-key belong together: give both or neither");
  }
  if (!options.tls_client_ca.empty() && options.tls_cert.empty()) {
    throw UsageError("--tls-client-ca needs --tls-cert and --tls-key");
  }
  if (options.server_list.empty() != options.list_key.empty()) {
    throw UsageError(
        "--server-list and --list-key belong together: an unsigned list is never sent");
  }
  if (options.allow_faults && options.admin_token.empty()) {
    throw UsageError("--allow-faults needs --admin-token: faults are set through /admin");
  }
}

struct Words {
  std::string listen = "127.0.0.1:0";
  std::string role = "active";
  std::string stable = "commit";
  std::vector<std::string> devices;
};

void declare(CLI::App* app, Options* options, Words* words) {
  app->add_option("--listen", words->listen, "HOST:PORT; port 0 takes a free one");
  app->add_option("--data", options->data_dir, "Folder of server.db, jobs/ and drop/")->required();
  app->add_option("--cluster-id", options->cluster_id, "Name of the data served")->required();
  app->add_option("--role", words->role, "active | passive | draining | auto (a lock in --data)")
      ->check(CLI::IsMember({"active", "passive", "draining", "auto"}));
  app->add_flag("--new-incarnation", options->new_incarnation,
                "The data was restored from a backup: devices send again what they retain");
  app->add_option("--tls-cert", options->tls_cert, "PEM certificate chain; turns https on");
  app->add_option("--tls-key", options->tls_key, "PEM private key");
  app->add_option("--tls-client-ca", options->tls_client_ca,
                  "PEM; devices must show a certificate with their id as common name");
  app->add_option("--device-token", words->devices, "ID:TOKEN, or @FILE with one a line");
  app->add_option("--import-users", options->users_file, "JSON file of users; see README.md");
  app->add_flag("--accept-asserted-users", options->accept_asserted_users,
                "Believe Holdfast-User from a device whose user logged in elsewhere");
  app->add_option("--sync-verifiers", options->sync_verifiers,
                  "Offline verifiers in the user feed: none | cards | all")
      ->check(CLI::IsMember({"none", "cards", "all"}));
  app->add_option("--spread-s", options->spread_s, "Sent to devices: spread of their return")
      ->check(CLI::Range(0, 86400));
  app->add_option("--probe-s", options->probe_s, "Sent to devices: interval of their probes")
      ->check(CLI::Range(1, 3600));
  app->add_option("--lease-s", options->lease_s, "Life of a claim between renewals")
      ->check(CLI::Range(1, 86400));
  app->add_option("--receipt-s", options->receipt_s, "Life of a login receipt")
      ->check(CLI::Range(1, 7 * 86400));
  app->add_option("--lock-after", options->lock_after, "Wrong passwords before a pause")
      ->check(CLI::Range(1, 1000));
  app->add_option("--lock-s", options->lock_s, "Length of that pause")->check(CLI::Range(1, 86400));
  app->add_option("--kdf-iterations", options->kdf_iterations,
                  "PBKDF2 iterations of stored secrets")
      ->check(CLI::Range(1, 1000000));
  app->add_option("--stable-after", words->stable,
                  "When accounting counts as stable: commit, or backup (POST /admin/backup)")
      ->check(CLI::IsMember({"commit", "backup"}));
  app->add_option("--max-document-bytes", options->max_document_bytes)
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  app->add_option("--server-list", options->server_list, "JSON server list to sign and hand out");
  app->add_option("--list-key", options->list_key, "PEM ECDSA P-256 key that signs");
  app->add_option("--admin-token", options->admin_token, "Opens /admin to loopback");
  app->add_flag("--allow-faults", options->allow_faults, "Open /admin/faults");
  app->add_option("--record", options->record_file, "Append requests and answers as NDJSON");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  Words words;
  CLI::App app("A print server that speaks Holdfast's device protocol", "holdfast-print-server");
  declare(&app, &options, &words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    std::exit(app.exit(e));
  } catch (const CLI::ParseError& e) {
    throw UsageError(std::string(e.what()) + " (see --help)");
  }
  parse_listen(words.listen, &options);
  for (const std::string& device : words.devices) add_devices(device, &options);
  options.role = words.role == "active"     ? StartRole::active
                 : words.role == "passive"  ? StartRole::passive
                 : words.role == "draining" ? StartRole::draining
                                            : StartRole::automatic;
  options.stable_after_backup = words.stable == "backup";
  check(options);
  return options;
}

}  // namespace print_server
