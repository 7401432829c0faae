// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// What is inside a signed list of servers. Parse only what a signature vouches for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/status.h"

namespace holdfast::codec {

struct ListedServer {
  std::string name;
  std::string url;
  std::string cluster_id;
};

struct ServerList {
  uint64_t version = 0;
  std::string device;                 // a device's id, or "*" for each
  int64_t not_after_ms = 0;           // Unix time
  std::vector<ListedServer> servers;  // names are unique
};

// corrupt: it isn't a list, or a name or URL in it could not be configured.
Result<ServerList> parse_server_list(const std::string& payload);

}  // namespace holdfast::codec
