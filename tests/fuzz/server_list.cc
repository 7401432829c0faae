// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// A list of servers: whatever is accepted could stand in a configuration.
#include "codec/server_list.h"
#include "codec/protocol_v1.h"
#include "fuzz.h"
#include "holdfast/config.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto list = codec::parse_server_list(std::string(fuzz::bytes_of(data, size)));
  if (!list) return 0;
  HOLDFAST_MUST(list->version > 0 && list->version <= uint64_t{INT64_MAX});
  HOLDFAST_MUST(list->device == "*" || is_id(list->device));
  HOLDFAST_MUST(list->not_after_ms >= 0);
  HOLDFAST_MUST(list->servers.size() <= codec::kMaxListedServers);
  Config config;
  config.device_id = "mfp-1";
  config.allow_http = true;
  for (const codec::ListedServer& listed : list->servers) {
    ServerConfig server;
    server.name = listed.name;
    server.url = listed.url;
    server.cluster_id = listed.cluster_id;
    if (config.servers.size() < kMaxServers) config.servers.push_back(std::move(server));
  }
  HOLDFAST_MUST(validate(config).empty());
  return 0;
}
