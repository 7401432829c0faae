// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "app.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "text.h"

namespace print_server {

using nlohmann::json;

App::App(const Options& given, UserImport import)
    : options(given),
      users_import(std::move(import)),
      started_s(now_s()),
      key(given.list_key.empty() ? nullptr : std::make_unique<SigningKey>(given.list_key)),
      store(given),
      devices(given),
      auth(store, given),
      feed(store, given, key.get()),
      jobs(store, given),
      ledger(store, given),
      audit(store),
      roles(store, given,
            [this] {
              if (!options.users_file.empty()) import_users(store, users_import);
              drop.make_folders();
            }),
      drop(store, jobs, roles) {
  if (!options.server_list.empty()) load_server_list();
}

void App::load_server_list() {
  std::ifstream file(options.server_list, std::ios::binary);
  if (!file) throw UsageError("cannot read the server list " + options.server_list);
  const std::string content(std::istreambuf_iterator<char>(file), {});
  json list = json::parse(content, nullptr, false);
  const auto wrong = [&](const std::string& what) {
    throw UsageError(options.server_list + ": " + what + "; the format is in README.md");
  };
  if (!list.is_object()) wrong("is not a JSON object");
  if (!list.contains("version") || !list["version"].is_number_unsigned() ||
      list["version"].get<uint64_t>() == 0 || list["version"].get<uint64_t>() > INT64_MAX) {
    wrong("'version' must be an integer from 1");
  }
  if (!list.contains("not_after") || !list["not_after"].is_string() ||
      !is_rfc3339_utc(list["not_after"].get<std::string>())) {
    wrong("'not_after' must be an RFC 3339 time in UTC");
  }
  if (!list.contains("servers") || !list["servers"].is_array()) wrong("'servers' must be a list");
  for (const json& server : list["servers"]) {
    for (const char* member : {"name", "url", "cluster_id"}) {
      if (!server.is_object() || !server.contains(member) || !server[member].is_string()) {
        wrong(std::string("each server must have the text '") + member + "'");
      }
    }
  }
  if (!list.contains("device")) list["device"] = "*";
  servers_version = list["version"].get<int64_t>();
  servers_payload = list.dump();
}

}  // namespace print_server
